import type { MailKind, Outbox } from '../../delivery/index.ts';
import type { Transaction } from '../../storage/index.ts';
import type { AuditEvent, Auditor } from '../audit/index.ts';
import { listContacts } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
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
   * For a caller that holds the user. Writes the user's list of factors anew, the trail, and a mail to the owner (A12). Throws `not-signed-in`, which
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
  outbox: Outbox;
}

const EVENTS = {
  enrolled: 'factor.enrolled',
  removed: 'factor.removed',
  renewed: 'factor.renewed',
} as const satisfies Record<Change, AuditEvent>;
const MAILS = {
  enrolled: 'factor_enrolled',
  removed: 'factor_removed',
  renewed: 'recovery_codes_renewed',
} as const satisfies Record<Change, MailKind>;

export function createFactorChanges({ factors, audit, outbox }: Dependencies): FactorChanges {
  return {
    async record(tx, { what, methods, owner }) {
      const { projectId, userId, session, origin } = owner;
      await factors.refresh(tx, userId);
      if (session && !(await sessionExists(tx, session.id))) throw new AuthError('not-signed-in');
      const actor = { userId, sessionId: session?.id ?? null, origin };
      for (const method of methods)
        await audit.record(tx, { event: EVENTS[what], projectId, userId, actor, method });
      const primary = (await listContacts(tx, userId)).find((contact) => contact.isPrimary);
      if (primary)
        await outbox.add(tx, { channel: 'mail', to: primary.address, kind: MAILS[what], values: {} });
    },
  };
}
