import { z } from 'zod';
import { permissionsFrom, presentMember, presentRole } from './access-present.ts';
import * as schemas from './access-schemas.ts';
import { createCursors } from './cursor.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY } from './surface.ts';

/** Named roles and who has them (Flecto contract A8). */
export function roleRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, roles, proxies } = deps;
  const cursors = createCursors(deps.sealer, 'roles', z.string());
  const memberCursors = createCursors(deps.sealer, 'members', z.string());
  const read = { adminNeeds: { section: 'roles', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'roles', action: 'write' } } as const;

  scope.get(
    '/roles',
    {
      config: read,
      schema: {
        operationId: 'admin_list_roles',
        summary: 'Roles, by part of a code, in the order of their codes',
        querystring: schemas.roleListQuery,
        response: { 200: schemas.roleListResponse },
      },
    },
    async (request) => {
      const { query = '', cursor, limit } = request.query;
      const wanted = { projectId, search: query.trim(), after: cursors.read(cursor), limit };
      const found = await roles.list(wanted);
      return { items: found.roles.map(presentRole), next_cursor: cursors.write(found.next) };
    },
  );

  scope.post(
    '/roles',
    {
      config: write,
      schema: {
        operationId: 'admin_create_role',
        summary: 'A new role; no right that the caller does not hold',
        body: schemas.roleRequest,
        response: { 200: schemas.roleSchema },
      },
    },
    async (request) => {
      const { code } = request.body;
      const permissions = permissionsFrom(request.body.permissions);
      return presentRole(
        await roles.create({ projectId, code, permissions, actor: actorOf(request, proxies) }),
      );
    },
  );

  scope.get(
    '/roles/:code',
    {
      config: read,
      schema: {
        operationId: 'admin_get_role',
        summary: 'One role',
        params: schemas.roleParams,
        response: { 200: schemas.roleSchema },
      },
    },
    async (request) => presentRole(await roles.read({ projectId, ...request.params })),
  );

  scope.put(
    '/roles/:code/permissions',
    {
      config: write,
      schema: {
        operationId: 'admin_replace_role_permissions',
        summary: 'Other rights in place of all there were; they hold at the next request of each member',
        params: schemas.roleParams,
        body: schemas.permissionsSchema,
        response: { 200: schemas.roleSchema },
      },
    },
    async (request) => {
      const permissions = permissionsFrom(request.body);
      const change = { projectId, ...request.params, permissions, actor: actorOf(request, proxies) };
      return presentRole(await roles.replacePermissions(change));
    },
  );

  scope.delete(
    '/roles/:code',
    {
      config: write,
      schema: {
        operationId: 'admin_delete_role',
        summary: 'Delete a role; its members lose what it gave',
        params: schemas.roleParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await roles.delete({ projectId, ...request.params, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );

  scope.get(
    '/roles/:code/members',
    {
      config: read,
      schema: {
        operationId: 'admin_list_role_members',
        summary: 'Who has a role',
        params: schemas.roleParams,
        querystring: schemas.memberListQuery,
        response: { 200: schemas.memberListResponse },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const after = memberCursors.read(cursor);
      const { userIds, next } = await roles.members({ projectId, ...request.params, after, limit });
      const dossiers = await Promise.all(userIds.map(deps.dossierOf));
      return { items: dossiers.map(presentMember), next_cursor: memberCursors.write(next) };
    },
  );

  scope.put(
    '/roles/:code/members/:user_id',
    {
      config: write,
      schema: {
        operationId: 'admin_add_role_member',
        summary: 'Give somebody a role; the caller must hold all that it grants',
        params: schemas.memberParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { code, user_id: userId } = request.params;
      await roles.addMember({ projectId, code, userId, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );

  scope.delete(
    '/roles/:code/members/:user_id',
    {
      config: write,
      schema: {
        operationId: 'admin_remove_role_member',
        summary: 'Take a role from somebody',
        params: schemas.memberParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { code, user_id: userId } = request.params;
      await roles.removeMember({ projectId, code, userId, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
