import { readFileSync } from 'node:fs';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ComponentChildren } from 'preact';
import type { Puzzle } from '../../captcha/index.ts';
import type { Captcha, CaptchaAction } from '../../core/abuse/index.ts';
import type { Permissions } from '../../core/access/index.ts';
import type { Actor } from '../../core/audit/index.ts';
import type { Contacts } from '../../core/contact/index.ts';
import type { EmailChanges } from '../../core/contact-change/index.ts';
import type { Departures } from '../../core/departure/index.ts';
import type { Handoffs } from '../../core/handoff/index.ts';
import type { Places } from '../../core/location/index.ts';
import type { NotMe, PushDevices } from '../../core/notice/index.ts';
import type { PasswordChanges } from '../../core/password-change/index.ts';
import type { Phones } from '../../core/phone/index.ts';
import type { Recovery } from '../../core/recovery/index.ts';
import type { Registration, Setup } from '../../core/registration/index.ts';
import type { Passkeys, SecondFactors } from '../../core/second-factor/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { Approvals, Gate } from '../../core/sign-in/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import type { DevMailbox } from '../../delivery/index.ts';
import {
  type Bucket,
  type CookieJar,
  contentPolicy,
  isCrossSite,
  originOf,
  type Traffic,
  type TrustedProxies,
} from '../../http/index.ts';
import { accountPages } from './account-pages.tsx';
import { authenticatorPages } from './authenticator-pages.tsx';
import { captchaRoutes } from './captcha-routes.ts';
import { captchaAnswerIn, SURROUNDINGS } from './captcha-widget.tsx';
import { confirmPages } from './confirm-pages.tsx';
import { emailPages } from './email-pages.tsx';
import { createEntering, type Entering } from './entering.ts';
import { handoffPages } from './handoff-pages.tsx';
import { type PageScript, renderPage } from './layout.tsx';
import { mailPages } from './mail-pages.tsx';
import { mailboxPages } from './mailbox-pages.tsx';
import { passkeyPages } from './passkey-pages.tsx';
import { passkeySettingsPages } from './passkey-settings-pages.tsx';
import { passwordPages } from './password-pages.tsx';
import { createPendingSignIns, type PendingSignIns } from './pending.ts';
import { phonePages } from './phone-pages.tsx';
import { placePages } from './place-pages.tsx';
import { pushPages } from './push-pages.tsx';
import { securityPages } from './security-pages.tsx';
import { signInPages } from './sign-in-pages.tsx';
import { strings } from './strings.ts';
import { CONFIRM, createSudoPrompt, PASSKEY_CHALLENGE, type SudoPrompt } from './sudo-prompt.tsx';
import { MessageView } from './views.tsx';

export interface PagesDependencies {
  projectId: string;
  siteName: string;
  publicUrl: string;
  clock: () => number;
  captcha: Captcha;
  /** Null while CAPTCHA is off. */
  puzzle: Puzzle | null;
  gate: Gate;
  approvals: Approvals;
  handoffs: Handoffs;
  registration: Registration;
  recovery: Recovery;
  notMe: NotMe;
  pushDevices: PushDevices;
  contacts: Contacts;
  setup: Setup;
  sessions: Sessions;
  permissionsOf(userId: string): Promise<Permissions>;
  /** Null while it is off. */
  devMailbox: DevMailbox | null;
  /** Resolves when no mail is on its way to the dev mailbox any more. */
  mailSettled(): Promise<void>;
  cookie: CookieJar;
  /** For sign-ins that still owe something. */
  pendingCookie: CookieJar;
  sealer: Sealer;
  secondFactors: SecondFactors;
  passkeys: Passkeys;
  phones: Phones;
  places: Places;
  emailChanges: EmailChanges;
  passwordChanges: PasswordChanges;
  departures: Departures;
  /** Between a person's own wish and the deletion. */
  deletionGraceHours: number;
  phoneOf(userId: string): Promise<string | null>;
  /** What an authenticator app shows beside the code. */
  accountNameOf(userId: string): Promise<string>;
  traffic: Traffic;
  proxies: TrustedProxies;
  allowedOrigins: ReadonlySet<string>;
}

/** What every page handler is given besides the request. */
export interface PageTools extends PagesDependencies, Entering {
  /** Sign-ins of this browser that still owe something. */
  pending: PendingSignIns;
  sudo: SudoPrompt;
  sessionOf(request: FastifyRequest): Promise<{ session: LiveSession; token: string } | null>;
  show(reply: FastifyReply, page: Page): FastifyReply;
  /** Throws unless the form came with a solved puzzle, where one is demanded. */
  demandCaptcha(request: FastifyRequest, action: CaptchaAction): Promise<void>;
  originOf(request: FastifyRequest): ReturnType<typeof originOf>;
  /** Who acts, for the audit trail. */
  actorOf(request: FastifyRequest, session: LiveSession): Actor;
}

export interface Page {
  title: string;
  content: ComponentChildren;
  status?: number;
  width?: 'narrow' | 'wide';
  scripts?: readonly PageScript[];
  looksAgainAt?: string;
  /** The page shows the CAPTCHA, if there is one. */
  hasCaptcha?: boolean;
}

const ASSETS = [
  { name: 'app.css', type: 'text/css; charset=utf-8' },
  { name: 'token.js', type: 'text/javascript; charset=utf-8' },
  { name: 'passkey.js', type: 'text/javascript; charset=utf-8' },
  { name: 'bare-address.js', type: 'text/javascript; charset=utf-8' },
  { name: 'waiting.js', type: 'text/javascript; charset=utf-8' },
  { name: 'push.js', type: 'text/javascript; charset=utf-8' },
  { name: 'new-passkey.js', type: 'text/javascript; charset=utf-8' },
  { name: 'captcha.js', type: 'text/javascript; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml' },
];

