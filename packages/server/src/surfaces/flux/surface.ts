import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Puzzle } from '../../captcha/index.ts';
import type { Chance } from '../../chance.ts';
import type { Captcha } from '../../core/abuse/index.ts';
import type { Contacts } from '../../core/contact/index.ts';
import type { Events } from '../../core/events/index.ts';
import type { MagicLinks } from '../../core/magic-link/index.ts';
import type { ProjectProviders } from '../../core/project/index.ts';
import type { Recovery } from '../../core/recovery/index.ts';
import type { Registration } from '../../core/registration/index.ts';
import type { ReturnCodes } from '../../core/return-code/index.ts';
import type { Passkeys, SecondFactors } from '../../core/second-factor/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { SessionFactors } from '../../core/session-factor/index.ts';
import type { Gate } from '../../core/sign-in/index.ts';
import type { SigningKeys } from '../../core/signing-key/index.ts';
import type { Social } from '../../core/social/index.ts';
import type { StepUps } from '../../core/step-up/index.ts';
import type { Users } from '../../core/user/index.ts';
import { JsonBodyError, parseJsonBody, textOfBody } from '../../http/index.ts';
import { captchaRoutes, createCaptchaDemand, type DemandCaptcha } from './captcha-routes.ts';
import { answerError, errorSchema, sendNotFound } from './errors.ts';
import { eventRoutes } from './event-routes.ts';
import { exchangeRoutes } from './exchange-routes.ts';
import { createGuard, type GuardDependencies, PUBLISHABLE_KEY_HEADER } from './guard.ts';
import { magicLinkRoutes } from './magic-link-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import { mfaRoutes } from './mfa-routes.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { type FluxRules, SESSION_HEADER } from './rules.ts';
import { createSessionAnswers, type SessionAnswers } from './session-answers.ts';
import { sessionRoutes } from './session-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { stepUpRoutes } from './step-up-routes.ts';
import { createTokens, type FluxTokens } from './tokens.ts';
import { userRoutes } from './user-routes.ts';

interface FluxDependencies extends GuardDependencies, Chance {
  contacts: Contacts;
  gate: Gate;
  magicLinks: MagicLinks;
  recovery: Recovery;
  registration: Registration;
  returnCodes: ReturnCodes;
  social: Social;
  sessions: Sessions;
  passkeys: Passkeys;
  projectProviders: ProjectProviders;
  stepUps: StepUps;
  sessionFactors: SessionFactors;
  secondFactors: SecondFactors;
  users: Users;
  signingKeys: SigningKeys;
  events: Events;
  /** Whether it was made where its owner would have had to approve the place, had anybody asked. */
  isFromStrangePlace(session: LiveSession): Promise<boolean>;
  /** Of everybody at this instance, whatever a project asks. */
  requireSecondFactor: boolean;
  captcha: Captcha;
  /** Null while CAPTCHA is off. */
  puzzle: Puzzle | null;
}

type FluxScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export type FluxRoutes = (
  scope: FluxScope,
  deps: FluxDependencies & {
    tokens: FluxTokens;
    sessionAnswers: SessionAnswers;
    demandCaptcha: DemandCaptcha;
  },
) => void;

const PREFIX = '/flux/v1';
const BODY_LIMIT_BYTES = 64 * 1024;
const PREFLIGHT_SECONDS = 600;
const ROUTES = [
  projectRoutes,
  captchaRoutes,
  signInRoutes,
  magicLinkRoutes,
  mailRoutes,
  passkeyRoutes,
  oauthRoutes,
  exchangeRoutes,
  sessionRoutes,
  mfaRoutes,
  stepUpRoutes,
  userRoutes,
  eventRoutes,
];
const SECURITY = {
  'secret-key': ['fluxSecretKey'],
  'publishable-key': ['fluxPublishableKey'],
  'any-key': ['fluxSecretKey', 'fluxPublishableKey'],
} as const;

export async function fluxSurface(app: FastifyInstance, deps: FluxDependencies): Promise<void> {
  await app.register(
    async (plain) => {
      const scope: FluxScope = plain.withTypeProvider<ZodTypeProvider>();
      scope.decorateRequest('flux', null);
      scope.setErrorHandler(answerError);
      scope.setNotFoundHandler(sendNotFound);
      takeStrictJson(scope);
      declareRules(scope);
      answerPreflights(scope);
      const tokens = createTokens(deps);
      const sessionAnswers = createSessionAnswers({ ...deps, tokens });
      scope.addHook('onRequest', createGuard({ ...deps, sessionAnswers }));
      const demandCaptcha = createCaptchaDemand(deps.captcha);
      for (const routes of ROUTES) routes(scope, { ...deps, tokens, sessionAnswers, demandCaptcha });
    },
    { prefix: PREFIX },
  );
}

/** J01: no route without a declared key. */
function declareRules(scope: FluxScope): void {
  scope.addHook('onRoute', (route) => {
    const rules = route.config?.flux;
    if (!rules) throw new Error(`${String(route.method)} ${route.url} declares no project key.`);
    const response = route.schema?.response as Record<string, unknown> | undefined;
    route.schema = {
      tags: ['flux'],
      ...(rules.needs !== 'nothing' && { security: securityOf(rules.needs, rules.session) }),
      ...route.schema,
      response: { ...response, '4xx': errorSchema, '5xx': errorSchema },
    };
  });
}

/** Either key; where a session is asked for, beside the key. */
function securityOf(
  needs: keyof typeof SECURITY,
  hasSession: FluxRules['session'],
): Record<string, readonly string[]>[] {
  return SECURITY[needs].map((name) => ({ [name]: [], ...(hasSession && { fluxSession: [] }) }));
}

/**
 * The question before the question names no key, so no project's origins are known: every page may ask. The request itself
 * is answered only to the project's own pages, and no cookie comes with it.
 */
function answerPreflights(scope: FluxScope): void {
  scope.options(
    '/*',
    { config: { flux: { needs: 'nothing' } }, schema: { hide: true } },
    async (_request, reply) =>
      reply
        .headers({
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
          'access-control-allow-headers': `content-type, ${PUBLISHABLE_KEY_HEADER}, ${SESSION_HEADER}`,
          'access-control-max-age': PREFLIGHT_SECONDS,
        })
        .code(204)
        .send(),
  );
}

/** What neither a browser nor a database takes for text: NUL, and half of a surrogate pair. Only escapes can bring them. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

function parseTexts(body: string): unknown {
  const parsed = parseJsonBody(body);
  if (SUSPECT.test(body) && !hasTextsAlone(parsed)) throw new JsonBodyError('The body has what is no text.');
  return parsed;
}

function hasTextsAlone(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, each]) => hasTextsAlone(key) && hasTextsAlone(each));
}

function takeStrictJson(scope: FluxScope): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (_request, body: Buffer, done) => {
      try {
        done(null, parseTexts(textOfBody(body)));
      } catch (error) {
        done(Object.assign(error as Error, { statusCode: 400 }));
      }
    },
  );
  scope.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}
