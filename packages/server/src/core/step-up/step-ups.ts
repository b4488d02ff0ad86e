import { type Chance, MINUTE } from '../../chance.ts';
import { secretWithChecksum, tokenHash } from '../../crypto/index.ts';
import type { Storage } from '../../storage/index.ts';
import { mayLeadTo, type Project, type Projects } from '../project/index.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import { findStepUp, insertStepUp, spendStepUp } from './step-up-store.ts';

export interface StepUps {
  /**
   * A ticket that stands for this session on the hosted page for ten minutes; told only here. The caller has looked
   * whether the browser may be led to `redirectUrl`.
   */
  begin(wanted: {
    session: LiveSession;
    redirectUrl: string;
    state: string | null;
  }): Promise<{ ticket: string; expiresAt: number }>;
  /**
   * What an unspent ticket stands for, as it is now; null once it is spent or over, its session has ended, or the project
   * leads nobody to that address any more. Spends nothing.
   */
  open(ticket: string): Promise<OpenStepUp | null>;
  /** The same, once: of any number of callers exactly one is told where to go on. */
  finish(ticket: string): Promise<OpenStepUp | null>;
}

export interface OpenStepUp {
  session: LiveSession;
  project: Project;
  redirectUrl: string;
  state: string | null;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

interface Dependencies extends Chance {
  storage: Storage;
  sessions: Pick<Sessions, 'findById'>;
  projects: Pick<Projects, 'find'>;
}

/** As long as a challenge: somebody looks for the telephone. */
const LIFE_MS = 10 * MINUTE;
const PREFIX = 'flux_step_';

export function createStepUps({ storage, sessions, projects, clock, random }: Dependencies): StepUps {
  async function open(ticket: string): Promise<OpenStepUp | null> {
    const stored = await findStepUp(storage.db, { hash: tokenHash(ticket), now: clock() });
    if (!stored) return null;
    const { projectId, redirectUrl, state, expiresAt } = stored;
    const session = await sessions.findById(stored.sessionId, 'flux');
    const project = await projects.find(projectId);
    if (!project || session?.projectId !== projectId || session.suspicion !== 0) return null;
    return mayLeadTo(project, redirectUrl) ? { session, project, redirectUrl, state, expiresAt } : null;
  }

  return {
    async begin({ session: { id: sessionId, projectId }, redirectUrl, state }) {
      const ticket = secretWithChecksum(PREFIX, random);
      const expiresAt = clock() + LIFE_MS;
      const hash = tokenHash(ticket);
      await insertStepUp(storage.db, { hash, projectId, sessionId, redirectUrl, state, expiresAt });
      return { ticket, expiresAt };
    },
    open,
    async finish(ticket) {
      const found = await open(ticket);
      const isSpent = await spendStepUp(storage.db, { hash: tokenHash(ticket), now: clock() });
      return isSpent ? found : null;
    },
  };
}
