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
import type { Puzzle } from '../../captcha/index.ts';
import type { Clock } from '../../chance.ts';
import type { Captcha } from '../../core/abuse/index.ts';
import type { Contacts } from '../../core/contact/index.ts';
import type { EmailChanges } from '../../core/contact-change/index.ts';
import type { Departures } from '../../core/departure/index.ts';
import type { Handoffs } from '../../core/handoff/index.ts';
import type { Places } from '../../core/location/index.ts';
import type { PushDevices } from '../../core/notice/index.ts';
import type { PasswordChanges } from '../../core/password-change/index.ts';
import type { Phones } from '../../core/phone/index.ts';
import type { Picture, PictureKind, Profile, Profiles } from '../../core/profile/index.ts';
import type { Recovery } from '../../core/recovery/index.ts';
import type { Registration } from '../../core/registration/index.ts';
import type { Passkeys, SecondFactors } from '../../core/second-factor/index.ts';
import type { Sessions } from '../../core/session/index.ts';
import type { Approvals, Gate } from '../../core/sign-in/index.ts';
import {
  type CookieJar,
  parseJsonBody,
  type Traffic,
  type TrustedProxies,
  textOfBody,
} from '../../http/index.ts';
import { accountRoutes } from './account-routes.ts';
import { approvalRoutes } from './approval-routes.ts';
import { cleanBody } from './clean.ts';
import { assertSudoDeclared, contextOf, createAdmission } from './context.ts';
import { discoveryRoute } from './discovery-routes.ts';
import { emailBouncedRoutes } from './email-bounced-routes.ts';
import { emailChangeRoutes } from './email-change-routes.ts';
import { answerError, answers, errorSchema, sendAnswer } from './errors.ts';
import { handoffRoutes } from './handoff-routes.ts';
import { type InternalDependencies, internalRoutes } from './internal/index.ts';
import { mailRoutes } from './mail-routes.ts';
import { mediaRoutes } from './media-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { passwordChangeRoutes } from './password-change-routes.ts';
import { phoneRoutes } from './phone-routes.ts';
import { placeRoutes } from './place-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import type { ProofFields, Sudo } from './sudo.ts';
import { sudoRoutes } from './sudo-routes.ts';
import { totpRoutes } from './totp-routes.ts';
import { userRoutes } from './user-routes.ts';

export interface FluxerDependencies {
  projectId: string;
  publicUrl: string;
  clock: Clock;
  captcha: Captcha;
  puzzle: Puzzle | null;
  gate: Gate;
  approvals: Approvals;
  sudo: Sudo;
  registration: Registration;
  recovery: Recovery;
  secondFactors: SecondFactors;
  contacts: Contacts;
  departures: Departures;
  passkeys: Passkeys;
  emailChanges: EmailChanges;
  passwordChanges: PasswordChanges;
  profiles: Profiles;
  phones: Phones;
  pushDevices: PushDevices;
  places: Places;
  handoffs: Handoffs;
  sessions: Sessions;
  profileOf(userId: string): Promise<Profile>;
  /** The picture of that name, if the user shows it now. */
  pictureOf(wanted: {
    userId: string;
    kind: PictureKind;
    hash: string;
  }): Promise<Pick<Picture, 'type' | 'bytes'> | null>;
  /** In E.164; null for an account without one. */
  phoneOf(userId: string): Promise<string | null>;
  traffic: Traffic;
  proxies: TrustedProxies;
  cookie: CookieJar;
  cookieEnabled: boolean;
  /** Origins whose pages may use cookies and sign in; the server's own is among them. */
  allowedOrigins: ReadonlySet<string>;
  internal: InternalDependencies;
}

export type FluxerScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
export type FluxerRoutes = (scope: FluxerScope, deps: FluxerDependencies) => void;
type FluxerSurface = (app: FastifyInstance) => Promise<void>;

/** A 204 has no body. */
export const EMPTY = z.null().meta({ description: 'No body.' });

const EXPOSED_HEADERS = [
  'Retry-After',
  'X-Fluxer-Session-Token',
  'X-Fluxer-Sudo-Mode-JWT',
  'X-RateLimit-Global',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-ID',
];

export function fluxerSurface(deps: FluxerDependencies): FluxerSurface {
  return async (app) => {
    const { publicUrl, puzzle, phones, pushDevices } = deps;
    discoveryRoute(app, {
      publicUrl,
      puzzle,
      sendsSms: phones.areCodesSent,
      publicVapidKey: pushDevices.publicKey,
    });
    await mediaRoutes(app, deps);
    await app.register(async (scope) => await mountV1(scope.withTypeProvider<ZodTypeProvider>(), deps), {
      prefix: '/v1',
    });
  };
}

const ALL_ROUTES: readonly FluxerRoutes[] = [
  approvalRoutes,
  secondFactorRoutes,
  sudoRoutes,
  signInRoutes,
  sessionRoutes,
  mailRoutes,
  userRoutes,
  placeRoutes,
  pushRoutes,
  phoneRoutes,
  passkeyRoutes,
  emailChangeRoutes,
  emailBouncedRoutes,
  passwordChangeRoutes,
  accountRoutes,
  handoffRoutes,
  totpRoutes,
];

async function mountV1(scope: FluxerScope, deps: FluxerDependencies): Promise<void> {
  scope.decorateRequest('fluxer', null);
  scope.setErrorHandler(answerError);
  scope.setNotFoundHandler((_request, reply) => sendAnswer(answers.notFound, reply));
  const admit = createAdmission(deps);
  scope.addHook('onRequest', async (request, reply) => {
    // Only a preflight is an OPTIONS request that anybody answers (contract 0.2).
    const { origin, 'access-control-request-method': method } = request.headers;
    if (request.method === 'OPTIONS' && !(origin && method)) return await admit(request, reply);
    return;
  });
  await scope.register(cors, {
    origin: [...deps.allowedOrigins],
    credentials: true,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
  });
  takeAnyBodyAsJson(scope);
  scope.addHook('onRequest', admit);
  scope.addHook('onRoute', (route) => {
    const response = route.schema?.response as Record<string, unknown> | undefined;
    assertSudoDeclared(route, route.config?.fluxer);
    if (!route.schema) return;
    route.schema = {
      tags: ['fluxer'],
      ...route.schema,
      response: { ...response, '4xx': errorSchema, '5xx': errorSchema },
    };
  });
  scope.get('/_health', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('OK'),
  );
  scope.addHook('preHandler', async (request, reply) => {
    const rule = request.routeOptions.config.fluxer?.sudo;
    if (rule !== 'grants' && rule !== 'asks') return;
    const proof = request.body as ProofFields;
    const given = await deps.sudo.require(request, reply, { proof, grants: rule === 'grants' });
    contextOf(request).given = given;
  });
  for (const routes of ALL_ROUTES) routes(scope, deps);
  await scope.register(async (inner) => internalRoutes(inner.withTypeProvider<ZodTypeProvider>(), deps), {
    prefix: '/internal',
  });
}

/** Contract 0.3: JSON is read from the raw text whatever the Content-Type says. */
function takeAnyBodyAsJson(scope: FluxerScope): void {
  scope.addHook('onRequest', async (request) => {
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = 'application/json';
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, cleanBody(parseJsonBody(textOfBody(body))));
    } catch (error) {
      done(error as Error);
    }
  });
  scope.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}
