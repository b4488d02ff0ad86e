import type { FastifyReply, FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.9: switching the own account off, and having it deleted. A sign-in undoes both. */
export const accountRoutes: FluxerRoutes = (scope, { departures, cookie, sudo }) => {
  scope.post(
    '/users/@me/disable',
    {
      config: {
        fluxer: { bucket: buckets.accountDisable, needs: 'session', sudo: 'asks', setsCookie: true },
      },
      schema: {
        operationId: 'disable_current_user_account',
        summary: 'Switch my account off until I sign in again',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await departures.disable(asking(request));
      return farewell(request, reply);
    },
  );

  scope.post(
    '/users/@me/delete',
    {
      config: {
        fluxer: { bucket: buckets.accountDelete, needs: 'session', sudo: 'grants', setsCookie: true },
      },
      schema: {
        operationId: 'delete_current_user_account',
        summary: 'Have my account deleted, unless I sign in again before',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await departures.leave(asking(request));
      return farewell(request, reply);
    },
  );

  function asking(request: FastifyRequest) {
    return { session: identityOf(request).session, origin: contextOf(request).origin };
  }

  function farewell(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    cookie.clear(reply);
    sudo.forget(reply, identityOf(request).session.userId);
    return reply.code(204).send(null);
  }
};
