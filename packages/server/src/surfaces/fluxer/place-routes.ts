import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 1.9: taking back the places that one may sign in from. */
export const placeRoutes: FluxerRoutes = (scope, { places }) => {
  scope.delete(
    '/users/@me/authorized-ips',
    {
      config: { fluxer: { bucket: buckets.placesForget, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'forget_authorized_ips',
        summary: 'Forget authorized IPs',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { projectId, userId } = session;
      const actor = { userId, sessionId: session.id, origin };
      await places.forgetAll({ projectId, userId, actor });
      return reply.code(204).send(null);
    },
  );
};
