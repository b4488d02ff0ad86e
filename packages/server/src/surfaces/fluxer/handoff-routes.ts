import type { FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import { contextOf } from './context.ts';
import { answers, FluxerError } from './errors.ts';
import { presentHandoff, presentHandoffInfo, timestamp } from './present.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Operations 25 to 28: a browser's log-in handed to an app (contract 1.15). */
export const handoffRoutes: FluxerRoutes = (scope, deps) => {
  const { handoffs, sessions, profileOf, projectId } = deps;
  function presented(request: FastifyRequest, code: string) {
    const { origin, identity } = contextOf(request);
    return { code, origin, userId: identity?.session.userId ?? null };
  }

  scope.post(
    '/auth/handoff/initiate',
    {
      config: { fluxer: { bucket: buckets.handoffInitiate, needs: 'nothing' } },
      schema: {
        operationId: 'initiate_handoff',
        summary: 'Initiate handoff',
        response: { 200: schemas.handoffInitiateResponse },
      },
    },
    async (request) => {
      const { origin } = contextOf(request);
      const { code, expiresAt } = await handoffs.initiate({ projectId, origin });
      return { code, expires_at: timestamp(expiresAt) };
    },
  );

  /** Both forms: the token is in the body, or the request's own credential stands in for it. */
  async function complete(request: FastifyRequest, sent: Completion): Promise<void> {
    const { identity } = contextOf(request);
    const session =
      sent.token == null ? (identity?.session ?? null) : await sessions.find(sent.token, 'fluxer');
    if (!session) throw new FluxerError(answers.invalidToken);
    if (sent.user_id != null && sent.user_id !== session.userId) throw new FluxerError(answers.tokenMismatch);
    await handoffs.complete({ ...presented(request, sent.code), session });
  }

  scope.post(
    '/auth/handoff/complete',
    {
      config: { fluxer: { bucket: buckets.handoffComplete, needs: 'nothing' } },
      schema: {
        operationId: 'complete_handoff',
        summary: 'Complete handoff',
        body: schemas.handoffCompleteRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await complete(request, request.body);
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/auth/handoff/:code/complete',
    {
      config: { fluxer: { bucket: buckets.handoffComplete, needs: 'nothing' } },
      schema: {
        operationId: 'complete_handoff_by_path',
        summary: 'Complete handoff, with the code in the path',
        params: schemas.handoffParams,
        body: schemas.handoffCompleteByPathRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await complete(request, { ...request.body, code: request.params.code });
      return reply.code(204).send(null);
    },
  );

  scope.get(
    '/auth/handoff/:code/status',
    {
      // Asking takes the token away; a HEAD would take it and show nothing.
      exposeHeadRoute: false,
      config: { fluxer: { bucket: buckets.handoffStatus, needs: 'nothing' } },
      schema: {
        operationId: 'get_handoff_status',
        summary: 'Get handoff status',
        params: schemas.handoffParams,
        response: { 200: schemas.handoffStatusResponse },
      },
    },
    async (request) => {
      const found = await handoffs.fetch(presented(request, request.params.code));
      return presentHandoff(found, found.status === 'completed' ? await profileOf(found.userId) : null);
    },
  );

  scope.get(
    '/auth/handoff/:code/info',
    {
      config: { fluxer: { bucket: buckets.handoffInfo, needs: 'nothing' } },
      schema: {
        operationId: 'get_handoff_info',
        summary: 'Which device asks for a handoff',
        params: schemas.handoffParams,
        response: { 200: schemas.handoffInfoResponse },
      },
    },
    async (request) => presentHandoffInfo(await handoffs.describe(presented(request, request.params.code))),
  );

  scope.delete(
    '/auth/handoff/:code',
    {
      config: { fluxer: { bucket: buckets.handoffCancel, needs: 'nothing' } },
      schema: {
        operationId: 'cancel_handoff',
        summary: 'Cancel handoff',
        params: schemas.handoffParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await handoffs.cancel(presented(request, request.params.code));
      return reply.code(204).send(null);
    },
  );
};

interface Completion {
  code: string;
  token?: string | null | undefined;
  user_id?: string | null | undefined;
}
