import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ComponentChildren } from 'preact';
import { isAuthError } from '../../core/errors.ts';
import {
  Alert,
  AuthenticatorSetUp,
  Field,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  Notice,
  type Problems,
  problemsFrom,
  RecoveryCodesView,
} from '../../pages-kit/index.ts';
import { type Standing, standingAt } from './standing.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { Either } from './views.tsx';
import { type Landing, pathOf, visitScope } from './visit.ts';

const text = strings.stepUp;

interface Shown {
  problems?: Problems;
  status?: number;
}

/** Where a second factor is owed and there is none yet: an app or a telephone is set up, and the session has shown it. */
export function setUpPages(scope: FastifyInstance, tools: Tools): void {
  const { sessionFactors, areCodesSent } = tools;
  const { at, over } = visitScope(scope, tools);

  const allows = ({ project }: Landing, type: 'totp' | 'sms') =>
    project.settings.mfa.methods.includes(type) && (type === 'totp' || areCodesSent);

  function asking({ request, session }: Standing) {
    return { session, origin: tools.originOf(request) };
  }

  /** The secret of an app, made at the first look and shown again at each other. */
  async function secretOf(here: Standing): Promise<string> {
    if (here.setUp.secret !== undefined) return here.setUp.secret;
    const { secret } = await sessionFactors.beginTotp(asking(here));
    here.keep({ ...here.setUp, secret });
    return secret;
  }

  async function showSetUp(
    here: Standing,
    { problems = NO_PROBLEMS, status = 200 }: Shown = {},
  ): Promise<FastifyReply> {
    const { project, setUp } = here;
    const action = (page: string) => pathOf(project, `step-up/${page}`);
    const ways: ComponentChildren[] = [];
    const phone =
      setUp.challenge === undefined ? (
        <PhoneForm {...{ problems, action: action('phone') }} />
      ) : (
        <PhoneCodeForm {...{ problems, action: action('phone-code'), again: action('phone-again') }} />
      );
    // Whoever waits for a code is asked for it first.
    if (allows(here, 'sms') && setUp.challenge !== undefined) ways.push(phone);
    if (allows(here, 'totp'))
      ways.push(
        <AuthenticatorSetUp
          siteName={project.name}
          accountName={await tools.accountNameOf(here.session.userId)}
          secret={await secretOf(here)}
          action={action('app')}
          problems={problems}
        />,
      );
    if (allows(here, 'sms') && setUp.challenge === undefined) ways.push(phone);
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.enrolLead}</p>
        <Either ways={ways} />
      </>
    );
    return tools.show(here, { title: text.enrolTitle, content, status });
  }

  /** A stranger who has the password would set up a factor of his own, and never be asked about the place again. */
  function strange(here: Standing): FastifyReply {
    const content = <Notice text={text.strange} />;
    return tools.show(here, { title: text.enrolTitle, content, status: 403 });
  }

  /** A page of somebody who has no factor yet; everybody else is led on. */
  function page(verb: 'GET' | 'POST', path: string, work: (here: Standing) => Promise<FastifyReply>): void {
    at(verb, `/step-up/${path}`, async (landing) => {
      const here = await standingAt(landing, tools, () => over(landing));
      if (!here) return over(landing);
      if (here.session.isMultiFactor || here.session.factors.length > 0)
        return here.reply.redirect(pathOf(here.project, 'step-up'), 303);
      if (await tools.isFromStrangePlace(here.session)) return strange(here);
      try {
        return await work(here);
      } catch (error) {
        if (isAuthError(error, 'not-signed-in')) return over(landing);
        return await showSetUp(here, problemsFrom(error, path === 'phone-code' ? 'smsCode' : 'code'));
      }
    });
  }

  async function finish(here: Standing, challengeId: string, code: string): Promise<FastifyReply> {
    const allowed = here.project.settings.mfa.methods;
    const { recoveryCodes } = await sessionFactors.verify({ ...asking(here), challengeId, code, allowed });
    if (!recoveryCodes) return await here.goOn();
    const next = pathOf(here.project, 'step-up');
    const content = <RecoveryCodesView codes={recoveryCodes} next={next} />;
    return tools.show(here, { title: strings.recoveryCodes.title, content });
  }

  page('GET', 'set-up', (here) => showSetUp(here));

  page('POST', 'app', async (here) => {
    const code = fieldOf(here.request, 'code').trim();
    const problems = missingFields({ code });
    if (hasProblems(problems)) return await showSetUp(here, { problems, status: 400 });
    const app = (await sessionFactors.list(here.session)).find(({ type }) => type === 'totp');
    if (!app) return await showSetUp(here);
    const challenge = await sessionFactors.challenge({ ...asking(here), factorId: app.id });
    return await finish(here, challenge.id, code);
  });

  page('POST', 'phone', async (here) => {
    const phone = fieldOf(here.request, 'phone').trim();
    const problems = missingFields({ phone });
    if (hasProblems(problems)) return await showSetUp(here, { problems, status: 400 });
    if (!allows(here, 'sms')) return over(here);
    const { challenge } = await sessionFactors.beginSms({ ...asking(here), phone });
    here.keep({ ...here.setUp, challenge: challenge.id });
    return here.reply.redirect(pathOf(here.project, 'step-up/set-up'), 303);
  });

  page('POST', 'phone-again', async (here) => {
    const { challenge: _over, ...rest } = here.setUp;
    here.keep(rest);
    return here.reply.redirect(pathOf(here.project, 'step-up/set-up'), 303);
  });

  page('POST', 'phone-code', async (here) => {
    const smsCode = fieldOf(here.request, 'smsCode').trim();
    const problems = missingFields({ smsCode });
    if (hasProblems(problems)) return await showSetUp(here, { problems, status: 400 });
    return await finish(here, here.setUp.challenge ?? '', smsCode);
  });
}

interface FormProps {
  problems: Problems;
  action: string;
}

function PhoneForm({ problems, action }: FormProps) {
  return (
    <form method="post" action={action}>
      <Field
        id="phone"
        label={text.phone}
        type="tel"
        autocomplete="tel"
        hint={text.phoneHint}
        problem={problems.fields['phone']}
        maxLength={32}
      />
      <button type="submit" class="quiet">
        {text.sendCode}
      </button>
    </form>
  );
}

function PhoneCodeForm({ problems, action, again }: FormProps & { again: string }) {
  return (
    <>
      <Notice text={problems.fields['smsCode'] === undefined ? strings.confirm.smsSent : undefined} />
      <form method="post" action={action}>
        <Field
          id="smsCode"
          label={strings.confirm.smsCode}
          autocomplete="one-time-code"
          problem={problems.fields['smsCode']}
          autofocus
          maxLength={32}
        />
        <button type="submit">{strings.confirm.submit}</button>
      </form>
      <form method="post" action={again} class="aside">
        <button type="submit" class="link">
          {text.otherPhone}
        </button>
      </form>
    </>
  );
}
