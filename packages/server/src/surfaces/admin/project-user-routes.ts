import { createCursors, userCursor } from './cursor.ts';
import { requireRightsOf, requireSection } from './project-guard.ts';
import { presentProjectUser, presentProjectUserDossier } from './project-present.ts';
import * as schemas from './project-schemas.ts';
import { suspendRequest } from './schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY, refuseOwn } from './surface.ts';

/** The users of one project, of whom no other project knows anything (Flux contract FX-05). */
export function projectUserRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projects, users, proxies } = deps;
  const read = { adminNeeds: { section: 'auth-projects', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'auth-projects', action: 'write' } } as const;

  scope.get(
    '/flux/projects/:project_id/users',
    {
      config: read,
      schema: {
        operationId: 'admin_list_auth_project_users',
        summary: "A project's users, by e-mail address, username or id; the newest first",
        params: schemas.projectParams,
        querystring: schemas.projectUserListQuery,
        response: { 200: schemas.projectUserListResponse },
      },
    },
    async (request) => {
      const { id } = await projects.read({ id: request.params.project_id });
      requireSection(request, deps, { id, section: 'users', action: 'read' });
      const { q = '', cursor, limit } = request.query;
      // A place in one project's list is none in another's.
      const cursors = createCursors(deps.sealer, `users:${id}`, userCursor);
      const found = await deps.findUsersIn(id, { query: q.trim(), after: cursors.read(cursor), limit });
      return { items: found.users.map(presentProjectUser), next_cursor: cursors.write(found.next) };
    },
  );

  scope.get(
    '/flux/projects/:project_id/users/:user_id',
    {
      config: read,
      schema: {
        operationId: 'admin_get_auth_project_user',
        summary: 'One user of a project',
        params: schemas.projectUserParams,
        response: { 200: schemas.projectUserResponse },
      },
    },
    async (request) => {
      const { project_id: id, user_id: userId } = request.params;
      requireSection(request, deps, { id, section: 'users', action: 'read' });
      return presentProjectUserDossier(await deps.dossierIn(id, userId));
    },
  );

  scope.patch(
    '/flux/projects/:project_id/users/:user_id',
    {
      config: write,
      schema: {
        operationId: 'admin_change_auth_project_user',
        summary: 'Whether a second factor is demanded of this user, whatever the project demands of all',
        params: schemas.projectUserParams,
        body: schemas.projectUserChangeRequest,
        response: { 200: schemas.projectUserResponse },
      },
    },
    async (request) => {
      const { project_id: projectId, user_id: id } = request.params;
      requireSection(request, deps, { id: projectId, section: 'users', action: 'write' });
      const { mfa_required: isDemanded } = request.body;
      if (isDemanded === false) await requireRightsOf(request, deps, { id: projectId, userId: id });
      if (isDemanded !== undefined)
        await users.demandFactor({ projectId, id, isDemanded, actor: actorOf(request, proxies) });
      return presentProjectUserDossier(await deps.dossierIn(projectId, id));
    },
  );

  scope.post(
    '/flux/projects/:project_id/users/:user_id/suspend',
    {
      config: write,
      schema: {
        operationId: 'admin_suspend_auth_project_user',
        summary: 'Suspend: no sign-in, every session ends at once',
        params: schemas.projectUserParams,
        body: suspendRequest,
        response: { 200: schemas.projectUserResponse },
      },
    },
    async (request) => {
      const { project_id: projectId, user_id: id } = request.params;
      requireSection(request, deps, { id: projectId, section: 'users', action: 'write' });
      refuseOwn(request, id);
      const reason = request.body.reason?.trim() || null;
      await users.suspend({ projectId, id, reason, actor: actorOf(request, proxies) });
      return presentProjectUserDossier(await deps.dossierIn(projectId, id));
    },
  );

  scope.post(
    '/flux/projects/:project_id/users/:user_id/restore',
    {
      config: write,
      schema: {
        operationId: 'admin_restore_auth_project_user',
        summary: 'Restore a suspended user',
        params: schemas.projectUserParams,
        response: { 200: schemas.projectUserResponse },
      },
    },
    async (request) => {
      const { project_id: projectId, user_id: id } = request.params;
      requireSection(request, deps, { id: projectId, section: 'users', action: 'write' });
      await users.restore({ projectId, id, actor: actorOf(request, proxies) });
      return presentProjectUserDossier(await deps.dossierIn(projectId, id));
    },
  );

  scope.delete(
    '/flux/projects/:project_id/users/:user_id',
    {
      config: write,
      schema: {
        operationId: 'admin_delete_auth_project_user',
        summary: 'Delete an account with all that hangs on it, at once and for good',
        params: schemas.projectUserParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { project_id: projectId, user_id: userId } = request.params;
      requireSection(request, deps, { id: projectId, section: 'users', action: 'write' });
      refuseOwn(request, userId);
      await deps.departures.remove({ projectId, userId, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
