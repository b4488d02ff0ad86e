import type { Chance } from '../../chance.ts';
import type { Transaction } from '../../storage/index.ts';
import { insertEmail, insertLoginName } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { claimTag, deriveUsername, insertProfile, randomUsername } from '../profile/index.ts';
import type { NewPassword } from '../sign-in/index.ts';
import { insertUser } from '../user/index.ts';

export interface NewAccount {
  userId: string;
  projectId: string;
  email: { address: string; verified: boolean } | null;
  /** What an administrator gives somebody to sign in by, beside the address or in its place. */
  loginName?: string | null;
  username: string | null;
  globalName: string | null;
  dateOfBirth: string | null;
  password: NewPassword | null;
}

/** Writes all rows of a fresh account; throws `email-taken`, `name-taken` or `username-exhausted`, and then nothing is written. */
export async function insertAccount(tx: Transaction, chance: Chance, account: NewAccount): Promise<void> {
  const { userId, projectId, email, loginName = null, globalName, dateOfBirth, password } = account;
  await insertUser(tx, { id: userId, projectId, createdAt: chance.clock() });
  if (email && !(await insertEmail(tx, chance, { projectId, userId, ...email })))
    throw new AuthError('email-taken');
  if (loginName !== null && !(await insertLoginName(tx, chance, { projectId, userId, loginName })))
    throw new AuthError('name-taken', { what: 'login-name' });
  const username =
    account.username ??
    (globalName === null ? null : deriveUsername(globalName)) ??
    (loginName === null ? null : deriveUsername(loginName.split('@')[0] ?? '')) ??
    randomUsername(chance.random);
  await claimTag(tx, { projectId, username, random: chance.random }, (discriminator) =>
    insertProfile(tx, { userId, projectId, username, discriminator, globalName, dateOfBirth }),
  );
  await password?.save(tx, userId);
}
