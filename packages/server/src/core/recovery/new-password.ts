import type { Storage } from '../../storage/index.ts';
import { findLoginName, listContacts } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { findProfile } from '../profile/index.ts';
import type { NewPassword, PasswordKeeper } from '../sign-in/index.ts';

interface Wanted {
  userId: string;
  password: string;
  field: 'password' | 'newPassword';
  /** An address of the user that is not among the user's own now. */
  formerAddress?: string;
}

export interface NewPasswords {
  /** Refuses what may not be used, then hashes, then does `work` with it; the place in the queue is given back at the end. */
  withNewPassword<T>(wanted: Wanted, work: (hashed: NewPassword) => Promise<T>): Promise<T>;
}

interface Dependencies {
  storage: Storage;
  passwords: PasswordKeeper;
}

export function createNewPasswords({ storage, passwords }: Dependencies): NewPasswords {
  async function ownWordsOf({ userId, formerAddress }: Wanted): Promise<string[]> {
    const profile = await findProfile(storage.db, userId);
    const contacts = await listContacts(storage.db, userId);
    const addresses = [...contacts.map(({ address }) => address), formerAddress];
    const loginName = (await findLoginName(storage.db, userId))?.split('@')[0];
    const words = [
      loginName,
      profile?.username,
      profile?.globalName,
      ...addresses.map((one) => one?.split('@')[0]),
    ];
    return words.filter((word) => word != null);
  }

  return {
    async withNewPassword(wanted, work) {
      const { password, field } = wanted;
      const reason = await passwords.refusal(password, await ownWordsOf(wanted));
      if (reason) throw new AuthError('password-refused', { reason, field });
      const place = passwords.reserve();
      try {
        return await work(await place.hash(password));
      } finally {
        place.release();
      }
    },
  };
}
