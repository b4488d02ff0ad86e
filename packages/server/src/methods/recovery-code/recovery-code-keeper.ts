import type { RecoveryCodeKeeper } from '../../core/second-factor/index.ts';
import type { RandomBytes, Sealer } from '../../crypto/index.ts';
import { CODES, newCode } from './recovery-code.ts';
import { listCodes, replaceCodes } from './recovery-code-store.ts';

export const RECOVERY_CODE_SEAL = 'recovery-code';

/** What self-service needs to give a user recovery codes and to show them. */
export function createRecoveryCodeKeeper({
  random,
  sealer,
}: {
  random: RandomBytes;
  sealer: Sealer;
}): RecoveryCodeKeeper {
  return {
    async replace(tx, userId) {
      const codes = Array.from({ length: CODES }, () => newCode(random));
      await replaceCodes(
        tx,
        userId,
        codes.map((code) => sealer.seal(RECOVERY_CODE_SEAL, code)),
      );
      return codes.map((code) => ({ code, consumed: false }));
    },
    async list(db, userId) {
      const stored = await listCodes(db, userId);
      return stored.map(({ sealed, isConsumed }) => ({
        code: sealer.open(RECOVERY_CODE_SEAL, sealed),
        consumed: isConsumed,
      }));
    },
  };
}
