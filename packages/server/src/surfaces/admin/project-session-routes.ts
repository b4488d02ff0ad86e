import { AuthError } from '../../core/errors.ts';
import { presentSession } from './present.ts';
import { requireSection } from './project-guard.ts';
import * as schemas from './project-schemas.ts';
import { endedResponse, sessionListResponse } from './schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, adminOf, EMPTY } from './surface.ts';

/** The sessions of one project's users, on whatever wire they were made (Flux contract FX-65, FX-66). */
export function projectSessionRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projects, users, sessions, proxies } = deps;
  const read = { adminNeeds: { section: 'auth-projects', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'auth-projects', action: 'write' } } as const;

  scope.get(
    '/flux/projects/:project_id/users/:user_id/sessions',
    {
      config: read,
      schema: {
        operationId: 'admin_list_auth_project_user_sessions',
        summary: "A user's live sessions",
        params: schemas.projectUserParams,
        response: { 200: sessionListResponse },
      },
    },
    async (request) => {
      const { project_id: id, user_id: userId } = request.params;
      requireSection(request, deps, { id, section: 'sessions', action: 'read' });
      const user = await users.find(id, userId);
      const current = adminOf(request).session?.id ?? null;
      return { items: (await sessions.list(user.id)).map((session) => presentSession(session, current)) };
    },
  );

  scope.post(
    '/flux/projects/:project_id/users/:user_id/sessions/revoke',
    {
      config: write,
      schema: {
        operationId: 'admin_end_auth_project_user_sessions',
        summary: 'End all sessions of a user',
        params: schemas.projectUserParams,
        response: { 200: endedResponse },
      },
    },
    async (request) => {
      const { project_id: projectId, user_id } = request.params;
      requireSection(request, deps, { id: projectId, section: 'sessions', action: 'write' });
      const { id: userId } = await users.find(projectId, user_id);
      return { ended: await sessions.endNamed({ projectId, userId, actor: actorOf(request, proxies) }) };
    },
  );

  scope.delete(
    '/flux/projects/:project_id/sessions/:session_id',
    {
      config: write,
      schema: {
        operationId: 'admin_end_auth_project_session',
        summary: 'End one session',
        params: schemas.projectSessionParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { project_id: projectId, session_id: id } = request.params;
      requireSection(request, deps, { id: projectId, section: 'sessions', action: 'write' });
      const ended = await sessions.endInProject({ projectId, id, actor: actorOf(request, proxies) });
      if (!ended) throw new AuthError('not-found', { what: 'session' });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/flux/projects/:project_id/sessions/revoke',
    {
      config: write,
      schema: {
        operationId: 'admin_end_auth_project_sessions',
        summary: 'End all sessions of all users of a project; whoever asks from within it is signed out, too',
        params: schemas.projectParams,
        response: { 200: endedResponse },
      },
    },
    async (request) => {
      const { id: projectId } = await projects.read({ id: request.params.project_id });
      requireSection(request, deps, { id: projectId, section: 'sessions', action: 'write' });
      return { ended: await sessions.endAllInProject({ projectId, actor: actorOf(request, proxies) }) };
    },
  );
}
