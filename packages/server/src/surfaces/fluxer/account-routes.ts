import type { FastifyReply, FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { requireProof } from './proof.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.9: switching the own account off, and having it deleted. A sign-in undoes both. */
export const accountRoutes: FluxerRoutes = (scope, { departures, gate, cookie }) => {
  scope.post(
    '/users/@me/disable',
    {
      config: { fluxer: { bucket: buckets.accountDisable, needs: 'session', setsCookie: true } },
      schema: {
        operationId: 'disable_current_user_account',
        summary: 'Switch my account off until I sign in again',
        security: [{ sessionToken: [] }],
        body: schemas.sudoRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await departures.disable(await proved(request, request.body));
      return farewell(reply);
    },
  );

  scope.post(
    '/users/@me/delete',
    {
      config: { fluxer: { bucket: buckets.accountDelete, needs: 'session', setsCookie: true } },
      schema: {
        operationId: 'delete_current_user_account',
        summary: 'Have my account deleted, unless I sign in again before',
        security: [{ sessionToken: [] }],
        body: schemas.sudoRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await departures.leave(await proved(request, request.body));
      return farewell(reply);
    },
  );

  async function proved(request: FastifyRequest, { password }: schemas.SudoRequest) {
    const { session } = identityOf(request);
    const { origin } = contextOf(request);
    await requireProof(gate, { session, password, origin });
    return { session, origin };
  }

  function farewell(reply: FastifyReply): FastifyReply {
    cookie.clear(reply);
    return reply.code(204).send(null);
  }
};
