import { type Clock, MINUTE } from '../../chance.ts';
import { type Sealer, sameSecret } from '../../crypto/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Allowance, Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findContactByAddress, findUserByIdentifier, normalEmail } from '../contact/index.ts';
import { AuthError, type ChangeRefusal, isAuthError } from '../errors.ts';
import type { CodeVerdict, MailedCodes, SentCode } from '../mailed-code/index.ts';
import type { Origin } from '../origin.ts';
import { accountName } from '../profile/index.ts';
import type { LiveSession } from '../session/index.ts';
import { type ChangeKind, type EmailChange, type Holder, takeEmailChange } from './email-change-store.ts';

export interface Asking {
  session: LiveSession;
  origin: Origin;
}

/** One step of a ticket, in the session that has it. */
export interface Step extends Asking {
  ticket: string;
}

/** What is typed, of which mailbox, and what follows when it is right. */
interface Typing<T> {
  purpose: 'email-original' | 'email-new';
  /** The code may be typed again while it lives. */
  again?: true;
  /** What must be so before a code is looked at; throws. */
  demand(change: EmailChange): void;
  /** What is taken before the ticket. */
  first?(tx: Transaction): Promise<void>;
  right(tx: Transaction, change: EmailChange): Promise<T>;
}

/** What all steps of a change share, each in one transaction that holds the ticket. */
export interface Steps {
  holderOf(session: LiveSession): Holder & { now: number };
  inTicket<T>(
    step: Step,
    asked: { kind: ChangeKind } & Pick<Typing<T>, 'first'>,
    work: (tx: Transaction, change: EmailChange) => Promise<T>,
  ): Promise<T>;
  withCode<T>(step: Step & { code: string }, kind: ChangeKind, typing: Typing<T>): Promise<T>;
  /**
   * Counts a mail before it is known whether it may be sent. What turns out not to be sent is given back, but for
   * an address that is somebody's: whoever tries addresses out pays for each.
   */
  mailing<T>(allowances: readonly Allowance[], work: () => Promise<T>): Promise<T>;
  sealProof(proof: string): string;
  /** The proof of the mailbox given up, once there is one. */
  originalProofOf(change: EmailChange): string;
  requireOriginalProof(change: EmailChange, given: string): void;
  /** Refuses an address whose domain takes no mail; never while a transaction is open. */
  requireReachable(address: string): Promise<void>;
  requireFree(tx: Transaction, session: LiveSession, address: string): Promise<void>;
  sendNew(tx: Transaction, step: Step, to: string): Promise<SentCode>;
  resendNew(step: Step, kind: ChangeKind, demand: (change: EmailChange) => unknown): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  sealer: Sealer;
  counters: Counters;
  audit: Auditor;
  codes: MailedCodes;
  /** Whether mail to an address could arrive anywhere; may ask the outside world. */
  canReceiveMail(address: string): Promise<boolean>;
}

const SEAL = 'email-change-proof';
/** Contract 7.3, of one account; the mailbox counts for itself too, since nobody there has asked (K06). */
const NEW_MAILS = { name: 'email-change-new', limit: 5, windowMs: 15 * MINUTE } as const;
const MAILS_TO_NEW = { name: 'email-change-recipient', limit: 5, windowMs: 15 * MINUTE } as const;

const REFUSALS: Record<Exclude<CodeVerdict, 'right'>, ChangeRefusal> = {
  wrong: 'code-wrong',
  expired: 'code-expired',
  'not-issued': 'code-not-issued',
  'used-up': 'ticket-unknown',
};

/** Refusals that answer a question about an address, and so cost as much as a mail to it. */
const TELLING: ReadonlySet<ChangeRefusal> = new Set(['address-taken', 'address-unreachable']);

export function refused(reason: ChangeRefusal): AuthError {
  return new AuthError('change-refused', { reason });
}

/** A code to this address, of this account. */
export function mailsToNew({ userId }: LiveSession, address: string): Allowance[] {
  return [
    { ...NEW_MAILS, key: userId },
    { ...MAILS_TO_NEW, key: normalEmail(address) },
  ];
}

export function requireNewAddress({ newAddress }: EmailChange): string {
  if (newAddress === null) throw refused('new-address-missing');
  return newAddress;
}

export function createSteps(deps: Dependencies): Steps {
  const { storage, clock, sealer, counters, audit, codes } = deps;

  const holderOf = ({ id, userId }: LiveSession) => ({ userId, sessionId: id, now: clock() });

  const inTicket: Steps['inTicket'] = async ({ session, ticket }, { kind, first }, work) =>
    await storage.transaction(async (tx) => {
      await first?.(tx);
      const change = await takeEmailChange(tx, { ...holderOf(session), ticket, kind });
      if (!change) throw refused('ticket-unknown');
      if (change.isCompleted) throw refused('ticket-completed');
      return await work(tx, change);
    });

  function originalProofOf({ originalProof }: EmailChange): string {
    if (originalProof === null) throw refused('original-not-proved');
    return sealer.open(SEAL, originalProof);
  }

  const mailing: Steps['mailing'] = async (allowances, work) => {
    const spent = await counters.spend(allowances);
    try {
      return await work();
    } catch (error) {
      const isTold = isAuthError(error, 'change-refused') && TELLING.has(error.details.reason);
      if (!isTold) await spent.giveBack();
      throw error;
    }
  };

  const sendNew: Steps['sendNew'] = async (tx, { session, ticket }, to) => {
    const { projectId, userId } = session;
    const values = { account: accountName(session.profile) };
    const slot = { ticket, purpose: 'email-new', kind: 'email_change_new' } as const;
    return await codes.send(tx, { ...slot, projectId, userId, to, values });
  };

  return {
    holderOf,
    inTicket,
    originalProofOf,
    sealProof: (proof) => sealer.seal(SEAL, proof),
    async withCode(step, kind, { purpose, again, demand, first, right }) {
      const { session, origin, ticket, code } = step;
      const { projectId, userId, id: sessionId } = session;
      const outcome = await inTicket(step, { kind, ...(first && { first }) }, async (tx, change) => {
        demand(change);
        const verdict = await codes.judge(tx, { ticket, purpose, code, ...(again && { again }) });
        if (verdict === 'right') return { value: await right(tx, change) };
        const actor = { userId, sessionId, origin };
        const event = 'contact.change-refused';
        await audit.record(tx, { event, projectId, userId, actor, outcome: verdict });
        return { verdict };
      });
      // Thrown only now: the wrong try is kept.
      if ('verdict' in outcome) throw refused(REFUSALS[outcome.verdict]);
      return outcome.value;
    },
    mailing,
    async requireReachable(address) {
      if (!(await deps.canReceiveMail(address))) throw refused('address-unreachable');
    },
    requireOriginalProof(change, given) {
      if (!sameSecret(originalProofOf(change), given)) throw refused('original-proof-wrong');
    },
    async requireFree(tx, { projectId, userId }, address) {
      const owner = await findContactByAddress(tx, projectId, address);
      if (owner) throw refused(owner.userId === userId ? 'address-same' : 'address-taken');
      // It may still be a login name, and then it would name two accounts.
      if (await findUserByIdentifier(tx, projectId, address)) throw refused('address-taken');
    },
    sendNew,
    async resendNew(step, kind, demand) {
      // Whose mailbox it is, is known only in the step; there the wait holds it to one mail in half a minute.
      await mailing([{ ...NEW_MAILS, key: step.session.userId }], () =>
        inTicket(step, { kind }, async (tx, change) => {
          demand(change);
          await sendNew(tx, step, requireNewAddress(change));
        }),
      );
    },
  };
}
