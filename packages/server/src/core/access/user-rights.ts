import type { Clock } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import {
  ensurePrivateRole,
  grantAdministration,
  permissionsOfRole,
  permissionsOfRoles,
  replaceRows,
} from './access-store.ts';
import { keepingAdministrator } from './administrators.ts';
import { requireMayGrant } from './granting.ts';
import type { Permissions } from './is-allowed.ts';
import { privateRoleId } from './migrations.ts';
import { checkedPermissions } from './permission-rows.ts';
import { findRoleIds, replaceRolesOfUser, rolesOfUser, userExists } from './role-store.ts';

/** What is a user's alone, and the codes of the roles whose rows they hold besides. */
export interface Rights {
  permissions: Permissions;
  roles: readonly string[];
}

interface Named {
  projectId: string;
  userId: string;
}

export interface UserRights {
  /** Throws `not-found`. */
  read(wanted: Named): Promise<Rights>;
  /**
   * Both in place of what there was (Flecto contract A11); holds at the user's next request. The actor must hold all
   * of it: throws `grant-exceeds-own`, `permissions-refused`, `last-administrator`, `not-found`.
   */
  replace(change: Named & Rights & { actor: Actor }): Promise<Rights>;
  /** Everything there is, beside what the user holds; for the operator alone. Throws `not-found`. */
  promote(change: Named & { actor: Actor }): Promise<void>;
  /** Makes an account that was just made a member of these roles, in its transaction. */
  giveRoles(tx: Transaction, change: Named & { roles: readonly string[]; actor: Actor }): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  audit: Auditor;
}

const EVERYTHING: Permissions = {
  admin: [{ section: '*', action: '*' }],
  resources: [{ namespace: '*', site: '*', resource: '*', action: '*' }],
};

export function createUserRights({ storage, clock, audit }: Dependencies): UserRights {
  async function read({ projectId, userId }: Named): Promise<Rights> {
    if (!(await userExists(storage.db, projectId, userId)))
      throw new AuthError('not-found', { what: 'user' });
    const ownId = privateRoleId(userId);
    const permissionsOf = await permissionsOfRoles(storage.db, [ownId]);
    return { permissions: permissionsOf(ownId), roles: await rolesOfUser(storage.db, userId) };
  }

  /** Which roles these are, and that the actor holds all they would give. */
  async function grantable(
    tx: Transaction,
    { projectId, actor, ...asked }: Rights & { projectId: string; actor: Actor },
  ): Promise<string[]> {
    const codes = [...new Set(asked.roles)];
    const roleIds = await findRoleIds(tx, { projectId, codes });
    if (roleIds.length < codes.length) throw new AuthError('not-found', { what: 'role' });
    await requireMayGrant(tx, actor, asked.permissions);
    for (const id of roleIds) await requireMayGrant(tx, actor, await permissionsOfRole(tx, id));
    return roleIds;
  }

  return {
    read,
    async replace({ projectId, userId, actor, ...asked }) {
      const permissions = checkedPermissions(asked.permissions);
      const { roles } = asked;
      await storage.transaction((tx) =>
        keepingAdministrator(tx, projectId, async () => {
          if (!(await userExists(tx, projectId, userId))) throw new AuthError('not-found', { what: 'user' });
          const roleIds = await grantable(tx, { projectId, actor, permissions, roles });
          const ownId = await ensurePrivateRole(tx, { projectId, userId, now: clock() });
          await replaceRows(tx, ownId, permissions);
          await replaceRolesOfUser(tx, { userId, roleIds });
          const rows = permissions.admin.length + permissions.resources.length;
          const details = { rows, roles: [...new Set(roles)].join(',') };
          await audit.record(tx, { event: 'user.rights-changed', projectId, userId, actor, details });
        }),
      );
      return await read({ projectId, userId });
    },
    async promote({ projectId, userId, actor }) {
      await storage.transaction(async (tx) => {
        if (!(await userExists(tx, projectId, userId))) throw new AuthError('not-found', { what: 'user' });
        await requireMayGrant(tx, actor, EVERYTHING);
        await grantAdministration(tx, { projectId, userId, now: clock() });
        const details = { administrator: true };
        await audit.record(tx, { event: 'user.rights-changed', projectId, userId, actor, details });
      });
    },
    async giveRoles(tx, { projectId, userId, roles, actor }) {
      const permissions = { admin: [], resources: [] };
      const roleIds = await grantable(tx, { projectId, actor, permissions, roles });
      await replaceRolesOfUser(tx, { userId, roleIds });
    },
  };
}
