import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  Alert,
  CaptchaField,
  EmailField,
  fieldOf,
  hasProblems,
  missingFields,
  NewPasswordField,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
  TokenField,
} from '../../pages-kit/index.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { Below, Hidden } from './views.tsx';
import { type Landing, linkTo, pathOf, type Visit, visitScope } from './visit.ts';

const METHOD = { method: 'password' } as const;

interface Shown {
  problems?: Problems;
  value?: string;
  status?: number;
}

/** A new password by mail, and the address confirmed by one (FX-14). */
export function mailPages(scope: FastifyInstance, tools: Tools): void {
  const { recovery, contacts, carried, ways } = tools;
  const { at, page, form, message } = visitScope(scope, tools);

  function showForgot(
    visit: Visit,
    { problems = NO_PROBLEMS, value = '', status = 200 }: Shown = {},
  ): FastifyReply {
    const text = strings.forgot;
    const { project, way } = visit;
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={pathOf(project, 'forgot')}>
          <Hidden fields={{ way: ways.seal(project, way) }} />
          <EmailField value={value} problems={problems} autofocus />
          <CaptchaField puzzle={tools.puzzle} action="forgot" />
          <button type="submit">{text.submit}</button>
        </form>
        <Below links={[{ href: linkTo(visit, 'sign-in'), link: strings.back }]} />
      </>
    );
    return tools.show(visit, { title: text.title, content, status, hasCaptcha: true });
  }

  page('/forgot', async (visit) => showForgot(visit), METHOD);

  form(
    '/forgot',
    async (visit) => {
      const { project, request, reply, way } = visit;
      const email = fieldOf(request, 'email').trim();
      const problems = missingFields({ email });
      if (hasProblems(problems)) return showForgot(visit, { problems, value: email, status: 400 });
      try {
        await tools.demandCaptcha(request, 'forgot');
        const asked = { projectId: project.id, surface: 'flux', email } as const;
        const page = tools.publicUrl + pathOf(project, 'reset');
        await recovery.request({ ...asked, origin: tools.originOf(request), linkTo: page });
      } catch (error) {
        return showForgot(visit, { ...problemsFrom(error), value: email });
      }
      carried.write(reply, project, {
        step: { at: 'reset' },
        way: ways.seal(project, way),
        until: way.until,
      });
      const link = { href: linkTo(visit, 'sign-in'), text: strings.back };
      return message(visit, { title: strings.forgot.sentTitle, text: strings.forgot.sent, link });
    },
    METHOD,
  );

  function showReset(
    here: Landing,
    { problems = NO_PROBLEMS, value = '', status = 200 }: Shown = {},
  ): FastifyReply {
    const text = strings.reset;
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={pathOf(here.project, 'reset')}>
          <LinkField value={value} problems={problems} />
          <NewPasswordField problems={problems} />
          <button type="submit">{text.submit}</button>
        </form>
      </>
    );
    return tools.show(leading(here), { title: text.title, content, status, scripts: ['flux-link'] });
  }

  /** The visit that this browser asked the mail in; without one the page leads nowhere. */
  function leading(here: Landing): Landing | Visit {
    const kept = carried.find(here.request, here.project, 'reset');
    const way = kept?.way ? ways.open(here.project, kept.way) : null;
    return way ? { ...here, way } : here;
  }

  at('GET', '/reset', async (here) => showReset(here), METHOD);

  at(
    'POST',
    '/reset',
    async (here) => {
      const { project, request } = here;
      const token = secretIn(fieldOf(request, 'token'));
      const password = fieldOf(request, 'password');
      const problems = missingFields({ token, password });
      if (hasProblems(problems)) return showReset(here, { problems, value: token, status: 400 });
      const origin = tools.originOf(request);
      try {
        const asked = { projectId: project.id, surface: 'flux', token, password, origin } as const;
        const result = await recovery.complete(asked);
        const visit = leading(here);
        if ('way' in visit) return await tools.enter(visit, result);
        // Nobody is waiting for a session here; whoever wants one signs in.
        if (result.state === 'signed-in') await tools.leave(here, result.session.id);
      } catch (error) {
        return showReset(here, { ...problemsFrom(error), value: token });
      }
      return message(here, { title: strings.reset.doneTitle, text: strings.reset.done });
    },
    METHOD,
  );

  function showVerify(
    here: Landing,
    { problems = NO_PROBLEMS, value = '', status = 200 }: Shown = {},
  ): FastifyReply {
    const text = strings.verify;
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={pathOf(here.project, 'verify')}>
          <LinkField value={value} problems={problems} />
          <button type="submit">{text.submit}</button>
        </form>
      </>
    );
    return tools.show(here, { title: text.title, content, status, scripts: ['flux-link'] });
  }

  at('GET', '/verify', async (here) => showVerify(here));

  at('POST', '/verify', async (here) => {
    const { project, request } = here;
    const token = secretIn(fieldOf(request, 'token'));
    const problems = missingFields({ token });
    if (hasProblems(problems)) return showVerify(here, { problems, status: 400 });
    try {
      await contacts.verify({ projectId: project.id, token, origin: tools.originOf(request) });
    } catch (error) {
      return showVerify(here, { ...problemsFrom(error), value: token });
    }
    return message(here, { title: strings.verify.doneTitle, text: strings.verify.done });
  });
}

function LinkField({ value, problems }: { value: string; problems: Problems }) {
  return <TokenField {...{ value, problems }} label={strings.linkOrCode} hint={strings.linkOrCodeHint} />;
}

/** What somebody pastes by hand: the secret, or the whole link. */
function secretIn(text: string): string {
  return /#flux_\w+=([\w-]+)/.exec(text)?.[1] ?? text.trim();
}
