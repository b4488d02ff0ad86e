import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Puzzle } from '../../captcha/index.ts';
import type { Chance } from '../../chance.ts';
import type { Captcha, CaptchaAction } from '../../core/abuse/index.ts';
import type { Contacts } from '../../core/contact/index.ts';
import type { MagicLinks } from '../../core/magic-link/index.ts';
import type { Project, ProjectProviders, Projects } from '../../core/project/index.ts';
import type { Recovery } from '../../core/recovery/index.ts';
import type { Registration } from '../../core/registration/index.ts';
import type { ReturnCodes } from '../../core/return-code/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { SessionFactors } from '../../core/session-factor/index.ts';
import type { Gate } from '../../core/sign-in/index.ts';
import type { StepUps } from '../../core/step-up/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { type CookieJar, originOf, type Traffic, type TrustedProxies } from '../../http/index.ts';
import { captchaAnswerIn, type Page, serveAssets, showPage, takeForms } from '../../pages-kit/index.ts';
import { brandOf, brandPages, policyOf } from './brand.ts';
import { type Carried, createCarried } from './carried.ts';
import { createGoingOn, type GoingOn } from './going-on.ts';
import { magicPages } from './magic-pages.tsx';
import { mailPages } from './mail-pages.tsx';
import { providerPages } from './provider-pages.ts';
import { setUpPages } from './set-up-pages.tsx';
import { signInPages } from './sign-in-pages.tsx';
import { signUpPages } from './sign-up-pages.tsx';
import { stepUpPages } from './step-up-pages.tsx';
import { MessageView } from './views.tsx';
import type { Landing, Visit } from './visit.ts';
import { createWays, type Ways } from './way.ts';

export interface ProjectPagesDependencies extends Chance {
  siteName: string;
  publicUrl: string;
  projects: Projects;
  projectProviders: ProjectProviders;
  sessions: Sessions;
  gate: Gate;
  registration: Registration;
  recovery: Recovery;
  magicLinks: MagicLinks;
  contacts: Contacts;
  returnCodes: ReturnCodes;
  captcha: Captcha;
  /** Null while CAPTCHA is off. */
  puzzle: Puzzle | null;
  sealer: Sealer;
  /** For what a visit has come to, between two pages. */
  cookie: CookieJar;
  traffic: Traffic;
  proxies: TrustedProxies;
  allowedOrigins: ReadonlySet<string>;
  stepUps: StepUps;
  sessionFactors: SessionFactors;
  /** Whether this instance sends codes by SMS. */
  areCodesSent: boolean;
  /** In international form; null for none. */
  phoneOf(userId: string): Promise<string | null>;
  /** What an authenticator app shows beside the code. */
  accountNameOf(userId: string): Promise<string>;
  /** Whether a passkey of the project can be used on a page of this server: its relying party may be another host. */
  takesPasskeysOf(project: Project): Promise<boolean>;
  /** Whether it was made where its owner would have had to approve the place, had anybody asked. */
  isFromStrangePlace(session: LiveSession): Promise<boolean>;
  /** Whether a session still owes a second factor, whoever demands it. */
  owesFactor(session: LiveSession, project: Project): boolean;
}

/** What every page handler is given besides the visit. */
export interface Tools extends ProjectPagesDependencies, GoingOn {
  ways: Ways;
  carried: Carried;
  /** As a page of the project's. */
  show(at: Landing | Visit, page: Page): FastifyReply;
  /** As a page of nobody's. */
  tell(reply: FastifyReply, told: { title: string; text: string; status: number }): FastifyReply;
  /** Throws unless the form came with a solved puzzle, where one is demanded. */
  demandCaptcha(request: FastifyRequest, action: CaptchaAction): Promise<void>;
  originOf(request: FastifyRequest): ReturnType<typeof originOf>;
}

const PREFIX = '/p/:project';
const PAGES = [
  brandPages,
  signInPages,
  signUpPages,
  magicPages,
  mailPages,
  stepUpPages,
  setUpPages,
  providerPages,
];

export async function projectPagesSurface(
  app: FastifyInstance,
  deps: ProjectPagesDependencies,
): Promise<void> {
  serveAssets(app, new URL('./assets/', import.meta.url), ['flux-link.js']);
  await app.register(
    async (scope) => {
      const tools = toolsFrom(deps);
      await takeForms(scope, tools);
      for (const pages of PAGES) pages(scope, tools);
    },
    { prefix: PREFIX },
  );
}

function toolsFrom(deps: ProjectPagesDependencies): Tools {
  const { siteName, puzzle, captcha, proxies } = deps;
  const ways = createWays(deps);
  const carried = createCarried(deps);
  const from = (request: FastifyRequest) => originOf(request, proxies);
  return {
    ...deps,
    ...createGoingOn({ ...deps, ways, carried, originOf: from }),
    ways,
    carried,
    show(at, page) {
      const { project, reply } = at;
      const leadsTo = 'way' in at ? at.way.redirectUrl : (at.leadsTo ?? null);
      const site = {
        siteName: project.name,
        puzzle,
        brand: brandOf(project),
        policy: policyOf(project, leadsTo),
      };
      return showPage(reply, site, page);
    },
    tell: (reply, { title, text, status }) =>
      showPage(reply, { siteName, puzzle }, { title, content: MessageView({ text }), status }),
    demandCaptcha: (request, action) =>
      captcha.demand({ surface: 'pages', action, token: captchaAnswerIn(request, puzzle), type: null }),
    originOf: from,
  };
}
