import {
  findLoginName,
  findUserByIdentifier,
  isEmailAddress,
  isLoginName,
  listContacts,
} from '../core/contact/index.ts';
import { isAuthError } from '../core/errors.ts';
import { findProfile } from '../core/profile/index.ts';
import { findUser, isSnowflake, listUsers } from '../core/user/index.ts';
import type { Instance } from '../instance.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const PAGE = 100;

/** Makes an account without a password and returns the link on which its owner chooses one. */
export async function createUser(
  { setup, project }: Instance,
  wanted: { email: string | null; loginName: string | null; isAdministrator: boolean; publicUrl: string },
): Promise<string> {
  const { email, loginName } = wanted;
  if (email === null && loginName === null) throw new Error('Give --email, --login-name, or both.');
  if (email !== null && !isEmailAddress(email)) throw new Error(`"${email}" is no e-mail address.`);
  if (loginName !== null && !isLoginName(loginName))
    throw new Error(`"${loginName}" is no login name: letters, digits, _ and -, or an e-mail address.`);
  try {
    const { userId, resetToken } = await setup.createUser({ projectId: project.id, ...wanted });
    return [
      `Made user ${userId}.`,
      'They choose a password here (once, within an hour):',
      `  ${wanted.publicUrl}/reset#token=${resetToken}`,
    ].join('\n');
  } catch (error) {
    if (isAuthError(error, 'email-taken')) throw new Error(`${email} already has an account.`);
    if (isAuthError(error, 'name-taken')) throw new Error(`${loginName} already is somebody's name.`);
    throw error;
  }
}

/** One line a user: id, status, tag, address or login name. */
export async function* listAllUsers({ storage, project }: Instance, query: string): AsyncGenerator<string> {
  let after: Parameters<typeof listUsers>[1]['after'] = null;
  do {
    const { ids, next } = await listUsers(storage.db, { projectId: project.id, query, after, limit: PAGE });
    for (const id of ids) {
      const user = await findUser(storage.db, project.id, id);
      const profile = await findProfile(storage.db, id);
      const [contact] = await listContacts(storage.db, id);
      const tag = profile ? `${profile.username}#${String(profile.discriminator).padStart(4, '0')}` : '-';
      const shown = contact?.address ?? (await findLoginName(storage.db, id)) ?? '-';
      yield [id, user?.status ?? '-', tag, shown].join('\t');
    }
    after = next;
  } while (after);
}

/** By id, login name or address. */
export async function suspendUser(
  instance: Instance,
  wanted: { who: string; reason: string | null },
): Promise<string> {
  const { who, reason } = wanted;
  return await withUser(instance, who, async (projectId, id) => {
    await instance.users.suspend({ projectId, id, reason, actor: OPERATOR });
    return `Suspended user ${id}; all their sessions are over.`;
  });
}

/** The way back when nobody is left who may do everything, and for whom an older release gave only a part of it. */
export async function promoteUser(instance: Instance, who: string): Promise<string> {
  return await withUser(instance, who, async (projectId, userId) => {
    await instance.userRights.promote({ projectId, userId, actor: OPERATOR });
    return `User ${userId} may do everything now.`;
  });
}

async function withUser(
  { storage, project }: Instance,
  who: string,
  work: (projectId: string, userId: string) => Promise<string>,
): Promise<string> {
  const id = isSnowflake(who) ? who : ((await findUserByIdentifier(storage.db, project.id, who)) ?? who);
  try {
    return await work(project.id, id);
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`There is no user ${who}.`);
    if (isAuthError(error, 'last-administrator'))
      throw new Error(`${who} is the last administrator. Make somebody else one first.`);
    throw error;
  }
}
