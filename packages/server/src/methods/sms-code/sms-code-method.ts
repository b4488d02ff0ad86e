import { z } from 'zod';
import { findPhone } from '../../core/contact/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { PhoneCodes } from '../../core/phone/index.ts';
import { type Attempt, NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import { holdUser } from '../../core/user/index.ts';
import { smsCodeMigrations } from './migrations.ts';
import { deleteSmsCredential, isSmsEnabled } from './sms-credential-store.ts';

const proofSchema = z.object({ code: z.string().max(256) });

export type SmsCodeProof = z.infer<typeof proofSchema>;

/** A ticket and a session are different requests, even if their names were ever the same. */
function bindingOf({ purpose, binding }: Attempt): string {
  return `${purpose} ${binding}`;
}

export function createSmsCodeMethod({ codes }: { codes: PhoneCodes }): SignInMethod<SmsCodeProof> {
  return {
    id: 'sms-code',
    isOffered: codes.areAvailable,
    proof: proofSchema,
    migrations: smsCodeMigrations,
    reserve: () => NOTHING_HELD,

    /** Sends a code to the user's phone. Throws `sms-not-enabled`, `phone-required`, and whatever sending throws. */
    async challenge(db, attempt) {
      const { userId, projectId, origin } = attempt;
      if (userId === null || attempt.binding === null) throw new AuthError('sms-not-enabled');
      if (!codes.areAvailable || !(await isSmsEnabled(db, userId))) throw new AuthError('sms-not-enabled');
      const number = await findPhone(db, userId);
      if (number === null) throw new AuthError('phone-required');
      await codes.send({ projectId, userId, number, binding: bindingOf(attempt), origin });
    },

    async identify(_db, { userId }) {
      return { userId, key: userId ?? '' };
    },

    async judge(db, { attempt, proof }) {
      const { userId, projectId } = attempt;
      // A code is asked for by somebody who is already known; it never begins a sign-in.
      if (userId === null || attempt.binding === null || !(await isSmsEnabled(db, userId)))
        return { outcome: 'rejected', reason: 'not-enrolled' };
      const number = await findPhone(db, userId);
      if (number === null) return { outcome: 'rejected', reason: 'not-enrolled' };
      const code = proof.code.trim();
      const judged = await codes.judge({ projectId, number, binding: bindingOf(attempt), code });
      if (judged.outcome === 'rejected') return judged;
      return {
        outcome: 'judged',
        userId,
        async consume(tx) {
          // Whoever switches SMS off or changes the number waits for this sign-in, and then ends its session too.
          await holdUser(tx, userId);
          const isStillOn = await isSmsEnabled(tx, userId);
          if (!isStillOn || (await findPhone(tx, userId)) !== number)
            return { outcome: 'rejected', reason: 'not-enrolled' };
          if (!(await judged.consume(tx))) return { outcome: 'rejected', reason: 'already-used' };
          return { outcome: 'proved', factors: ['has'] };
        },
      };
    },

    async isEnrolled(tx, userId) {
      return (await isSmsEnabled(tx, userId)) && (await findPhone(tx, userId)) !== null;
    },

    /** The number stays: it goes when its owner takes it away, or wins the account back. */
    async forget(tx, userId) {
      await deleteSmsCredential(tx, userId);
    },
  };
}
