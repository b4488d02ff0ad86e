import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sameSecret } from '../../crypto/index.ts';
import { isDirectLoopback } from '../../http/index.ts';
import type { Metrics } from './metrics.ts';

interface OperationsDependencies {
  metrics: Metrics;
  /** Rejects when the database does not answer. */
  pingDatabase(): Promise<void>;
  /** True from the moment an orderly stop begins. */
  isStopping(): boolean;
  /** Empty: only this machine may read the metrics. */
  metricsToken: string;
}

const HIDDEN = { schema: { hide: true } };

export function operationsSurface(app: FastifyInstance, deps: OperationsDependencies): void {
  app.get('/healthz', HIDDEN, async () => ({ status: 'ok' }));

  app.get('/readyz', HIDDEN, async (_request, reply) => {
    if (deps.isStopping()) return notReady(reply, 'stopping');
    try {
      await deps.pingDatabase();
      return { status: 'ready' };
    } catch {
      return notReady(reply, 'the database does not answer');
    }
  });

  app.get('/metrics', HIDDEN, async (request, reply) => {
    if (!mayRead(request, deps.metricsToken)) {
      return reply.code(403).send({
        message:
          'Read metrics on the machine itself, or set FLUXGATE_METRICS_TOKEN and send it as a bearer token.',
      });
    }
    const { contentType, text } = await deps.metrics.render();
    return reply.type(contentType).send(text);
  });
}

function notReady(reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(503).header('retry-after', '5').send({ status: 'not ready', reason });
}

function mayRead(request: FastifyRequest, token: string): boolean {
  const sent = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token !== '' && sent !== undefined) return sameSecret(sent, token);
  return isDirectLoopback(request);
}
