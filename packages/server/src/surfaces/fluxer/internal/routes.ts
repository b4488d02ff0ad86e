import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthError } from '../../../core/errors.ts';
import type { Events } from '../../../core/events/index.ts';
import { isSnowflake, type Users } from '../../../core/user/index.ts';
import { sameSecret } from '../../../crypto/index.ts';
import { type Bucket, createEventStreams, type Traffic } from '../../../http/index.ts';
import { contextOf } from '../context.ts';
import { answers, sendAnswer } from '../errors.ts';
import type { Account } from '../present.ts';
import type { FluxerRoutes } from '../surface.ts';
import { EVENTS_LOST, NO_SESSION, presentEvent, presentIntrospection } from './present.ts';
import * as schemas from './schemas.ts';

export interface InternalDependencies {
  /** Undefined: there is no internal API. */
  secret: string | undefined;
  events: Events;
  users: Users;
  /** A user as he is now; null for one who is no more. */
  accountOf(userId: string): Promise<Account | null>;
}

/** Services ask for each request of their own clients; this only keeps a runaway from taking the whole node. */
const OVERALL: Bucket = { name: 'internal', limit: 20_000, windowMs: 10_000 };
const WRONG: Bucket = { name: 'internal:wrong', limit: 10, windowMs: 60_000 };
const BUSY_RETRY_SECONDS = 30;
const MAX_STREAMS = 64;
/** Less than the ten seconds for which the channel goes on proving itself when it is asked. */
const HEARTBEAT_MS = 5_000;

export const internalRoutes: FluxerRoutes = (scope, deps) => {
  const { projectId, sessions, clock } = deps;
  const { secret, users, events, accountOf } = deps.internal;
  const streams = createEventStreams({
    source: events,
    lost: EVENTS_LOST,
    heartbeatMs: HEARTBEAT_MS,
    maxStreams: MAX_STREAMS,
    present: (event) => presentEvent(event, accountOf, clock()),
    onError: (error) => scope.log.error({ err: error }, 'an event could not be told'),
  });
  scope.addHook('preClose', async () => streams.close());
  scope.addHook('onRequest', createGuard(secret, deps.traffic));
  const documented = { tags: ['internal'], security: [{ internalSecret: [] }] };

  scope.post(
    '/introspect',
    {
      schema: {
        ...documented,
        operationId: 'internal_introspect',
        summary: 'Whose session token is this',
        description: 'Counts as a use of the session.',
        body: schemas.introspectRequest,
        response: { 200: schemas.introspectResponse },
      },
    },
    async (request, reply) => {
      const session = await sessions.find(request.body.token, 'fluxer');
      void reply.header('cache-control', 'no-store');
      return session ? presentIntrospection(session, await sessions.endsAt(session)) : NO_SESSION;
    },
  );

  async function endSessions(request: FastifyRequest, userId: string, hashes: readonly string[] | null) {
    if (!isSnowflake(userId)) throw new AuthError('not-found', { what: 'user' });
    const user = await users.find(projectId, userId);
    const ended = await sessions.endNamed({
      projectId,
      userId: user.id,
      ...(hashes && { tokenHashes: hashes }),
      actor: { userId: null, sessionId: null, origin: contextOf(request).origin },
    });
    return { ended };
  }

  scope.delete(
    '/users/:user_id/sessions',
    {
      schema: {
        ...documented,
        operationId: 'internal_end_all_sessions',
        summary: "End all of a user's sessions",
        params: schemas.userParams,
        response: { 200: schemas.endSessionsResponse },
      },
    },
    async (request) => await endSessions(request, request.params.user_id, null),
  );

  scope.post(
    '/users/:user_id/sessions/logout',
    {
      schema: {
        ...documented,
        operationId: 'internal_end_sessions',
        summary: "End some of a user's sessions, or all",
        params: schemas.userParams,
        body: schemas.endSessionsRequest,
        response: { 200: schemas.endSessionsResponse },
      },
    },
    async (request) =>
      await endSessions(request, request.params.user_id, request.body.session_id_hashes ?? null),
  );

  scope.get(
    '/events',
    {
      exposeHeadRoute: false,
      schema: {
        ...documented,
        operationId: 'internal_events',
        summary: 'What happens, as it happens',
        response: { 200: schemas.eventStream },
      },
    },
    async (request, reply) => {
      const after = request.headers['last-event-id'];
      const opened = streams.open({
        after: typeof after === 'string' && after !== '' ? after : null,
        isFor: ({ projectId: of }) => of === projectId,
      });
      if (!opened) throw new AuthError('overloaded', { retryAfterSeconds: BUSY_RETRY_SECONDS });
      reply.raw.once('close', opened.leave);
      return await reply
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream; charset=utf-8')
        .send(opened.stream);
    },
  );
};

/** Nobody learns whether there is an internal API before somebody has set a secret. */
function createGuard(secret: string | undefined, traffic: Traffic) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (secret === undefined) return sendAnswer(answers.notFound, reply);
    const presented = request.headers['x-internal-secret'];
    const { origin } = contextOf(request);
    const isRight = typeof presented === 'string' && sameSecret(presented, secret);
    // Wrong ones have a bucket of their own, so that nobody can use up what the services need.
    const state = traffic.take(isRight ? OVERALL : WRONG, `ip:${origin.source}`);
    if (!state.allowed) {
      return sendAnswer(answers.rateLimited(Math.ceil(state.retryAfterMs) / 1000, false), reply);
    }
    if (isRight) return;
    request.log.warn({ address: origin.address }, 'wrong or missing X-Internal-Secret');
    if (presented === undefined) throw new AuthError('not-signed-in');
    return sendAnswer(answers.wrongSecret, reply);
  };
}
