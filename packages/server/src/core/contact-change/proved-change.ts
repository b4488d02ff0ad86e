import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import { randomUuid } from '../../crypto/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { Allowance } from '../abuse/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import type { MailedCodes, SentCode } from '../mailed-code/index.ts';
import type { LiveSession } from '../session/index.ts';
import {
  completeEmailChange,
  type EmailChange,
  insertEmailChange,
  saveNewAddress,
  saveOriginalProof,
} from './email-change-store.ts';
import { type Asking, mailsToNew, refused, requireNewAddress, type Step, type Steps } from './steps.ts';

export interface StartedChange {
  ticket: string;
  originalEmail: string | null;
  /** Null while the mailbox given up is still to be proved. */
  originalProof: string | null;
  sent: SentCode | null;
}

/** Both mailboxes are proved, the one given up first. */
export interface ProvedChange {
  /** A proved address gets a code first; otherwise there is nothing to prove, and the proof is told at once. */
  start(asking: Asking): Promise<StartedChange>;
  resendOriginal(step: Step): Promise<void>;
  /** Tells the same proof as often as the code is typed while it lives. */
  verifyOriginal(step: Step & { code: string }): Promise<string>;
  requestNew(step: Step & { originalProof: string; newEmail: string }): Promise<SentCode>;
  resendNew(step: Step): Promise<void>;
  /** Ends the ticket in a token, once. */
  verifyNew(step: Step & { originalProof: string; code: string }): Promise<string>;
}

interface Dependencies extends Chance {
  storage: Storage;
  codes: MailedCodes;
  steps: Steps;
}

/** Time for both mailboxes; the contract names none. */
export const TICKET_MS = HOUR;
/** Contract appendix A. */
export const TOKEN_MS = 30 * MINUTE;
/** Contract 7.3, of one account. */
const ORIGINAL_MAILS = { name: 'email-change-original', limit: 3, windowMs: 15 * MINUTE } as const;
const ORIGINAL = { purpose: 'email-original', kind: 'email_change_original' } as const;

export function createProvedChange(deps: Dependencies): ProvedChange {
  const { storage, clock, random, codes, steps } = deps;
  const { inTicket, withCode, mailing } = steps;

  const originalMail = ({ userId }: LiveSession): Allowance[] => [{ ...ORIGINAL_MAILS, key: userId }];

  function requireOriginalAsked({ needsOriginal }: EmailChange): void {
    if (!needsOriginal) throw refused('original-not-asked');
  }

  return {
    async start({ session }) {
      const { userId, projectId, passwordChangedAt } = session;
      const primary = await findPrimaryEmail(storage.db, userId);
      // An account that is nobody's yet may begin with its first address; a claimed one has to have one.
      if (!primary && passwordChangedAt !== null) throw refused('no-address');
      const ticket = randomUuid(random);
      const toProve = primary?.verifiedAt == null ? null : primary.address;
      const originalProof = toProve === null ? randomUuid(random) : null;
      const insert = () =>
        storage.transaction(async (tx) => {
          await insertEmailChange(tx, {
            ...steps.holderOf(session),
            ticket,
            projectId,
            kind: 'proved',
            original: primary && normalEmail(primary.address),
            needsOriginal: toProve !== null,
            originalProof: originalProof && steps.sealProof(originalProof),
            newAddress: null,
            expiresAt: clock() + TICKET_MS,
          });
          return toProve === null
            ? null
            : await codes.send(tx, { ...ORIGINAL, ticket, projectId, userId, to: toProve });
        });
      const sent = toProve === null ? await insert() : await mailing(originalMail(session), insert);
      return { ticket, originalEmail: primary?.address ?? null, originalProof, sent };
    },

    async resendOriginal(step) {
      const { session, ticket } = step;
      const { projectId, userId } = session;
      await mailing(originalMail(session), () =>
        inTicket(step, { kind: 'proved' }, async (tx, change) => {
          if (change.original === null) throw refused('original-missing');
          requireOriginalAsked(change);
          if (change.originalProof !== null) throw refused('original-proved');
          const primary = await findPrimaryEmail(tx, userId);
          if (!primary || normalEmail(primary.address) !== change.original) throw refused('ticket-unknown');
          await codes.send(tx, { ...ORIGINAL, ticket, projectId, userId, to: primary.address });
        }),
      );
    },

    async verifyOriginal(step) {
      return await withCode(step, 'proved', {
        purpose: 'email-original',
        again: true,
        demand: requireOriginalAsked,
        async right(tx, change) {
          if (change.originalProof !== null) return steps.originalProofOf(change);
          const proof = randomUuid(random);
          await saveOriginalProof(tx, step.ticket, steps.sealProof(proof));
          return proof;
        },
      });
    },

    async requestNew(step) {
      const { session, ticket, originalProof, newEmail } = step;
      return await mailing(mailsToNew(session, newEmail), async () => {
        await steps.requireReachable(newEmail);
        return await inTicket(step, { kind: 'proved' }, async (tx, change) => {
          steps.requireOriginalProof(change, originalProof);
          await steps.requireFree(tx, session, newEmail);
          await saveNewAddress(tx, ticket, newEmail);
          return await steps.sendNew(tx, step, newEmail);
        });
      });
    },

    async resendNew(step) {
      await steps.resendNew(step, 'proved', steps.originalProofOf);
    },

    async verifyNew(step) {
      return await withCode(step, 'proved', {
        purpose: 'email-new',
        demand(change) {
          steps.originalProofOf(change);
          requireNewAddress(change);
          steps.requireOriginalProof(change, step.originalProof);
        },
        async right(tx, change) {
          await steps.requireFree(tx, step.session, requireNewAddress(change));
          const now = clock();
          const token = randomUuid(random);
          const end = { ticket: step.ticket, token, now, tokenExpiresAt: now + TOKEN_MS };
          if (!(await completeEmailChange(tx, end))) throw refused('ticket-completed');
          return token;
        },
      });
    },
  };
}
