import { z } from 'zod';
import type { Clock } from '../../chance.ts';
import { NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import { holdUser } from '../../core/user/index.ts';
import { type Sealer, sameSecret } from '../../crypto/index.ts';
import { recoveryCodeMigrations } from './migrations.ts';
import { readCode } from './recovery-code.ts';
import { RECOVERY_CODE_SEAL } from './recovery-code-keeper.ts';
import { deleteCodes, listCodes, useCode } from './recovery-code-store.ts';

const proofSchema = z.object({ code: z.string().max(32) });

export type RecoveryCodeProof = z.infer<typeof proofSchema>;

export function createRecoveryCodeMethod({
  clock,
  sealer,
}: {
  clock: Clock;
  sealer: Sealer;
}): SignInMethod<RecoveryCodeProof> {
  return {
    id: 'recovery-code',
    proof: proofSchema,
    migrations: recoveryCodeMigrations,
    reserve: () => NOTHING_HELD,
    // A code names nobody, so it is never a first proof.
    identify: async (_db, { userId, projectId }) => ({ userId, key: userId ?? projectId }),

    async judge(db, { subject: { userId }, proof }) {
      const stored = userId === null ? [] : await listCodes(db, userId);
      if (userId === null || stored.length === 0) return { outcome: 'rejected', reason: 'not-enrolled' };
      const typed = readCode(proof.code);
      // Every code is opened and compared, also the used ones, so that the time does not tell which one matched.
      const matched = stored.filter(({ sealed }) =>
        sameSecret(sealer.open(RECOVERY_CODE_SEAL, sealed), typed),
      );
      const [found] = matched;
      if (!found) return { outcome: 'rejected', reason: 'wrong' };
      const { sealed } = found;
      return {
        outcome: 'judged',
        userId,
        async consume(tx) {
          // The user's row first, as whoever takes factors away has it.
          await holdUser(tx, userId);
          if (!(await useCode(tx, { userId, sealed, at: clock() })))
            return { outcome: 'rejected', reason: 'already-used' };
          return { outcome: 'proved', factors: ['has'] };
        },
      };
    },

    forget: deleteCodes,
  };
}
