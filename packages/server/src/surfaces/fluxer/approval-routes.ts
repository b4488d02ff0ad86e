import type { FastifyRequest } from 'fastify';
import { isCrossSite } from '../../http/index.ts';
import { buckets } from './buckets.ts';
import { contextOf } from './context.ts';
import { presentToken } from './present.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Operations 13 to 15: a sign-in from a new place waits until its mail was answered; under seed 000's names too. */
export const approvalRoutes: FluxerRoutes = (scope, deps) => {
  const { approvals, projectId } = deps;

  scope.post(
    '/auth/authorize-ip',
    {
      config: { fluxer: { bucket: buckets.placeApprove, needs: 'nothing' } },
      schema: {
        operationId: 'authorize_ip_address',
        summary: 'Authorize IP address',
        body: schemas.authorizeIpRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const token = request.body.token ?? request.body.code ?? '';
      await approvals.approve({ projectId, token, origin: contextOf(request).origin });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/auth/ip-authorization/resend',
    {
      config: { fluxer: { bucket: buckets.placeResend, needs: 'nothing' } },
      schema: {
        operationId: 'resend_ip_authorization',
        summary: 'Resend IP authorization',
        body: schemas.mfaTicketRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await approvals.resend({ projectId, ticket: request.body.ticket });
      return reply.code(204).send(null);
    },
  );

  for (const [url, operationId] of [
    ['/auth/ip-authorization/poll', 'poll_ip_authorization'],
    ['/auth/authorize-ip/poll', 'poll_ip_authorization_by_seed_path'],
  ] as const) {
    scope.get(
      url,
      {
        config: { fluxer: { bucket: buckets.placePoll, needs: 'nothing' } },
        schema: {
          operationId,
          summary: 'Poll IP authorization',
          querystring: schemas.ipPollQuery,
          response: { 200: schemas.ipPollResponse },
        },
      },
      async (request, reply) => {
        // The ticket stands in the query because the contract has it there.
        void reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        const ticket = request.query.ticket ?? request.query.code ?? '';
        const outcome = await approvals.poll({ projectId, ticket });
        if (!outcome) return { completed: false };
        if (deps.cookieEnabled && isAskedByApp(request, deps.allowedOrigins))
          deps.cookie.write(reply, outcome.token);
        return {
          completed: true,
          ...presentToken(outcome.token, await deps.profileOf(outcome.userId)),
        };
      },
    );
  }
};

/**
 * Whether the app itself polls. A link to the poll that a stranger made would else put the stranger's session into
 * the browser of whoever follows it (login CSRF); browsers ask for pages when they follow one.
 */
function isAskedByApp(request: FastifyRequest, allowedOrigins: ReadonlySet<string>): boolean {
  return !isCrossSite(request, allowedOrigins) && !/\btext\/html\b/.test(request.headers.accept ?? '');
}
