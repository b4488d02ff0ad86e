import { AuthError } from '../../core/errors.ts';
import { createCursors, userCursor } from './cursor.ts';
import { presentSession, presentUser } from './present.ts';
import * as schemas from './schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, adminOf, EMPTY, refuseOwn } from './surface.ts';

/** Finding users, and what an operator does to one. */
export function userRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, users, sessions, proxies } = deps;
  const cursors = createCursors(deps.sealer, 'users', userCursor);
  const read = { adminNeeds: { section: 'users', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'users', action: 'write' } } as const;

  scope.get(
    '/users',
    {
      config: read,
      schema: {
        operationId: 'admin_list_users',
        summary: 'Find users by e-mail address, login name, username or id',
        querystring: schemas.userListQuery,
        response: { 200: schemas.userListResponse },
      },
    },
    async (request) => {
      const { query = '', cursor, limit } = request.query;
      const { users: found, next } = await deps.findUsers({
        query: query.trim(),
        after: cursors.read(cursor),
        limit,
      });
      return { items: found.map(presentUser), next_cursor: cursors.write(next) };
    },
  );

  scope.get(
    '/users/:user_id',
    {
      config: read,
      schema: {
        operationId: 'admin_get_user',
        summary: 'One user',
        params: schemas.userParams,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => presentUser(await deps.dossierOf(request.params.user_id)),
  );

  scope.post(
    '/users/:user_id/suspend',
    {
      config: write,
      schema: {
        operationId: 'admin_suspend_user',
        summary: 'Suspend: no sign-in, every session ends at once',
        params: schemas.userParams,
        body: schemas.suspendRequest,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => {
      const id = request.params.user_id;
      // Whoever suspends themselves locks the door from the outside.
      refuseOwn(request, id);
      await users.suspend({
        projectId,
        id,
        reason: request.body.reason?.trim() || null,
        actor: actorOf(request, proxies),
      });
      return presentUser(await deps.dossierOf(id));
    },
  );

  scope.post(
    '/users/:user_id/restore',
    {
      config: write,
      schema: {
        operationId: 'admin_restore_user',
        summary: 'Restore a suspended user',
        params: schemas.userParams,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => {
      const id = request.params.user_id;
      await users.restore({ projectId, id, actor: actorOf(request, proxies) });
      return presentUser(await deps.dossierOf(id));
    },
  );

  scope.patch(
    '/users/:user_id/suspicious-flags',
    {
      config: write,
      schema: {
        operationId: 'admin_set_suspicious_flags',
        summary: 'What a suspected user must prove before going on; an empty list for nothing',
        params: schemas.userParams,
        body: schemas.suspiciousFlagsRequest,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => {
      const id = request.params.user_id;
      const actor = actorOf(request, proxies);
      await users.suspect({ projectId, id, flags: request.body.flags, actor });
      return presentUser(await deps.dossierOf(id));
    },
  );

  scope.post(
    '/users/:user_id/factors/remove',
    {
      config: write,
      schema: {
        operationId: 'admin_remove_factors',
        summary: 'Take away all second factors of a user who has lost them; every session ends',
        params: schemas.userParams,
        response: { 200: schemas.userSchema },
      },
    },
    async (request) => {
      const userId = request.params.user_id;
      // One's own go one by one on the account's page, where each is proved.
      refuseOwn(request, userId);
      await deps.factorRemoval.removeAll({ projectId, userId, actor: actorOf(request, proxies) });
      return presentUser(await deps.dossierOf(userId));
    },
  );

  scope.get(
    '/users/:user_id/sessions',
    {
      config: { adminNeeds: { section: 'sessions', action: 'read' } },
      schema: {
        operationId: 'admin_list_sessions',
        summary: "A user's live sessions",
        params: schemas.userParams,
        response: { 200: schemas.sessionListResponse },
      },
    },
    async (request) => {
      const user = await users.find(projectId, request.params.user_id);
      const current = adminOf(request).session?.id ?? null;
      return { items: (await sessions.list(user.id)).map((session) => presentSession(session, current)) };
    },
  );

  scope.delete(
    '/users/:user_id/sessions',
    {
      config: { adminNeeds: { section: 'sessions', action: 'write' } },
      schema: {
        operationId: 'admin_end_all_sessions',
        summary: 'End all sessions of a user',
        params: schemas.userParams,
        response: { 200: schemas.endedResponse },
      },
    },
    async (request) => {
      const user = await users.find(projectId, request.params.user_id);
      return {
        ended: await sessions.endNamed({ projectId, userId: user.id, actor: actorOf(request, proxies) }),
      };
    },
  );

  scope.delete(
    '/users/:user_id/sessions/:session_id',
    {
      config: { adminNeeds: { section: 'sessions', action: 'write' } },
      schema: {
        operationId: 'admin_end_session',
        summary: 'End one session',
        params: schemas.sessionParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { user_id, session_id } = request.params;
      const user = await users.find(projectId, user_id);
      const ended = await sessions.endNamed({
        projectId,
        userId: user.id,
        ids: [session_id],
        actor: actorOf(request, proxies),
      });
      if (ended === 0) throw new AuthError('not-found', { what: 'session' });
      return reply.code(204).send(null);
    },
  );
}