/** Forms from one address; the counters of core guard the guesses behind them. */
const FORMS = { name: 'pages:forms', limit: 60, windowMs: 60_000 };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests that scripts send by themselves do not use up what an address may send by hand. */
    pages?: { bucket: Bucket };
  }
}

const PAGES = [
  signInPages,
  passkeyPages,
  confirmPages,
  placePages,
  authenticatorPages,
  handoffPages,
  mailPages,
  accountPages,
  pushPages,
  securityPages,
  passkeySettingsPages,
  phonePages,
  emailPages,
  passwordPages,
  mailboxPages,
  captchaRoutes,
];

export async function pagesSurface(app: FastifyInstance, deps: PagesDependencies): Promise<void> {
  serveAssets(app);
  await app.register(async (scope) => {
    // Forms and nothing else: each further type is one more spelling that a guard could forget.
    scope.removeAllContentTypeParsers();
    await scope.register(formbody, { bodyLimit: 64 * 1024 });
    const tools = pageTools(deps);
    guardForms(scope, tools);
    scope.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, tools }));
    holdSuspected(scope, tools);
    for (const pages of PAGES) pages(scope, tools);
  });
}

function pageTools(deps: PagesDependencies): PageTools {
  const { cookie, sessions, siteName, proxies } = deps;

  async function sessionOf(request: FastifyRequest): ReturnType<PageTools['sessionOf']> {
    const token = cookie.read(request);
    const session = token === null ? null : await sessions.find(token, 'pages');
    return session && token !== null ? { session, token } : null;
  }

  function actorOf(request: FastifyRequest, { userId, id }: LiveSession): Actor {
    return { userId, sessionId: id, origin: originOf(request, proxies) };
  }

  function show(reply: FastifyReply, page: Page): FastifyReply {
    const { title, content, status = 200, width = 'narrow', scripts, looksAgainAt, hasCaptcha } = page;
    const captcha = hasCaptcha && deps.puzzle ? SURROUNDINGS[deps.puzzle.kind] : undefined;
    if (captcha) void reply.header('content-security-policy', contentPolicy(captcha.policy));
    const html = renderPage({ siteName, title, width, scripts, looksAgainAt, captcha }, content);
    return reply.code(status).type('text/html; charset=utf-8').send(html);
  }

  const pending = createPendingSignIns({ ...deps, cookie: deps.pendingCookie });

  const from = (request: FastifyRequest) => originOf(request, proxies);
  const sudo = createSudoPrompt({ ...deps, show, originOf: from });

  return {
    ...deps,
    ...createEntering({ ...deps, pending, sessionOf, actorOf }),
    pending,
    sudo,
    sessionOf,
    actorOf,
    show,
    demandCaptcha: (request, action) =>
      deps.captcha.demand({
        surface: 'pages',
        action,
        token: captchaAnswerIn(request, deps.puzzle),
        type: null,
      }),
    originOf: from,
  };
}

/** What an account under suspicion may still do here: leave, and prove what it was asked to prove. */
const WAYS_OUT: ReadonlySet<string | undefined> = new Set([
  '/account',
  '/account/resend',
  '/account/sessions',
  CONFIRM,
  PASSKEY_CHALLENGE,
  '/account/security/phone',
  '/account/security/phone/keep',
]);

/** As on Fluxer's wire (contract 5.5): until then every page of the account but these leads back to where it is asked. */
function holdSuspected(scope: FastifyInstance, { sessionOf }: PageTools): void {
  scope.addHook('preHandler', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    const isHeld = url === '/handoff' || (url.startsWith('/account') && !WAYS_OUT.has(url));
    if (!isHeld) return;
    const found = await sessionOf(request);
    if (found && found.session.suspicion !== 0) return reply.redirect('/account', 303);
    return;
  });
}

/** Every form is a POST; one sent from another site does nothing, and a flood of them is turned away. */
function guardForms(scope: FastifyInstance, tools: PageTools): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    if (isCrossSite(request, tools.allowedOrigins)) {
      return tools.show(reply, {
        title: strings.problem,
        content: MessageView({ text: strings.crossSite }),
        status: 403,
      });
    }
    const bucket = request.routeOptions.config.pages?.bucket ?? FORMS;
    const state = tools.traffic.take(bucket, tools.originOf(request).source);
    if (!state.allowed) {
      void reply.header('retry-after', Math.ceil(state.retryAfterMs / 1000));
      return tools.show(reply, {
        title: strings.problem,
        content: MessageView({ text: strings.broken }),
        status: 429,
      });
    }
    return;
  });
}

function answerFailure(
  error: unknown,
  { request, reply, tools }: { request: FastifyRequest; reply: FastifyReply; tools: Pick<PageTools, 'show'> },
): FastifyReply {
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  const status = name === 'StorageError' || name === 'ProviderError' ? 503 : statusCode;
  if (status >= 500) request.log.error({ err: error }, 'page failed');
  if (status === 503) void reply.header('retry-after', '5');
  return tools.show(reply, {
    title: strings.brokenTitle,
    content: MessageView({ text: strings.broken }),
    status,
  });
}

export function notFoundPage(siteName: string): string {
  return renderPage({ siteName, title: strings.notFoundTitle }, MessageView({ text: strings.notFound }));
}

function serveAssets(app: FastifyInstance): void {
  for (const { name, type } of ASSETS) {
    const bytes = readFileSync(new URL(`./assets/${name}`, import.meta.url));
    app.get(`/assets/${name}`, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(bytes),
    );
  }
}
