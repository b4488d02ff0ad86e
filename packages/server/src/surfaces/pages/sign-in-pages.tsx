import type { FastifyInstance } from 'fastify';
import type { CaptchaAction } from '../../core/abuse/index.ts';
import { isEmailAddress, isLoginName } from '../../core/contact/index.ts';
import { cleanDisplayName, refusedDisplayName } from '../../core/profile/index.ts';
import {
  CaptchaField,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
  safeNext,
} from '../../pages-kit/index.ts';
import { isBackAtLogin } from './entering.ts';
import { HOME, showLogin } from './login-page.tsx';
import { strings } from './page-strings.ts';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';
import { MessageView, RegisterView, SetupView } from './views.tsx';

/** In: sign in, register, and the first administrator's one-time set-up. */
export function signInPages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, gate, registration, setup, sessionOf, show, enter } = tools;
  const captchaOf = (action: CaptchaAction) => <CaptchaField puzzle={tools.puzzle} action={action} />;

  scope.get('/', async (request, reply) => reply.redirect((await sessionOf(request)) ? HOME : '/login', 303));

  scope.get<{ Querystring: { next?: unknown; because?: unknown; error?: unknown } }>(
    '/login',
    async (request, reply) => {
      const next = safeNext(request.query.next, HOME);
      // Who comes with a destination may need to be somebody else, such as an administrator.
      const whole = whyHere(request.query);
      if (next === HOME && whole === null && (await sessionOf(request))) return reply.redirect(HOME, 303);
      const problems = whole === null ? NO_PROBLEMS : { whole, fields: {} };
      return showLogin(tools, reply, { next, problems });
    },
  );

  // Flecto's own web app answers here (contract A10). Where there is none, nobody should meet a page that is not there,
  // nor leave tokens in the address bar.
  scope.get('/login/callback', async (_request, reply) => {
    const { title, text } = stepStrings.landing;
    void reply.header('referrer-policy', 'no-referrer');
    return show(reply, { title, content: <MessageView text={text} />, scripts: ['bare-address'] });
  });

  scope.post('/login', async (request, reply) => {
    const next = safeNext(fieldOf(request, 'next'), HOME);
    const email = fieldOf(request, 'email').trim();
    const password = fieldOf(request, 'password');
    let problems = missingFields({ email, password }, (text) => isEmailAddress(text) || isLoginName(text));
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        await tools.demandCaptcha(request, 'login');
        const result = await gate.signIn({
          projectId,
          surface: 'pages',
          method: 'password',
          proof: { identifier: email, password },
          identifier: email,
          origin: tools.originOf(request),
        });
        return await enter(request, reply, { result, next });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    return showLogin(tools, reply, { next, problems, email, status });
  });

  scope.get('/register', async (_request, reply) =>
    show(reply, {
      title: strings.register.title,
      content: <RegisterView problems={NO_PROBLEMS} captcha={captchaOf('register')} />,
      hasCaptcha: true,
    }),
  );

  scope.post('/register', async (request, reply) => {
    const email = fieldOf(request, 'email').trim();
    const name = displayName(fieldOf(request, 'name'));
    const password = fieldOf(request, 'password');
    const consent = fieldOf(request, 'consent');
    let problems = signUpProblems({ email, password, name });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        await tools.demandCaptcha(request, 'register');
        await registration.registerQuietly({
          projectId,
          surface: 'pages',
          email,
          password,
          username: null,
          globalName: name,
          dateOfBirth: null,
          consent: consent === 'yes',
          origin: tools.originOf(request),
        });
        return reply.redirect('/check-mail', 303);
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const values = { email, name: name ?? '', consent };
    const content = <RegisterView problems={problems} values={values} captcha={captchaOf('register')} />;
    return show(reply, { title: strings.register.title, content, status, hasCaptcha: true });
  });

  scope.get('/setup', async (_request, reply) =>
    show(reply, {
      title: strings.setup.title,
      content: <SetupView problems={NO_PROBLEMS} />,
      scripts: ['token'],
    }),
  );

  scope.post('/setup', async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    const email = fieldOf(request, 'email').trim();
    const name = displayName(fieldOf(request, 'name'));
    const password = fieldOf(request, 'password');
    if (!(await setup.isGood(projectId, token))) {
      const content = <MessageView text={strings.setup.gone} />;
      return show(reply, { title: strings.setup.goneTitle, content, status: 400 });
    }
    let problems = signUpProblems({ email, password, name });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        const origin = tools.originOf(request);
        const asked = {
          projectId,
          surface: 'pages',
          token,
          email,
          password,
          globalName: name,
          origin,
        } as const;
        return await enter(request, reply, { result: await setup.complete(asked), next: '/console/' });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const content = <SetupView problems={problems} values={{ token, email, name: name ?? '' }} />;
    return show(reply, { title: strings.setup.title, content, status, scripts: ['token'] });
  });
}

function signUpProblems({
  email,
  password,
  name,
}: {
  email: string;
  password: string;
  name: string | null;
}): Problems {
  const problems = missingFields({ email, password });
  if (name !== null && refusedDisplayName(name)) problems.fields['name'] = strings.nameReserved;
  return problems;
}

const MAX_NAME = 32;

/** A name to show, cut to what a profile holds; null when there is nothing to see in it. */
function displayName(text: string): string | null {
  return [...cleanDisplayName(text)].slice(0, MAX_NAME).join('').trim() || null;
}

/** What led here, in words of ours: an address never says what stands on a page. */
function whyHere({ because, error }: { because?: unknown; error?: unknown }): string | null {
  if (isBackAtLogin(because)) return stepStrings.back[because];
  if (error === undefined) return null;
  const { elsewhere } = stepStrings;
  return isOutcome(error) ? elsewhere[error] : elsewhere.auth_failed;
}

function isOutcome(error: unknown): error is keyof typeof stepStrings.elsewhere {
  return typeof error === 'string' && Object.hasOwn(stepStrings.elsewhere, error);
}
