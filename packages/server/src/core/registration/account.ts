import type { Chance } from '../../chance.ts';
import type { Transaction } from '../../storage/index.ts';
import { insertEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { claimTag, deriveUsername, insertProfile, randomUsername } from '../profile/index.ts';
import type { NewPassword } from '../sign-in/index.ts';
import { insertUser } from '../user/index.ts';

export interface NewAccount {
  userId: string;
  projectId: string;
  email: { address: string; verified: boolean } | null;
  username: string | null;
  globalName: string | null;
  dateOfBirth: string | null;
  password: NewPassword | null;
}

/** Writes all rows of a fresh account; throws `email-taken` or `username-exhausted`, and then nothing is written. */
export async function insertAccount(tx: Transaction, chance: Chance, account: NewAccount): Promise<void> {
  const { userId, projectId, email, globalName, dateOfBirth, password } = account;
  await insertUser(tx, { id: userId, projectId, createdAt: chance.clock() });
  if (email && !(await insertEmail(tx, chance, { projectId, userId, ...email })))
    throw new AuthError('email-taken');
  const username =
    account.username ??
    (globalName === null ? null : deriveUsername(globalName)) ??
    randomUsername(chance.random);
  await claimTag(tx, { projectId, username, random: chance.random }, (discriminator) =>
    insertProfile(tx, { userId, projectId, username, discriminator, globalName, dateOfBirth }),
  );
  await password?.save(tx, userId);
}
