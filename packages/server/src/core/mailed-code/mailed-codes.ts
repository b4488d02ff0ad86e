import { type Chance, MINUTE } from '../../chance.ts';
import { randomIndex, sameSecret, tokenHash } from '../../crypto/index.ts';
import type { MailKind, Outbox } from '../../delivery/index.ts';
import type { Transaction } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import { findCode, putCode, settleTry, spendTry } from './mailed-code-store.ts';

/** One code of one ticket; a ticket may have a code for each purpose. */
export interface CodeSlot {
  ticket: string;
  purpose: 'email-original' | 'email-new' | 'password-change';
}

export interface SentCode {
  expiresAt: number;
  resendAvailableAt: number;
}

export type CodeVerdict = 'right' | 'wrong' | 'expired' | 'not-issued' | 'used-up';

export interface MailedCodes {
  /**
   * Mails a new code in the place of the one before. Throws `rate-limited` within the wait of one to the same
   * address, `change-refused` once too many wrong ones were typed. What may be mailed at all is counted before.
   */
  send(
    tx: Transaction,
    code: CodeSlot & {
      projectId: string;
      userId: string;
      to: string;
      kind: MailKind;
      values?: Record<string, string>;
    },
  ): Promise<SentCode>;
  /**
   * Judges a typed code. The try and its judgement are one commit: nobody learns of the one before the other is
   * kept, and when our own database fails neither has happened (design rule 7). So the caller must commit also
   * what is not `right`. A code is good once, unless `again` says that it may be typed anew while it lives.
   */
  judge(tx: Transaction, typed: CodeSlot & { code: string; again?: true }): Promise<CodeVerdict>;
}

/** Contract 4.7: eight of these, about 41 bits. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const HALF = 4;
const LIFE_MS = 10 * MINUTE;
const WAIT_MS = 30_000;
/** Contract appendix D; five of 2.8 million million. */
const MAX_WRONG = 5;

export function createMailedCodes({ clock, random, outbox }: Chance & { outbox: Outbox }): MailedCodes {
  const idOf = ({ ticket, purpose }: CodeSlot) => tokenHash(`${purpose} ${ticket}`);
  const hashOf = (ticket: string, code: string) => tokenHash(`${ticket} ${code}`);
  const half = () =>
    Array.from({ length: HALF }, () => ALPHABET.charAt(randomIndex(random, ALPHABET.length))).join('');

  return {
    async send(tx, { projectId, userId, to, kind, values, ...slot }) {
      const now = clock();
      const id = idOf(slot);
      const code = `${half()}-${half()}`;
      const sent = { expiresAt: now + LIFE_MS, resendAvailableAt: now + WAIT_MS };
      const fresh = { id, userId, address: to, codeHash: hashOf(slot.ticket, code), sentAt: now };
      const isPut = await putCode(
        tx,
        { ...fresh, expiresAt: sent.expiresAt },
        { sentBefore: now - WAIT_MS, maxWrong: MAX_WRONG },
      );
      if (!isPut) {
        const before = await findCode(tx, id);
        if (before && before.wrong >= MAX_WRONG)
          throw new AuthError('change-refused', { reason: 'ticket-unknown' });
        const waitMs = (before?.sentAt ?? now) + WAIT_MS - now;
        throw new AuthError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
      }
      await outbox.add(tx, { channel: 'mail', projectId, to, kind, values: { ...values, token: code } });
      return sent;
    },
    async judge(tx, { code, again, ...slot }) {
      const id = idOf(slot);
      const codeHash = await spendTry(tx, { id, now: clock(), maxWrong: MAX_WRONG });
      if (codeHash === null) {
        const found = await findCode(tx, id);
        if (!found?.codeHash) return 'not-issued';
        return found.wrong >= MAX_WRONG ? 'used-up' : 'expired';
      }
      if (!sameSecret(codeHash, hashOf(slot.ticket, code))) return 'wrong';
      return (await settleTry(tx, { id, codeHash, spend: !again })) ? 'right' : 'not-issued';
    },
  };
}
