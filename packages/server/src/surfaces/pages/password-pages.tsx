import type { FastifyInstance, FastifyReply } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import {
  Alert,
  Field,
  fieldOf,
  hasProblems,
  missingFields,
  NewPasswordField,
  NO_PROBLEMS,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { type Acting, accountScope, type Refused } from './account-scope.ts';
import { changeRefusal, MailCodeField, StepForm } from './contact-forms.tsx';
import { contactStrings } from './contact-strings.ts';
import { codeIn } from './email-pages.tsx';
import type { PageTools } from './surface.ts';

const text = contactStrings.password;
const HOME = '/account/password';

/** Another password: by the one that holds now, or by a code in the mailbox (contract 4.8). */
export function passwordPages(scope: FastifyInstance, tools: PageTools): void {
  const { recovery, passwordChanges, sudo, cookie, show } = tools;
  const { page, form } = accountScope(scope, tools, HOME);

  /** The old password stands in the form; whoever has a second factor is asked for that before the page. */
  const asksPassword = ({ session }: Acting) => session.factors.length === 0 && !sudo.isElevated(session);

  function showChange(acting: Acting, { problems, status }: Refused = FINE): FastifyReply {
    const { reply, session } = acting;
    const isFirst = session.passwordChangedAt === null;
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        {!isFirst && (
          <form method="post" action={HOME}>
            {asksPassword(acting) && (
              <Field
                id="password"
                label={text.current}
                type="password"
                autocomplete="current-password"
                problem={problems.fields['password']}
              />
            )}
            <NewPasswordField id="newPassword" label={text.new} problems={problems} />
            <button type="submit">{text.submit}</button>
          </form>
        )}
        {session.email && (
          <div class="below">
            {!isFirst && <p>{text.forgotten}</p>}
            <form method="post" action={`${HOME}/mail`}>
              <button type="submit" class={isFirst ? undefined : 'quiet'}>
                {text.byMail}
              </button>
            </form>
          </div>
        )}
        <div class="below">
          <p>
            <a href="/account/security">{contactStrings.cancel}</a>
          </p>
        </div>
      </>
    );
    return show(reply, { title: isFirst ? text.firstTitle : text.title, content, status });
  }

  function showCode(
    { reply, session }: Acting,
    hidden: { ticket: string },
    { refusal, isResent = false }: { refusal?: Refused; isResent?: boolean } = {},
  ): FastifyReply {
    const { problems, status } = refusal ?? FINE;
    const content = (
      <StepForm
        lead={text.sent(session.email?.address ?? '')}
        action={`${HOME}/code`}
        again={`${HOME}/mail/again`}
        submit={text.next}
        {...{ hidden, problems, isResent }}
      >
        <MailCodeField label={text.code} problems={problems} />
      </StepForm>
    );
    return show(reply, { title: text.codeTitle, content, status });
  }

  function showNew({ reply }: Acting, hidden: Proved, { problems, status }: Refused = FINE): FastifyReply {
    const content = (
      <StepForm lead={text.lead} action={`${HOME}/new`} submit={text.submit} {...{ hidden, problems }}>
        <NewPasswordField id="newPassword" label={text.new} problems={problems} />
      </StepForm>
    );
    return show(reply, { title: text.firstTitle, content, status });
  }

  /** A step that is sensitive for whoever has a second factor; without one, the mailbox is the proof. */
  const step = (
    path: string,
    work: (acting: Acting) => Promise<FastifyReply>,
    refused: (acting: Acting, refusal: Refused) => FastifyReply,
  ) =>
    form(path, {
      async work(acting) {
        try {
          const raised = await raisedByFactor(acting);
          return raised ? await work(raised) : acting.reply;
        } catch (error) {
          return refused(acting, changeRefusal(error) ?? refusalFrom(error));
        }
      },
      refused: async (acting, refusal) => refused(acting, refusal),
    });

  async function raisedByFactor(acting: Acting): Promise<Acting | null> {
    const { request, reply, session } = acting;
    if (session.factors.length === 0) return acting;
    const raised = await sudo.pass(request, reply, session);
    return raised && { ...acting, session: raised };
  }

  page(HOME, {
    async work(acting) {
      const raised = await raisedByFactor(acting);
      return raised ? showChange(raised) : acting.reply;
    },
  });

  step(
    HOME,
    async (acting) => {
      const { request, reply, origin } = acting;
      const newPassword = fieldOf(request, 'newPassword');
      const asked = asksPassword(acting) ? { password: fieldOf(request, 'password') } : {};
      const problems = missingFields({ ...asked, newPassword });
      if (hasProblems(problems)) return showChange(acting, { problems, status: 400 });
      // A first password is chosen by mail: nothing else shows whose the account is.
      if (acting.session.passwordChangedAt === null) throw new AuthError('proof-required', { methods: [] });
      const session = await sudo.elevated(request, reply, acting.session);
      const together = async () => undefined;
      const next = await recovery.changePassword({ session, newPassword, origin, together });
      if (next) cookie.write(reply, next.token);
      return reply.redirect('/account/security?done=password', 303);
    },
    showChange,
  );

  step(
    `${HOME}/mail`,
    async (acting) => {
      const { ticket } = await passwordChanges.start({ session: acting.session });
      return showCode(acting, { ticket });
    },
    showChange,
  );

  step(
    `${HOME}/mail/again`,
    async (acting) => {
      const { request, session, origin } = acting;
      const ticket = fieldOf(request, 'ticket');
      await passwordChanges.resend({ session, origin, ticket });
      return showCode(acting, { ticket }, { isResent: true });
    },
    (acting, refusal) => showCode(acting, { ticket: fieldOf(acting.request, 'ticket') }, { refusal }),
  );

  step(
    `${HOME}/code`,
    async (acting) => {
      const { request, session, origin } = acting;
      const ticket = fieldOf(request, 'ticket');
      const code = codeIn(fieldOf(request, 'mailCode'));
      const proof = await passwordChanges.verify({ session, origin, ticket, code });
      return showNew(acting, { ticket, proof });
    },
    (acting, refusal) =>
      refusal.problems.fields['mailCode'] === undefined
        ? showChange(acting, refusal)
        : showCode(acting, { ticket: fieldOf(acting.request, 'ticket') }, { refusal }),
  );

  step(
    `${HOME}/new`,
    async (acting) => {
      const { request, reply, session, origin } = acting;
      const newPassword = fieldOf(request, 'newPassword');
      const problems = missingFields({ newPassword });
      if (hasProblems(problems)) return showNew(acting, provedIn(acting), { problems, status: 400 });
      const next = await passwordChanges.complete({ session, origin, ...provedIn(acting), newPassword });
      cookie.write(reply, next.token);
      return reply.redirect('/account/security?done=password', 303);
    },
    (acting, refusal) =>
      refusal.problems.fields['newPassword'] === undefined
        ? showChange(acting, refusal)
        : showNew(acting, provedIn(acting), refusal),
  );
}

const FINE: Refused = { problems: NO_PROBLEMS, status: 200 };

interface Proved extends Record<string, string> {
  ticket: string;
  proof: string;
}

function provedIn({ request }: Acting): Proved {
  return { ticket: fieldOf(request, 'ticket'), proof: fieldOf(request, 'proof') };
}

/** As elsewhere, but for a password that is refused: here the new one stands in a field of its own. */
function refusalFrom(error: unknown): Refused {
  const { problems, status } = problemsFrom(error);
  if (!(error instanceof AuthError) || error.code !== 'password-refused') return { problems, status };
  return { problems: { fields: { newPassword: problems.fields['password'] ?? '' } }, status };
}
