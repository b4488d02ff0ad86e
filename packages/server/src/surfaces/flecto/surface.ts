import cors from '@fastify/cors';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Chance } from '../../chance.ts';
import type { Phones } from '../../core/phone/index.ts';
import type { Gate } from '../../core/sign-in/index.ts';
import type { Agents, Contents, Sites } from '../../core/site/index.ts';
import type { Sso } from '../../core/sso/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { takeBodies } from './body.ts';
import { answerErrors, answers, errorSchema, type Shape, sendAnswer } from './errors.ts';
import { createGuard, type GuardDependencies } from './guard.ts';
import { createLoginAnswers, type LoginAnswers } from './login-answers.ts';
import { loginRoutes } from './login-routes.ts';
import { openidRoutes } from './openid-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { siteRoutes } from './site-routes.ts';
import { createTokens, type FlectoTokens } from './tokens.ts';

export interface FlectoDependencies extends GuardDependencies, Chance {
  publicUrl: string;
  gate: Gate;
  phones: Pick<Phones, 'areCodesSent'>;
  sites: Sites;
  contents: Contents;
  agents: Agents;
  sealer: Sealer;
  sso: Sso;
  /** Signs the tokens; HS256, at least 32 bytes. */
  key: Uint8Array;
  issuer: string;
  accessSeconds: number;
  refreshSeconds: number;
  /** What a user is called by on this wire: the login name, else the e-mail address (contract A3). */
  usernameOf(userId: string): Promise<string>;
  /** Whether this names an account that has no password to be asked for (contract A15, case 5). */
  isWithoutPassword(identifier: string): Promise<boolean>;
}

export type FlectoScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
export type FlectoRoutes = (scope: FlectoScope, deps: RouteDependencies) => void;

interface RouteDependencies extends FlectoDependencies {
  tokens: FlectoTokens;
  logins: LoginAnswers;
}

/** A 204 has no body. */
export const EMPTY = z.null().meta({ description: 'No body.' });

interface Mount {
  prefix: string;
  shape: Shape;
  /** Contract A2: below `/api` nobody learns without a credential what there is. */
  unknownPaths: 'nobody' | 'anybody';
  routes: readonly FlectoRoutes[];
}

const healthRoutes: FlectoRoutes = (scope) => {
  scope.get(
    '/ping',
    {
      config: { flecto: { asks: 'nobody' } },
      schema: {
        operationId: 'flecto_ping',
        summary: 'Whether the server answers',
        response: { 204: EMPTY },
      },
    },
    async (_request, reply) => reply.code(204).send(null),
  );
};

const MOUNTS: readonly Mount[] = [
  { prefix: '/health', shape: 'plain', unknownPaths: 'nobody', routes: [healthRoutes] },
  {
    prefix: '/auth',
    shape: 'coded',
    unknownPaths: 'nobody',
    routes: [loginRoutes, sessionRoutes, openidRoutes],
  },
  { prefix: '/api', shape: 'plain', unknownPaths: 'anybody', routes: [siteRoutes] },
];

export async function flectoSurface(app: FastifyInstance, deps: FlectoDependencies): Promise<void> {
  const tokens = createTokens(deps);
  const logins = createLoginAnswers(deps, tokens);
  for (const { prefix, shape, unknownPaths, routes } of MOUNTS) {
    await app.register(
      async (plain) => {
        const scope: FlectoScope = plain.withTypeProvider<ZodTypeProvider>();
        scope.decorateRequest('subject', null);
        scope.setErrorHandler(answerErrors(shape));
        answerUnknown(scope, shape);
        await allowAllOrigins(scope, deps.headerName);
        takeBodies(scope);
        writePlainJson(scope);
        declareQuestions(scope);
        scope.addHook('onRequest', createGuard(deps, { tokens, unknownPaths }));
        for (const route of routes) route(scope, { ...deps, tokens, logins });
      },
      { prefix },
    );
  }
}

/**
 * Contract A2: a path that is there for another method is not missing. Only what this scope itself has, for others live
 * below `/auth`, too; and behind the guard, which tells nobody below `/api`.
 */
function answerUnknown(scope: FlectoScope, shape: Shape): void {
  const known: { method: string; path: RegExp }[] = [];
  scope.addHook('onRoute', ({ method, url }) => {
    if (method === 'OPTIONS') return;
    known.push({ method: String(method), path: new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`) });
  });
  scope.setNotFoundHandler(({ url }, reply) => {
    const [asked = ''] = url.split('?');
    const allowed = known.filter(({ path }) => path.test(asked)).map(({ method }) => method);
    if (allowed.length === 0) return sendAnswer(answers.notFound, { shape, reply });
    void reply.header('allow', allowed.join(', '));
    return sendAnswer(answers.otherMethod, { shape, reply });
  });
}

/** Contract A2. No cookie that opens anything is read here, so that every page may ask, in its own name. */
async function allowAllOrigins(scope: FlectoScope, headerName: string): Promise<void> {
  await scope.register(cors, {
    origin: '*',
    methods: ['GET', 'POST', 'PATCH', 'OPTIONS'],
    allowedHeaders: ['Origin', 'Content-Type', 'Accept', headerName],
    strictPreflight: false,
  });
}

/** Contract A2: the content type stands without a charset, and a line feed at the end. */
function writePlainJson(scope: FlectoScope): void {
  scope.addHook('onSend', async (_request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (typeof payload !== 'string' || !type.startsWith('application/json')) return payload;
    void reply.header('content-type', 'application/json');
    return `${payload}\n`;
  });
}

/** J01: no route without a declared question. */
function declareQuestions(scope: FlectoScope): void {
  scope.addHook('onRoute', (route) => {
    // A browser's question before the question, which the CORS plugin answers.
    if (route.method === 'OPTIONS') return;
    const rules = route.config?.flecto;
    if (!rules) throw new Error(`${String(route.method)} ${route.url} declares no permission.`);
    const response = route.schema?.response as Record<string, unknown> | undefined;
    route.schema = {
      tags: ['flecto'],
      ...(rules.asks !== 'nobody' && { security: [{ flectoBearer: [] }] }),
      ...route.schema,
      response: { ...response, '4xx': errorSchema, '5xx': errorSchema },
    };
  });
}
