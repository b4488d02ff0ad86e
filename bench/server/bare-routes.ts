import { subscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { PATHS } from '../checks.ts';

/** What each bare route answers: one constant for all, copied from the check it is compared with. */
export interface BareAnswers {
  sessionCheck: unknown;
  version: unknown;
  /** Those of a 200 to a proxy, which has no body. */
  verifyHeaders: Record<string, string>;
  renewal: unknown;
}

const withoutQuery = (path: string) => path.replace(/\?.*/, '');

/**
 * Adds the limits that the checks are compared with: for each a route in its very scope, so that the same hooks run
 * (security headers, request id, metrics, log line; on Fluxer's API CORS, client address and both traffic buckets; on
 * Flecto's CORS) and the same compiled schema writes the answer. It asks for no credential, its requests carry
 * none, and what it answers is constant. What a check costs beyond it is finding out who asks, whether they may, and
 * the answer's making.
 *
 * Fastify tells of each new instance on a documented diagnostics channel, so the server needs no opening for this.
 */
export function addBareRoutes(answers: BareAnswers): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', function (this: FastifyInstance, route) {
      if (route.method === 'POST' && route.url === PATHS.renewal) addRenewal(this, route, answers);
      if (route.method !== 'GET') return;
      if (route.url === PATHS['session-check']) addSessionCheck(this, route, answers);
      if (route.url === withoutQuery(PATHS.verify)) addVerify(this, route, answers);
      if (route.url === '/api/namespace/:ns/project/:project/version') addVersion(this, route, answers);
    });
  });
}

const hidden = (route: RouteOptions, operationId: string) => ({ ...route.schema, operationId, hide: true });

function addSessionCheck(scope: FastifyInstance, route: RouteOptions, answers: BareAnswers): void {
  const rules = route.config?.fluxer;
  if (!rules) throw new Error('The session check declares no rules of its surface any more.');
  const bucket = { ...rules.bucket, name: 'bench:bare' };
  scope.get(
    PATHS.bare.slice(scope.prefix.length),
    { config: { fluxer: { ...rules, needs: 'nothing', bucket } }, schema: hidden(route, 'bench_bare') },
    async () => answers.sessionCheck,
  );
}

function addVerify(scope: FastifyInstance, route: RouteOptions, answers: BareAnswers): void {
  scope.get(
    withoutQuery(PATHS['bare-verify']),
    { schema: hidden(route, 'bench_bare_verify') },
    async (_request, reply) => reply.headers(answers.verifyHeaders).send(),
  );
}

function addVersion(scope: FastifyInstance, route: RouteOptions, answers: BareAnswers): void {
  const rules = route.config?.flecto;
  if (!rules) throw new Error("Flecto's version declares no rules of its surface any more.");
  scope.get(
    route.url.replace(scope.prefix, '/bare'),
    { config: { flecto: { ...rules, asks: 'nobody' } }, schema: hidden(route, 'bench_bare_version') },
    async () => answers.version,
  );
}

function addRenewal(scope: FastifyInstance, route: RouteOptions, answers: BareAnswers): void {
  scope.post(
    PATHS['bare-renewal'].slice(scope.prefix.length),
    { config: { flux: { needs: 'nothing' } }, schema: hidden(route, 'bench_bare_renewal') },
    async () => answers.renewal,
  );
}
