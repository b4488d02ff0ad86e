import type { Chance } from '../../chance.ts';
import type { TotpKeeper } from '../../core/second-factor/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { matchStep } from './totp.ts';
import { newSecret, readSecret } from './totp-secret.ts';
import { deleteTotp, findTotp, saveConfirmed, saveUnconfirmed } from './totp-store.ts';

export const TOTP_SEAL = 'totp';

/** What enrolling needs to give a user TOTP. */
export function createTotpKeeper({ clock, random, sealer }: Chance & { sealer: Sealer }): TotpKeeper {
  return {
    async begin(tx, userId) {
      const secret = newSecret(random);
      const sealed = sealer.seal(TOTP_SEAL, secret);
      return (await saveUnconfirmed(tx, { userId, sealed, at: clock() })) ? secret : null;
    },

    async judge(db, { userId, secret: given, code }) {
      let secret: string;
      if (given === null) {
        const begun = await findTotp(db, userId);
        if (!begun || begun.isConfirmed) return { refused: 'wrong-code' };
        secret = sealer.open(TOTP_SEAL, begun.sealed);
      } else {
        const read = readSecret(given);
        if ('refused' in read) return read;
        secret = read.secret;
      }
      const step = matchStep(secret, code.replace(/\s/g, ''), clock());
      if (step === null) return { refused: 'wrong-code' };
      const sealed = sealer.seal(TOTP_SEAL, secret);
      return {
        refused: null,
        save: (tx, owner) => saveConfirmed(tx, { userId: owner, sealed, step, at: clock() }),
      };
    },
    remove: deleteTotp,
    find: findTotp,
  };
}
