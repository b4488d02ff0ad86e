import type { Permissions } from './core/access/index.ts';
import { listAuditRecords } from './core/audit/index.ts';
import { findLoginName, findPhone, listContacts } from './core/contact/index.ts';
import { AuthError } from './core/errors.ts';
import type { Project } from './core/project/index.ts';
import type { Passkeys } from './core/second-factor/index.ts';
import { listIdentitiesOf } from './core/sso/index.ts';
import { findUser, listUsers, type User, type UserCursor } from './core/user/index.ts';
import type { Storage } from './storage/index.ts';
import type { ProjectUserDossier, UserDossier } from './surfaces/admin/index.ts';

interface Dependencies {
  storage: Storage;
  /** The one that administrators live in. */
  project: Project;
  passkeys: Passkeys;
  permissionsOf(userId: string): Promise<Permissions>;
}

interface Search {
  query: string;
  after: UserCursor | null;
  limit: number;
}

/** What administrators see of users, put together from the features that each own a part of it. */
export function wireAdmin({ storage: { db }, project, passkeys, permissionsOf }: Dependencies) {
  async function userIn(projectId: string, userId: string): Promise<User> {
    const user = await findUser(db, projectId, userId);
    if (!user) throw new AuthError('not-found', { what: 'user' });
    return user;
  }

  async function dossierOf(userId: string): Promise<UserDossier> {
    const user = await userIn(project.id, userId);
    const { admin } = await permissionsOf(userId);
    const contacts = await listContacts(db, userId);
    const loginName = await findLoginName(db, userId);
    return { user, profile: user.profile, contacts, loginName, isAdministrator: admin.length > 0 };
  }

  return {
    dossierOf,
    async findUsers(search: Search): Promise<{ users: UserDossier[]; next: UserCursor | null }> {
      const { ids, next } = await listUsers(db, { projectId: project.id, ...search });
      return { users: await Promise.all(ids.map(dossierOf)), next };
    },
    async findUsersIn(
      projectId: string,
      search: Search,
    ): Promise<{ users: User[]; next: UserCursor | null }> {
      const { ids, next } = await listUsers(db, { projectId, ...search });
      const users = await Promise.all(ids.map((id) => findUser(db, projectId, id)));
      // Somebody may have left since the page was read.
      return { users: users.filter((user) => user !== null), next };
    },
    async dossierIn(projectId: string, userId: string): Promise<ProjectUserDossier> {
      const user = await userIn(projectId, userId);
      return {
        user,
        contacts: await listContacts(db, userId),
        phone: await findPhone(db, userId),
        passkeys: (await passkeys.list(userId)).length,
        identities: await listIdentitiesOf(db, userId),
      };
    },
    readAudit: (query: Parameters<typeof listAuditRecords>[1]) => listAuditRecords(db, query),
  };
}
