import { AuthError } from '../../core/errors.ts';
import { createEventStreams } from '../../http/index.ts';
import { EVENTS_LOST, presentEvent, presentGreeting } from './present.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** Design section 5: as often as this node proves its channel. */
const HEARTBEAT_MS = 250;
const MAX_STREAMS = 1_000;
const BUSY_RETRY_SECONDS = 30;
/** Each change holds within a second, on every node; what is asked comes from memory as a rule. */
const KEY_CHECK_MS = 500;
const UNKNOWN = Symbol('unknown');

/** What SDKs must forget, as it happens. */
export const eventRoutes: FluxRoutes = (scope, { events, projectKeys }) => {
  const streams = createEventStreams({
    source: events,
    present: async (event) => presentEvent(event),
    lost: EVENTS_LOST,
    heartbeatMs: HEARTBEAT_MS,
    maxStreams: MAX_STREAMS,
    onError: (error) => scope.log.error({ err: error }, 'an event could not be told'),
  });
  scope.addHook('preClose', async () => streams.close());

  /** Calls `leave` once the key selects nothing any more; returns the way to stop looking. */
  function watchKey(plain: string, leave: () => void): () => void {
    let isLooking = false;
    const look = async () => {
      if (isLooking) return;
      isLooking = true;
      // Nobody knows while the database is away; heartbeats stop then, and the listener believes nothing.
      if ((await projectKeys.find(plain).catch(() => UNKNOWN)) === null) leave();
      isLooking = false;
    };
    const timer = setInterval(() => void look(), KEY_CHECK_MS).unref();
    return () => clearInterval(timer);
  }

  scope.get(
    '/events',
    {
      exposeHeadRoute: false,
      config: { flux: { needs: 'secret-key' } },
      schema: {
        operationId: 'flux_events',
        summary: 'What happens in the project, as it happens',
        response: { 200: schemas.eventStream },
      },
    },
    async (request, reply) => {
      const { project, key } = callerOf(request);
      const after = request.headers['last-event-id'];
      const opened = streams.open({
        after: typeof after === 'string' && after !== '' ? after : null,
        greeting: presentGreeting(events.cursor()),
        isFor: (event) =>
          event.projectId === project.id || (event.projectId === null && event.kind === 'keys-rotated'),
      });
      if (!opened) throw new AuthError('overloaded', { retryAfterSeconds: BUSY_RETRY_SECONDS });
      const stopWatching = watchKey(key.plain, opened.leave);
      reply.raw.once('close', () => {
        stopWatching();
        opened.leave();
      });
      return await reply
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream; charset=utf-8')
        .send(opened.stream);
    },
  );
};
