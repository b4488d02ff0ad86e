import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { presentSession } from './present.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Operations 10, 11 and 12: log out, list sessions, log out of several. */
export const sessionRoutes: FluxerRoutes = (scope, { sessions, places, cookie, sudo }) => {
  scope.post(
    '/auth/logout',
    {
      config: { fluxer: { bucket: buckets.logout, needs: 'nothing', setsCookie: true } },
      schema: {
        operationId: 'logout_user',
        summary: 'Logout account',
        security: [{ sessionToken: [] }],
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { identity, origin } = contextOf(request);
      if (identity) {
        const { session } = identity;
        await sessions.end(session, { userId: session.userId, sessionId: session.id, origin });
      }
      cookie.clear(reply);
      sudo.forget(reply, identity?.session.userId ?? null);
      return reply.code(204).send(null);
    },
  );

  scope.get(
    '/auth/sessions',
    {
      config: { fluxer: { bucket: buckets.sessions, needs: 'session', suspected: 'allowed' } },
      schema: {
        operationId: 'list_auth_sessions',
        summary: 'List auth sessions',
        security: [{ sessionToken: [] }],
        response: { 200: schemas.sessionListResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const listed = await sessions.list(session.userId);
      return listed.map((one) => presentSession(one, session.id, places.placeOf(one).label));
    },
  );

  scope.post(
    '/auth/sessions/logout',
    {
      config: {
        fluxer: { bucket: buckets.sessionsLogout, needs: 'session', sudo: 'grants', suspected: 'allowed' },
      },
      schema: {
        operationId: 'logout_all_sessions',
        summary: 'Logout all sessions',
        security: [{ sessionToken: [] }],
        body: schemas.logoutAuthSessionsRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { session_id_hashes, session_ids } = request.body;
      await sessions.endNamed({
        projectId: session.projectId,
        userId: session.userId,
        tokenHashes: session_id_hashes ?? session_ids ?? [],
        actor: { userId: session.userId, sessionId: session.id, origin },
      });
      return reply.code(204).send(null);
    },
  );
};
