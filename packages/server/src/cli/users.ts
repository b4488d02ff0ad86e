import { findContactByAddress, isEmailAddress, listContacts } from '../core/contact/index.ts';
import { isAuthError } from '../core/errors.ts';
import { findProfile } from '../core/profile/index.ts';
import { findUser, isSnowflake, listUsers } from '../core/user/index.ts';
import type { Instance } from '../instance.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const PAGE = 100;

/** Makes an account without a password and returns the link on which its owner chooses one. */
export async function createUser(
  { setup, project }: Instance,
  wanted: { email: string; isAdministrator: boolean; publicUrl: string },
): Promise<string> {
  if (!isEmailAddress(wanted.email)) throw new Error(`"${wanted.email}" is no e-mail address.`);
  try {
    const { userId, resetToken } = await setup.createUser({ projectId: project.id, ...wanted });
    return [
      `Made user ${userId}.`,
      'They choose a password here (once, within an hour):',
      `  ${wanted.publicUrl}/reset#token=${resetToken}`,
    ].join('\n');
  } catch (error) {
    if (isAuthError(error, 'email-taken')) throw new Error(`${wanted.email} already has an account.`);
    throw error;
  }
}

/** One line a user: id, status, tag, address. */
export async function* listAllUsers({ storage, project }: Instance, query: string): AsyncGenerator<string> {
  let after: Parameters<typeof listUsers>[1]['after'] = null;
  do {
    const { ids, next } = await listUsers(storage.db, { projectId: project.id, query, after, limit: PAGE });
    for (const id of ids) {
      const user = await findUser(storage.db, project.id, id);
      const profile = await findProfile(storage.db, id);
      const [contact] = await listContacts(storage.db, id);
      const tag = profile ? `${profile.username}#${String(profile.discriminator).padStart(4, '0')}` : '-';
      yield [id, user?.status ?? '-', tag, contact?.address ?? '-'].join('\t');
    }
    after = next;
  } while (after);
}

/** By id or address. */
export async function suspendUser(
  instance: Instance,
  wanted: { who: string; reason: string | null },
): Promise<string> {
  const { storage, project, users } = instance;
  const contact = isSnowflake(wanted.who)
    ? null
    : await findContactByAddress(storage.db, project.id, wanted.who);
  const id = contact?.userId ?? wanted.who;
  try {
    await users.suspend({ projectId: project.id, id, reason: wanted.reason, actor: OPERATOR });
    return `Suspended user ${id}; all their sessions are over.`;
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`There is no user ${wanted.who}.`);
    throw error;
  }
}
