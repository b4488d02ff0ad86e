import { subscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

export const CHECK_PATH = '/v1/users/@me';
export const BARE_PATH = '/v1/bench/bare';

/**
 * Adds the limit that the session check is compared with: a route in the very scope of `GET /v1/users/@me`, so that
 * the same hooks run (security headers, request id, CORS, client address, both traffic buckets, metrics, log line)
 * and the same compiled schema writes the answer. It asks for no session, its requests carry none, and what it
 * answers is one constant object. What the session check costs beyond it is the session look-up and the answer's
 * making.
 *
 * Fastify tells of each new instance on a documented diagnostics channel, so the server needs no opening for this.
 */
export function addBareRoute(answer: () => unknown): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', function (this: FastifyInstance, route) {
      if (route.url !== CHECK_PATH || route.method !== 'GET') return;
      const rules = route.config?.fluxer;
      if (!rules) throw new Error('The session check declares no rules of its surface any more.');
      this.get(
        BARE_PATH.slice(this.prefix.length),
        {
          config: {
            fluxer: { ...rules, needs: 'nothing', bucket: { ...rules.bucket, name: 'bench:bare' } },
          },
          schema: { ...route.schema, operationId: 'bench_bare', hide: true },
        },
        async () => answer(),
      );
    });
  });
}
