import { permissionsFrom, presentRights } from './access-present.ts';
import * as access from './access-schemas.ts';
import { presentUser } from './present.ts';
import * as schemas from './schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY, refuseOwn } from './surface.ts';

/** Accounts made, given rights and deleted by an administrator (Flecto contract A11). */
export function accountRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, userRights, proxies } = deps;
  const read = { adminNeeds: { section: 'users', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'users', action: 'write' } } as const;

  scope.post(
    '/users',
    {
      config: write,
      schema: {
        operationId: 'admin_create_user',
        summary: 'A new account for somebody else',
        body: access.newUserRequest,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => {
      const { login_name, email, password, global_name, roles } = request.body;
      const id = await deps.provisioning.create({
        projectId,
        loginName: login_name ?? null,
        email: email ?? null,
        password: password ?? null,
        globalName: global_name ?? null,
        roles,
        actor: actorOf(request, proxies),
      });
      return presentUser(await deps.dossierOf(id));
    },
  );

  scope.delete(
    '/users/:user_id',
    {
      config: write,
      schema: {
        operationId: 'admin_delete_user',
        summary: 'Delete an account with all that hangs on it, at once and for good',
        params: schemas.userParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const userId = request.params.user_id;
      refuseOwn(request, userId);
      await deps.departures.remove({ projectId, userId, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );

  scope.put(
    '/users/:user_id/password',
    {
      config: write,
      schema: {
        operationId: 'admin_set_user_password',
        summary: 'Give somebody a password; every session ends, and they are told',
        params: schemas.userParams,
        body: access.givenPasswordRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const userId = request.params.user_id;
      // One's own is changed on the account's page, where the old one is asked for.
      refuseOwn(request, userId);
      const { password } = request.body;
      await deps.givenPasswords.give({ projectId, userId, password, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );

  scope.get(
    '/users/:user_id/permissions',
    {
      config: read,
      schema: {
        operationId: 'admin_get_user_permissions',
        summary: "A user's own rights, roles, and what both come to",
        params: schemas.userParams,
        response: { 200: access.userPermissionsResponse },
      },
    },
    async (request) => {
      const userId = request.params.user_id;
      const rights = await userRights.read({ projectId, userId });
      return presentRights(rights, await deps.permissionsOf(userId));
    },
  );

  scope.put(
    '/users/:user_id/permissions',
    {
      config: write,
      schema: {
        operationId: 'admin_replace_user_permissions',
        summary: 'Other rights and roles in place of all the user had; none that the caller does not hold',
        params: schemas.userParams,
        body: access.userPermissionsRequest,
        response: { 200: access.userPermissionsResponse },
      },
    },
    async (request) => {
      const userId = request.params.user_id;
      const { roles } = request.body;
      const permissions = permissionsFrom(request.body.permissions);
      const actor = actorOf(request, proxies);
      const rights = await userRights.replace({ projectId, userId, permissions, roles, actor });
      return presentRights(rights, await deps.permissionsOf(userId));
    },
  );
}
