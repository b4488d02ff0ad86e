import { z } from 'zod';
import type { Clock } from '../../chance.ts';
import { NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import { holdUser } from '../../core/user/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { totpMigrations } from './migrations.ts';
import { matchStep } from './totp.ts';
import { TOTP_SEAL } from './totp-keeper.ts';
import { deleteTotp, findTotp, useStep } from './totp-store.ts';

const proofSchema = z.object({ code: z.string().max(32) });

export type TotpProof = z.infer<typeof proofSchema>;

export function createTotpMethod({
  clock,
  sealer,
}: {
  clock: Clock;
  sealer: Sealer;
}): SignInMethod<TotpProof> {
  return {
    id: 'totp',
    proof: proofSchema,
    migrations: totpMigrations,
    reserve: () => NOTHING_HELD,
    // A code names nobody, so it is never a first proof.
    identify: async (_db, { userId, projectId }) => ({ userId, key: userId ?? projectId }),

    async judge(db, { subject: { userId }, proof }) {
      const credential = userId === null ? null : await findTotp(db, userId);
      if (userId === null || !credential?.isConfirmed) return { outcome: 'rejected', reason: 'not-enrolled' };
      const { sealed } = credential;
      const step = matchStep(sealer.open(TOTP_SEAL, sealed), proof.code.replace(/\s/g, ''), clock());
      if (step === null) return { outcome: 'rejected', reason: 'wrong' };
      return {
        outcome: 'judged',
        userId,
        async consume(tx) {
          // The user's row first, as whoever takes factors away has it.
          await holdUser(tx, userId);
          if (!(await useStep(tx, { userId, sealed, step })))
            return { outcome: 'rejected', reason: 'already-used' };
          return { outcome: 'proved', factors: ['has'] };
        },
      };
    },

    isEnrolled: async (tx, userId) => (await findTotp(tx, userId))?.isConfirmed ?? false,
    async forget(tx, userId) {
      await deleteTotp(tx, userId);
    },
  };
}
