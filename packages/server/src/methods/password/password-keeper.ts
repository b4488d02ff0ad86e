import type { Clock } from '../../chance.ts';
import type { PasswordKeeper } from '../../core/sign-in/index.ts';
import { markPasswordChanged } from '../../core/user/index.ts';
import type { PasswordHasher } from '../../crypto/index.ts';
import { normalPassword, passwordRefusal } from './password-rules.ts';
import {
  deletePasswordHash,
  holdPasswordHash,
  insertPasswordHash,
  savePasswordHash,
} from './password-store.ts';
import { reservePlace } from './reserve.ts';

interface Dependencies {
  hasher: PasswordHasher;
  clock: Clock;
  /** Words everybody connects with this server: its name, its host. */
  siteWords: readonly string[];
  /** Whether a password is known from a breach; may ask the outside world, so never while a transaction is open. */
  isBreached(password: string): Promise<boolean>;
}

/** What registration and recovery need to give a user a password. */
export function createPasswordKeeper({ hasher, clock, siteWords, isBreached }: Dependencies): PasswordKeeper {
  return {
    async refusal(password, ownWords) {
      const reason = passwordRefusal(password, [...siteWords, ...ownWords]);
      return reason ?? ((await isBreached(password)) ? 'common' : null);
    },
    hold: holdPasswordHash,
    async forget(tx, userId) {
      await deletePasswordHash(tx, userId);
      await markPasswordChanged(tx, userId, null);
    },
    reserve() {
      const place = reservePlace(hasher);
      return {
        release: () => place.release(),
        async hash(password) {
          const hash = await place.hash(normalPassword(password));
          return {
            async save(tx, userId) {
              const at = clock();
              await savePasswordHash(tx, { userId, hash, at });
              await markPasswordChanged(tx, userId, at);
            },
            async saveFirst(tx, userId) {
              const at = clock();
              if (!(await insertPasswordHash(tx, { userId, hash, at }))) return false;
              await markPasswordChanged(tx, userId, at);
              return true;
            },
          };
        },
      };
    },
  };
}
