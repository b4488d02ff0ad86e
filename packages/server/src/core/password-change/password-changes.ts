import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import { randomUuid, sameSecret, tokenHash } from '../../crypto/index.ts';
import type { Queryable, Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { type Contact, findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { AuthError, type ChangeRefusal } from '../errors.ts';
import type { CodeVerdict, MailedCodes, SentCode } from '../mailed-code/index.ts';
import type { Origin } from '../origin.ts';
import type { Recovery } from '../recovery/index.ts';
import type { IssuedSession, LiveSession } from '../session/index.ts';
import {
  findPasswordChange,
  insertPasswordChange,
  type PasswordChange,
  saveProof,
  spendProof,
  takePasswordChange,
} from './password-change-store.ts';

interface Step {
  session: LiveSession;
  ticket: string;
  origin: Origin;
}

/**
 * Contract 4.8: a new password by a code in the account's mailbox, without the old one. Every step throws
 * `change-refused` for what does not fit, and `rate-limited` where it would send a mail too many.
 */
export interface PasswordChanges {
  start(asking: { session: LiveSession }): Promise<SentCode & { ticket: string }>;
  resend(step: Step): Promise<void>;
  /** A code becomes a proof, once. */
  verify(step: Step & { code: string }): Promise<string>;
  /**
   * A proof becomes a password, once; every session ends, and a new one takes the place of the one that asks.
   * Whoever has a second factor must have proved it to the caller before.
   */
  complete(step: Step & { proof: string; newPassword: string }): Promise<IssuedSession>;
}

interface Dependencies extends Chance {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  codes: MailedCodes;
  recovery: Recovery;
}

/** Time for the mailbox and for thinking of a password; the contract names none. */
const TICKET_MS = HOUR;
/** Contract 7.3. */
const STARTS = { name: 'password-change-start', limit: 3, windowMs: 15 * MINUTE } as const;
const RESENDS = { name: 'password-change-resend', limit: 3, windowMs: 15 * MINUTE } as const;
const CODE = { purpose: 'password-change', kind: 'password_change_verification' } as const;

const REFUSALS: Record<Exclude<CodeVerdict, 'right'>, ChangeRefusal> = {
  wrong: 'code-wrong',
  expired: 'code-expired',
  'not-issued': 'code-not-issued',
  'used-up': 'ticket-unknown',
};

function refused(reason: ChangeRefusal): AuthError {
  return new AuthError('change-refused', { reason });
}

export function createPasswordChanges(deps: Dependencies): PasswordChanges {
  const { storage, clock, random, counters, audit, codes, recovery } = deps;

  const heldBy = ({ session, ticket }: Pick<Step, 'session' | 'ticket'>) => ({
    ticket,
    userId: session.userId,
    sessionId: session.id,
    now: clock(),
  });

  /** Counts a mail before it is sent, and gives the count back when it was not. */
  async function mailing<T>(
    allowance: typeof STARTS | typeof RESENDS,
    { userId }: LiveSession,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const spent = await counters.spend([{ ...allowance, key: userId }]);
    try {
      return await storage.transaction(work);
    } catch (error) {
      await spent.giveBack();
      throw error;
    }
  }

  function requireOpen(change: PasswordChange | null): PasswordChange {
    if (!change) throw refused('ticket-unknown');
    if (change.isCompleted) throw refused('ticket-completed');
    return change;
  }

  /** The mailbox that is being proved; a ticket proves nothing of another that took its place. */
  async function mailboxOf(db: Queryable, userId: string, change: PasswordChange): Promise<Contact> {
    const primary = await findPrimaryEmail(db, userId);
    if (!primary || normalEmail(primary.address) !== change.address) throw refused('ticket-unknown');
    return primary;
  }

  return {
    async start({ session }) {
      const { projectId, userId } = session;
      const primary = await findPrimaryEmail(storage.db, userId);
      if (!primary) throw refused('no-address');
      const ticket = randomUuid(random);
      const sent = await mailing(STARTS, session, async (tx) => {
        const address = normalEmail(primary.address);
        await insertPasswordChange(tx, {
          ...heldBy({ session, ticket }),
          address,
          expiresAt: clock() + TICKET_MS,
        });
        return await codes.send(tx, { ...CODE, ticket, projectId, userId, to: primary.address });
      });
      return { ticket, ...sent };
    },

    async resend({ session, ticket }) {
      const { projectId, userId } = session;
      await mailing(RESENDS, session, async (tx) => {
        const change = requireOpen(await takePasswordChange(tx, heldBy({ session, ticket })));
        const { address } = await mailboxOf(tx, userId, change);
        await codes.send(tx, { ...CODE, ticket, projectId, userId, to: address });
      });
    },

    async verify({ session, ticket, origin, code }) {
      const { projectId, userId } = session;
      const outcome = await storage.transaction(async (tx) => {
        requireOpen(await takePasswordChange(tx, heldBy({ session, ticket })));
        const verdict = await codes.judge(tx, { ticket, purpose: CODE.purpose, code });
        if (verdict === 'right') {
          const proof = randomUuid(random);
          await saveProof(tx, ticket, proof);
          return { proof };
        }
        const actor = { userId, sessionId: session.id, origin };
        const event = 'password.change-refused';
        await audit.record(tx, { event, projectId, userId, actor, outcome: verdict });
        return { verdict };
      });
      // Thrown only now: the wrong try is kept.
      if ('verdict' in outcome) throw refused(REFUSALS[outcome.verdict]);
      return outcome.proof;
    },

    async complete({ session, ticket, origin, proof, newPassword }) {
      const held = { ...heldBy({ session, ticket }), proof };
      // Looked at before the hash only to save it; the conditional statement decides.
      const change = requireOpen(await findPasswordChange(storage.db, held));
      if (change.proofHash === null || !sameSecret(change.proofHash, tokenHash(proof)))
        throw refused('proof-wrong');
      return await recovery.changePasswordByMail({
        session,
        newPassword,
        origin,
        async together(tx) {
          const before = requireOpen(await takePasswordChange(tx, held));
          await mailboxOf(tx, session.userId, before);
          if (!(await spendProof(tx, held))) throw refused('proof-wrong');
        },
      });
    },
  };
}
