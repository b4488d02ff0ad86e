import type { FastifyInstance } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import {
  CaptchaField,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
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

  // Opening the link spends nothing: mail scanners open links too. The button does.
  scope.get('/verify', async (_request, reply) =>
    show(reply, {
      title: strings.verify.title,
      content: <VerifyView problems={NO_PROBLEMS} />,
      scripts: ['token'],
    }),
  );

  scope.post('/verify', async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    let problems = missingFields({ token });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        // Flux's projects have no pages of their own: whoever holds the mail has proved the mailbox.
        await contacts.verify({ projectId: null, token, origin: tools.originOf(request) });
        return show(reply, { title: strings.verify.doneTitle, content: <VerifiedView /> });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const content = <VerifyView problems={problems} values={{ token }} />;
    return show(reply, { title: strings.verify.title, content, status, scripts: ['token'] });
  });

  scope.get('/not-me', async (_request, reply) =>
    show(reply, {
      title: strings.notMe.title,
      content: <NotMeView problems={NO_PROBLEMS} />,
      scripts: ['token'],
    }),
  );

  scope.post('/not-me', async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    let problems = missingFields({ token });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        await tools.notMe({ projectId, token, origin: tools.originOf(request) });
        return show(reply, {
          title: strings.notMe.doneTitle,
          content: <NotMeDoneView mailbox={hasMailbox} />,
        });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const content = <NotMeView problems={problems} values={{ token }} />;
    return show(reply, { title: strings.notMe.title, content, status, scripts: ['token'] });
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

  scope.get('/reset', async (_request, reply) =>
    show(reply, {
      title: strings.reset.title,
      content: <ResetView problems={NO_PROBLEMS} />,
      scripts: ['token'],
    }),
  );

  scope.post('/reset', async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    const password = fieldOf(request, 'password');
    let problems = missingFields({ token, password });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        const origin = tools.originOf(request);
        const result = await recovery.complete({ projectId, surface: 'pages', token, password, origin });
        return await enter(request, reply, { result, next: '/account' });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
      }
    }
    const content = <ResetView problems={problems} values={{ token }} />;
    return show(reply, { title: strings.reset.title, content, status, scripts: ['token'] });
  });

  scope.get('/wasntme', async (_request, reply) =>
    show(reply, {
      title: strings.revert.title,
      content: <RevertView problems={NO_PROBLEMS} />,
      scripts: ['token'],
    }),
  );

  scope.post('/wasntme', async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    const password = fieldOf(request, 'password');
    let problems = missingFields({ token, password });
    let status = 400;
    if (!hasProblems(problems)) {
      try {
        const origin = tools.originOf(request);
        const result = await recovery.revert({ projectId, surface: 'pages', token, password, origin });
        return await enter(request, reply, { result, next: '/account' });
      } catch (error) {
        ({ problems, status } = problemsFrom(error));
        if (isAuthError(error, 'email-taken')) problems = { whole: strings.revert.taken, fields: {} };
      }
    }
    const content = <RevertView problems={problems} values={{ token }} />;
    return show(reply, { title: strings.revert.title, content, status, scripts: ['token'] });
  });
}
