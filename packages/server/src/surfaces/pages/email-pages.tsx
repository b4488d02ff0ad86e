import type { FastifyInstance, FastifyReply } from 'fastify';
import { isEmailAddress } from '../../core/contact/index.ts';
import { Alert, Field, fieldOf, NO_PROBLEMS, problemsFrom } from '../../pages-kit/index.ts';
import { type Acting, accountScope, type Refused } from './account-scope.ts';
import { changeRefusal, MailCodeField, StepForm } from './contact-forms.tsx';
import { contactStrings } from './contact-strings.ts';
import { strings } from './page-strings.ts';
import type { PageTools } from './surface.ts';

const text = contactStrings.email;
const HOME = '/account/email';

interface Shown {
  refusal?: Refused | undefined;
  isResent?: boolean;
}

/** Another e-mail address by the proof of both mailboxes (contract 4.7), one page a step. */
export function emailPages(scope: FastifyInstance, tools: PageTools): void {
  const { emailChanges, show } = tools;
  const { page, form } = accountScope(scope, tools, HOME);

  function showBegin({ reply, session }: Acting, { problems, status } = FINE): FastifyReply {
    const { email } = session;
    const content = (
      <>
        <Alert text={problems.whole} />
        {email && (
          <p class="anywhere">
            {text.now} <strong>{email.address}</strong>
          </p>
        )}
        <p>{email?.verified ? text.leadProved : text.leadUnproved}</p>
        <form method="post" action={`${HOME}/begin`}>
          <button type="submit">{text.begin}</button>
        </form>
        <div class="below">
          <p>
            <a href="/account/security">{contactStrings.cancel}</a>
          </p>
        </div>
      </>
    );
    return show(reply, { title: text.title, content, status });
  }

  function showOriginal(
    { reply, session }: Acting,
    hidden: { ticket: string },
    { refusal, isResent = false }: Shown = {},
  ): FastifyReply {
    const { problems, status } = refusal ?? FINE;
    const content = (
      <StepForm
        lead={text.original(session.email?.address ?? '')}
        action={`${HOME}/original`}
        again={`${HOME}/original/again`}
        submit={text.next}
        {...{ hidden, problems, isResent }}
      >
        <MailCodeField label={text.code} problems={problems} />
      </StepForm>
    );
    return show(reply, { title: text.originalTitle, content, status });
  }

  function showNew({ request, reply }: Acting, hidden: Proved, refusal?: Refused): FastifyReply {
    const { problems, status } = refusal ?? FINE;
    const content = (
      <StepForm action={`${HOME}/new`} submit={text.send} {...{ hidden, problems }}>
        <Field
          id="email"
          label={text.newEmail}
          type="email"
          autocomplete="email"
          value={fieldOf(request, 'email')}
          problem={problems.fields['email']}
          autofocus
        />
      </StepForm>
    );
    return show(reply, { title: text.newTitle, content, status });
  }

  function showApply(
    { reply }: Acting,
    hidden: Proved & { email: string },
    { refusal, isResent = false }: Shown = {},
  ): FastifyReply {
    const { problems, status } = refusal ?? FINE;
    const content = (
      <StepForm
        lead={text.sent(hidden.email)}
        action={`${HOME}/apply`}
        again={`${HOME}/new/again`}
        submit={text.apply}
        {...{ hidden, problems, isResent }}
      >
        <MailCodeField label={text.code} problems={problems} />
      </StepForm>
    );
    return show(reply, { title: text.applyTitle, content, status });
  }

  /** Back to the page whose field is to blame, or to the beginning. */
  const blaming =
    (field: string, again: (acting: Acting, refusal: Refused) => FastifyReply) =>
    async (acting: Acting, refusal: Refused): Promise<FastifyReply> =>
      refusal.problems.fields[field] !== undefined || refusal.status === 429
        ? again(acting, refusal)
        : showBegin(acting, refusal);

  const step = (
    path: string,
    isSensitive: boolean,
    work: (acting: Acting) => Promise<FastifyReply>,
    refused: (acting: Acting, refusal: Refused) => Promise<FastifyReply>,
  ) =>
    form(`${HOME}/${path}`, {
      isSensitive,
      async work(acting) {
        try {
          return await work(acting);
        } catch (error) {
          return await refused(acting, changeRefusal(error) ?? problemsFrom(error));
        }
      },
      refused,
    });

  page(HOME, { work: async (acting) => showBegin(acting) });

  step(
    'begin',
    true,
    async (acting) => {
      const { session, origin } = acting;
      const { ticket, originalProof } = await emailChanges.start({ session, origin });
      return originalProof === null
        ? showOriginal(acting, { ticket })
        : showNew(acting, { ticket, proof: originalProof });
    },
    async (acting, refusal) => showBegin(acting, refusal),
  );

  step(
    'original',
    false,
    async (acting) => {
      const { request, session, origin } = acting;
      const { ticket } = provedIn(acting);
      const code = codeIn(fieldOf(request, 'mailCode'));
      const proof = await emailChanges.verifyOriginal({ session, origin, ticket, code });
      return showNew(acting, { ticket, proof });
    },
    blaming('mailCode', (acting, refusal) => showOriginal(acting, provedIn(acting), { refusal })),
  );

  step(
    'original/again',
    false,
    async (acting) => {
      const { session, origin } = acting;
      const { ticket } = provedIn(acting);
      await emailChanges.resendOriginal({ session, origin, ticket });
      return showOriginal(acting, { ticket }, { isResent: true });
    },
    blaming('mailCode', (acting, refusal) => showOriginal(acting, provedIn(acting), { refusal })),
  );

  step(
    'new',
    false,
    async (acting) => {
      const { request, session, origin } = acting;
      const { ticket, proof } = provedIn(acting);
      const newEmail = fieldOf(request, 'email').trim();
      if (!isEmailAddress(newEmail)) return showNew(acting, { ticket, proof }, NO_ADDRESS);
      await emailChanges.requestNew({ session, origin, ticket, originalProof: proof, newEmail });
      return showApply(acting, { ticket, proof, email: newEmail });
    },
    blaming('email', (acting, refusal) => showNew(acting, provedIn(acting), refusal)),
  );

  const applying = (acting: Acting) => ({ ...provedIn(acting), email: fieldOf(acting.request, 'email') });
  step(
    'new/again',
    false,
    async (acting) => {
      const { session, origin } = acting;
      await emailChanges.resendNew({ session, origin, ticket: provedIn(acting).ticket });
      return showApply(acting, applying(acting), { isResent: true });
    },
    blaming('mailCode', (acting, refusal) => showApply(acting, applying(acting), { refusal })),
  );

  step(
    'apply',
    true,
    async (acting) => {
      const { request, reply, session, origin } = acting;
      const { ticket, proof: originalProof } = provedIn(acting);
      const code = codeIn(fieldOf(request, 'mailCode'));
      const emailToken = await emailChanges.verifyNew({ session, origin, ticket, originalProof, code });
      await emailChanges.apply({ session, origin, emailToken, together: async () => undefined });
      return reply.redirect('/account/security?done=email', 303);
    },
    blaming('mailCode', (acting, refusal) => showApply(acting, applying(acting), { refusal })),
  );
}

const FINE: Refused = { problems: NO_PROBLEMS, status: 200 };
const NO_ADDRESS: Refused = { problems: { fields: { email: strings.notAnEmail } }, status: 400 };

/** What earlier steps have made; `proof` is of the address that is given up. */
interface Proved extends Record<string, string> {
  ticket: string;
  proof: string;
}

function provedIn({ request }: Acting): Proved {
  return { ticket: fieldOf(request, 'ticket'), proof: fieldOf(request, 'proof') };
}

/** As the mail shows it, however it was typed. */
export function codeIn(typed: string): string {
  const bare = typed.replace(/[^a-z0-9]/gi, '').toUpperCase();
  return `${bare.slice(0, 4)}-${bare.slice(4)}`;
}
