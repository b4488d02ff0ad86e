import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { permissionsOfRole, replaceRows } from './access-store.ts';
import { keepingAdministrator } from './administrators.ts';
import { requireMayGrant } from './granting.ts';
import type { Permissions } from './is-allowed.ts';
import { checkedPermissions } from './permission-rows.ts';
import {
  deleteMember,
  deleteRole,
  findRole,
  insertMember,
  insertRole,
  listMembers,
  listRoles,
  type Role,
  touchRole,
  userExists,
} from './role-store.ts';

interface Coded {
  projectId: string;
  code: string;
}
type Change = Coded & { actor: Actor };

/**
 * Named roles. Whoever changes one must hold all that it grants, and so must whoever makes somebody its member, also
 * themselves; every change throws `grant-exceeds-own` otherwise, and `last-administrator` if nobody would be left.
 */
export interface Roles {
  /** Throws `name-refused`, `name-taken`, `permissions-refused`. */
  create(wanted: Change & { permissions: Permissions }): Promise<Role>;
  /** In the order of their codes. `next` is the code to go on after. */
  list(wanted: {
    projectId: string;
    search: string;
    after: string | null;
    limit: number;
  }): Promise<{ roles: Role[]; next: string | null }>;
  /** Throws `not-found`, as all that follow. */
  read(wanted: Coded): Promise<Role>;
  replacePermissions(change: Change & { permissions: Permissions }): Promise<Role>;
  delete(wanted: Change): Promise<void>;
  members(
    wanted: Coded & { after: string | null; limit: number },
  ): Promise<{ userIds: string[]; next: string | null }>;
  /** Nothing happens to who is one already. */
  addMember(change: Change & { userId: string }): Promise<void>;
  removeMember(change: Change & { userId: string }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
}

const CODE = /^[A-Za-z0-9_-]{1,100}$/;

export function createRoles(deps: Dependencies): Roles {
  const { storage, audit, clock, random } = deps;

  function deciding<T>(projectId: string, change: (tx: Transaction) => Promise<T>): Promise<T> {
    return storage.transaction((tx) => keepingAdministrator(tx, projectId, () => change(tx)));
  }

  async function read(wanted: Coded): Promise<Role> {
    const role = await findRole(storage.db, wanted);
    if (!role) throw new AuthError('not-found', { what: 'role' });
    return role;
  }

  async function holdRole(tx: Transaction, wanted: Coded, now: number): Promise<string> {
    const id = await touchRole(tx, { ...wanted, now });
    if (id === null) throw new AuthError('not-found', { what: 'role' });
    return id;
  }

  return {
    read,
    async create({ projectId, code, permissions: asked, actor }) {
      if (!CODE.test(code)) throw new AuthError('name-refused', { what: 'role' });
      const permissions = checkedPermissions(asked);
      const now = clock();
      const id = newId('role', now, random);
      await deciding(projectId, async (tx) => {
        await requireMayGrant(tx, actor, permissions);
        if (!(await insertRole(tx, { id, projectId, code, now })))
          throw new AuthError('name-taken', { what: 'role' });
        await replaceRows(tx, id, permissions);
        const details = { role: code, rows: countOf(permissions) };
        await audit.record(tx, { event: 'role.created', projectId, userId: null, actor, details });
      });
      return { id, code, createdAt: now, updatedAt: now, permissions };
    },
    async list(wanted) {
      const roles = await listRoles(storage.db, wanted);
      return { roles, next: roles.length === wanted.limit ? (roles.at(-1)?.code ?? null) : null };
    },
    async replacePermissions({ projectId, code, permissions: asked, actor }) {
      const permissions = checkedPermissions(asked);
      await deciding(projectId, async (tx) => {
        const id = await holdRole(tx, { projectId, code }, clock());
        await requireMayGrant(tx, actor, permissions);
        await replaceRows(tx, id, permissions);
        const details = { role: code, rows: countOf(permissions) };
        await audit.record(tx, { event: 'role.changed', projectId, userId: null, actor, details });
      });
      return await read({ projectId, code });
    },
    async delete({ projectId, code, actor }) {
      await deciding(projectId, async (tx) => {
        if ((await deleteRole(tx, { projectId, code })) === null)
          throw new AuthError('not-found', { what: 'role' });
        const details = { role: code };
        await audit.record(tx, { event: 'role.deleted', projectId, userId: null, actor, details });
      });
    },
    async members({ projectId, code, after, limit }) {
      const { id } = await read({ projectId, code });
      const userIds = await listMembers(storage.db, { roleId: id, after, limit });
      return { userIds, next: userIds.length === limit ? (userIds.at(-1) ?? null) : null };
    },
    async addMember({ projectId, code, userId, actor }) {
      await deciding(projectId, async (tx) => {
        const roleId = await holdRole(tx, { projectId, code }, clock());
        if (!(await userExists(tx, projectId, userId))) throw new AuthError('not-found', { what: 'user' });
        await requireMayGrant(tx, actor, await permissionsOfRole(tx, roleId));
        if (!(await insertMember(tx, { roleId, userId }))) return;
        const details = { role: code };
        await audit.record(tx, { event: 'role.member-added', projectId, userId, actor, details });
      });
    },
    async removeMember({ projectId, code, userId, actor }) {
      await deciding(projectId, async (tx) => {
        const roleId = await holdRole(tx, { projectId, code }, clock());
        if (!(await deleteMember(tx, { roleId, userId }))) throw new AuthError('not-found', { what: 'user' });
        const details = { role: code };
        await audit.record(tx, { event: 'role.member-removed', projectId, userId, actor, details });
      });
    },
  };
}

function countOf({ admin, resources }: Permissions): number {
  return admin.length + resources.length;
}
