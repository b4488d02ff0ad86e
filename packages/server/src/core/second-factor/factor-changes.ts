import type { Transaction } from '../../storage/index.ts';
import type { AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import { type LiveSession, sessionExists } from '../session/index.ts';
import type { Factors, MethodId } from '../sign-in/index.ts';

/** Who changes a factor of their own, and from where. */
export interface Owner {
  projectId: string;
  userId: string;
  /** Null where a sign-in sets up the factor it owes. */
  session: Pick<LiveSession, 'id'> | null;
  origin: Origin;
}

type Change = 'enrolled' | 'removed' | 'renewed';

/** What every change of a second factor brings with it, in the transaction that made the change. */
export interface FactorChanges {
  /**
   * For a caller that holds the user. Writes the user's list of factors anew, the trail, and a notice to the owner (A12). Throws `not-signed-in`, which
   * undoes the change, when the session that asked has been ended meanwhile, by a reset above all.
   */
  record(
    tx: Transaction,
    change: { what: Change; methods: readonly MethodId[]; owner: Owner },
  ): Promise<void>;
}

interface Dependencies {
  factors: Factors;
  audit: Auditor;
  notices: Notices;
}

const EVENTS = {
  enrolled: 'factor.enrolled',
  removed: 'factor.removed',
  renewed: 'factor.renewed',
} as const satisfies Record<Change, AuditEvent>;
const NOTICES = {
  enrolled: 'factor-enrolled',
  removed: 'factor-removed',
  renewed: 'recovery-codes-renewed',
} as const satisfies Record<Change, string>;

export function createFactorChanges({ factors, audit, notices }: Dependencies): FactorChanges {
  return {
    async record(tx, { what, methods, owner }) {
      const { projectId, userId, session, origin } = owner;
      await factors.refresh(tx, userId);
      if (session && !(await sessionExists(tx, session.id))) throw new AuthError('not-signed-in');
      const actor = { userId, sessionId: session?.id ?? null, origin };
      for (const method of methods)
        await audit.record(tx, { event: EVENTS[what], projectId, userId, actor, method });
      await notices.tell(tx, { projectId, userId, what: NOTICES[what] });
    },
  };
}
