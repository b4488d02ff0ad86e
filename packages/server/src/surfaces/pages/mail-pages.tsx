import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ComponentType } from 'preact';
import { isAuthError } from '../../core/errors.ts';
import type { Origin } from '../../core/origin.ts';
import {
  CaptchaField,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { strings } from './page-strings.ts';
import type { PageTools } from './surface.ts';
import {
  CheckMailView,
  ForgotView,
  NotMeDoneView,
  NotMeView,
  ResetView,
  RevertView,
  VerifiedView,
  VerifyView,
} from './views.tsx';

interface LinkForm {
  path: string;
  title: string;
  View: ComponentType<{ problems: Problems; values?: Record<string, string> }>;
  /** Whether a new password is chosen in the form, too. */
  takesPassword?: boolean;
  /** What the button does, and the page that says so. */
  press(given: Given): Promise<FastifyReply>;
  /** What stands above the form in place of the usual words for a refusal; null for those. */
  problemOf?(error: unknown): string | null;
}

interface Given {
  request: FastifyRequest;
  reply: FastifyReply;
  token: string;
  /** Empty where none is taken. */
  password: string;
  origin: Origin;
}

/** Everything that goes through the mailbox: confirm an address, and choose a new password. */
export function mailPages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, contacts, recovery, show, enter } = tools;
  const hasMailbox = tools.devMailbox !== null;
  const captcha = () => <CaptchaField puzzle={tools.puzzle} action="forgot" />;

  scope.get<{ Querystring: { for?: unknown } }>('/check-mail', async (request, reply) => {
    const about = request.query.for === 'reset' ? 'reset' : 'verify';
    return show(reply, {
      title: strings.checkMail.title,
      content: <CheckMailView about={about} mailbox={hasMailbox} />,
    });
  });

  linkForm({
    path: '/verify',
    title: strings.verify.title,
    View: VerifyView,
    async press({ reply, token, origin }) {
      // Flux's projects have no pages of their own: whoever holds the mail has proved the mailbox.
      await contacts.verify({ projectId: null, token, origin });
      return show(reply, { title: strings.verify.doneTitle, content: <VerifiedView /> });
    },
  });

  linkForm({
    path: '/not-me',
    title: strings.notMe.title,
    View: NotMeView,
    async press({ reply, token, origin }) {
      await tools.notMe({ projectId, token, origin });
      const content = <NotMeDoneView mailbox={hasMailbox} />;
      return show(reply, { title: strings.notMe.doneTitle, content });
    },
  });

  scope.get('/forgot', async (_request, reply) =>
    show(reply, {
      title: strings.forgot.title,
      content: <ForgotView problems={NO_PROBLEMS} captcha={captcha()} />,
      hasCaptcha: true,
    }),
  );

  scope.post('/forgot', async (request, reply) => {
    const email = fieldOf(request, 'email').trim();
    let problems = missingFields({ email });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        await tools.demandCaptcha(request, 'forgot');
        await recovery.request({ projectId, email, origin: tools.originOf(request) });
        return reply.redirect('/check-mail?for=reset', 303);
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const content = <ForgotView problems={problems} values={{ email }} captcha={captcha()} />;
    return show(reply, { title: strings.forgot.title, content, status, hasCaptcha: true });
  });

  linkForm({
    path: '/reset',
    title: strings.reset.title,
    View: ResetView,
    takesPassword: true,
    async press({ request, reply, ...given }) {
      const result = await recovery.complete({ projectId, surface: 'pages', ...given });
      return await enter(request, reply, { result, next: '/account' });
    },
  });

  linkForm({
    path: '/wasntme',
    title: strings.revert.title,
    View: RevertView,
    takesPassword: true,
    async press({ request, reply, ...given }) {
      const result = await recovery.revert({ projectId, surface: 'pages', ...given });
      return await enter(request, reply, { result, next: '/account' });
    },
    problemOf: (error) => (isAuthError(error, 'email-taken') ? strings.revert.taken : null),
  });

  /** The form behind a mail's link. Opening it spends nothing, because mail scanners open links too: the button does. */
  function linkForm({ path, title, View, takesPassword = false, press, problemOf }: LinkForm): void {
    const scripts = ['token'] as const;
    scope.get(path, async (_request, reply) =>
      show(reply, { title, content: <View problems={NO_PROBLEMS} />, scripts }),
    );

    scope.post(path, async (request, reply) => {
      const token = fieldOf(request, 'token').trim();
      const password = fieldOf(request, 'password');
      let problems = missingFields(takesPassword ? { token, password } : { token });
      let status = 400;
      if (!hasProblems(problems)) {
        try {
          return await press({ request, reply, token, password, origin: tools.originOf(request) });
        } catch (error) {
          ({ problems, status } = problemsFrom(error));
          const whole = problemOf?.(error) ?? null;
          if (whole !== null) problems = { whole, fields: {} };
        }
      }
      const content = <View problems={problems} values={{ token }} />;
      return show(reply, { title, content, status, scripts });
    });
  }
}
