import { type Chance, MINUTE } from '../../chance.ts';
import { type Sealer, tokenHash } from '../../crypto/index.ts';
import type { Database } from '../../storage/index.ts';
import type { ProviderId } from '../project/index.ts';
import type { AttemptSecrets } from '../sso/index.ts';
import { findAttempt, insertAttempt, type Presented, spendAttempt } from './attempt-store.ts';

/** Where an attempt leads back to, and with what. */
export interface PendingAttempt {
  projectId: string;
  redirectUrl: string;
  clientState: string | null;
  codeChallenge: string;
}

/** What a browser comes back with. */
export interface Back {
  provider: ProviderId;
  state: string;
  /** As this browser kept it. Without this half anybody could sign somebody else in to their own account. */
  browser: string;
}

/** Sign-ins that are under way at a provider: begun here, answered at most once. */
export interface SocialAttempts {
  /** Secrets of an attempt that is not begun yet. */
  draw(): AttemptSecrets;
  begin(
    db: Database,
    attempt: PendingAttempt & AttemptSecrets & { provider: ProviderId; browser: string },
  ): Promise<void>;
  /** What is under way by this state in this browser at this provider; changes nothing. */
  find(db: Database, back: Back): Promise<PendingAttempt | null>;
  /** Takes an attempt, committed at once: one answer is one try, however it is judged. Null when there is none to take. */
  spend(db: Database, back: Back & { projectId: string }): Promise<AttemptSecrets | null>;
}

/** 256 bits each. */
const BYTES = 32;
/** Time enough to find a password, and a telephone. */
const LIFE_MS = 10 * MINUTE;
const SEAL = 'social-attempt';

export function createSocialAttempts({ clock, random, sealer }: Chance & { sealer: Sealer }): SocialAttempts {
  const secret = () => Buffer.from(random(BYTES)).toString('base64url');

  function presented({ provider, state, browser }: Back): Presented {
    return { provider, hash: tokenHash(state), browserHash: tokenHash(browser), now: clock() };
  }

  return {
    draw: () => ({ state: secret(), nonce: secret(), codeVerifier: secret() }),
    async begin(db, { state, browser, nonce, codeVerifier, ...attempt }) {
      await insertAttempt(db, {
        ...attempt,
        hash: tokenHash(state),
        browserHash: tokenHash(browser),
        secrets: sealer.seal(SEAL, JSON.stringify({ nonce, codeVerifier })),
        expiresAt: clock() + LIFE_MS,
      });
    },
    async find(db, back) {
      const found = await findAttempt(db, presented(back));
      if (!found) return null;
      const { projectId, redirectUrl, clientState, codeChallenge } = found;
      return { projectId, redirectUrl, clientState, codeChallenge };
    },
    async spend(db, back) {
      const { state, projectId } = back;
      const spent = await spendAttempt(db, { ...presented(back), projectId });
      if (!spent) return null;
      const hidden = JSON.parse(sealer.open(SEAL, spent.secrets)) as Omit<AttemptSecrets, 'state'>;
      return { state, ...hidden };
    },
  };
}
