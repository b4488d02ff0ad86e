import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
import { type CookieJar, originOf, type Traffic, type TrustedProxies } from '../../http/index.ts';
import {
  type Page as AnyPage,
  captchaAnswerIn,
  renderPage,
  serveAssets,
  showPage,
  takeForms,
} from '../../pages-kit/index.ts';
import { accountPages } from './account-pages.tsx';
import { authenticatorPages } from './authenticator-pages.tsx';
import { captchaRoutes } from './captcha-routes.ts';
import { confirmPages } from './confirm-pages.tsx';
import { emailPages } from './email-pages.tsx';
import { createEntering, type Entering } from './entering.ts';
import { handoffPages } from './handoff-pages.tsx';
import { mailPages } from './mail-pages.tsx';
import { mailboxPages } from './mailbox-pages.tsx';
import { strings } from './page-strings.ts';
import { passkeyPages } from './passkey-pages.tsx';
import { passkeySettingsPages } from './passkey-settings-pages.tsx';
import { passwordPages } from './password-pages.tsx';
import { createPendingSignIns, type PendingSignIns } from './pending.ts';
import { phonePages } from './phone-pages.tsx';
import { placePages } from './place-pages.tsx';
import { pushPages } from './push-pages.tsx';
import { securityPages } from './security-pages.tsx';
import { signInPages } from './sign-in-pages.tsx';
import { CONFIRM, createSudoPrompt, PASSKEY_CHALLENGE, type SudoPrompt } from './sudo-prompt.tsx';
import { MessageView } from './views.tsx';

interface PagesDependencies {
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

/**
 * What a page does beyond its forms: `token` takes a link's fragment into a field, `passkey` asks for a passkey,
 * `new-passkey` makes one, `waiting` goes on when something has happened elsewhere, `kept-code` brings an app's code along
 * through the sign-in.
 */
type PageScript = 'token' | 'kept-code' | 'bare-address' | 'passkey' | 'new-passkey' | 'waiting' | 'push';

export type Page = AnyPage<PageScript>;

/** What only these pages fetch. */
const ASSETS = ['bare-address.js', 'kept-code.js', 'waiting.js', 'push.js', 'new-passkey.js'];

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
  serveAssets(app, new URL('./assets/', import.meta.url), ASSETS);
  await app.register(async (scope) => {
    const tools = pageTools(deps);
    await takeForms(scope, {
      ...tools,
      tell: (reply, { title, text, status }) =>
        tools.show(reply, { title, content: MessageView({ text }), status }),
    });
    holdSuspected(scope, tools);
    for (const pages of PAGES) pages(scope, tools);
  });
}

function pageTools(deps: PagesDependencies): PageTools {
  const { cookie, sessions, proxies } = deps;

  async function sessionOf(request: FastifyRequest): ReturnType<PageTools['sessionOf']> {
    const token = cookie.read(request);
    const session = token === null ? null : await sessions.find(token, 'pages');
    return session && token !== null ? { session, token } : null;
  }

  function actorOf(request: FastifyRequest, { userId, id }: LiveSession): Actor {
    return { userId, sessionId: id, origin: originOf(request, proxies) };
  }

  const show = (reply: FastifyReply, page: Page) => showPage(reply, deps, page);
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

export function notFoundPage(siteName: string): string {
  return renderPage({ siteName, title: strings.notFoundTitle }, MessageView({ text: strings.notFound }));
}
