import type { FastifyInstance, FastifyReply } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import type { LiveSession } from '../../core/session/index.ts';
import {
  AuthenticatorSetUp,
  fieldOf,
  NO_PROBLEMS,
  PASSKEY_OPTIONS,
  safeNext,
} from '../../pages-kit/index.ts';
import { type Acting, accountScope, asWhole, type Refused } from './account-scope.ts';
import { OwnRecoveryCodes } from './own-recovery-codes.tsx';
import { securityStrings } from './security-strings.ts';
import { SecurityView } from './security-view.tsx';
import { CONFIRM, PASSKEY_CHALLENGE } from './sudo-prompt.tsx';
import type { PageTools } from './surface.ts';

const text = securityStrings;
const HOME = '/account/security';

/** What guards the account: all factors at a glance, the authenticator app, recovery codes, places, and leaving. */
export function securityPages(scope: FastifyInstance, tools: PageTools): void {
  const { secondFactors, passkeys, phones, places, departures, siteName, cookie, show } = tools;
  const { page, form } = accountScope(scope, tools, HOME);

  async function showSecurity(
    reply: FastifyReply,
    {
      session,
      problems = NO_PROBLEMS,
      status = 200,
      done,
    }: Partial<Refused> & Pick<Acting, 'session'> & { done?: unknown },
  ): Promise<FastifyReply> {
    const { userId, factors } = session;
    const content = (
      <SecurityView
        session={session}
        problems={problems}
        notice={noticeOf(done)}
        codesLeft={factors.length > 0 ? await secondFactors.recoveryCodesLeft(userId) : null}
        passkeys={await passkeys.list(userId)}
        places={await places.list(userId)}
        areCodesSent={phones.areCodesSent}
        graceHours={tools.deletionGraceHours}
      />
    );
    return show(reply, { title: text.overview.title, content, width: 'wide', status });
  }

  const refused = ({ reply, session }: Acting, refusal: Refused) =>
    showSecurity(reply, { session, ...asWhole(refusal) });
  const doing = (path: string, done: keyof typeof text.done, work: (acting: Acting) => Promise<unknown>) =>
    form(path, {
      isSensitive: true,
      refused,
      async work(acting) {
        await work(acting);
        return acting.reply.redirect(`${HOME}?done=${done}`, 303);
      },
    });

  page(HOME, {
    work: ({ request, reply, session }) =>
      showSecurity(reply, { session, done: (request.query as { done?: unknown }).done }),
  });

  form(CONFIRM, {
    isSensitive: true,
    refused,
    async work({ request, reply }) {
      return reply.redirect(safeNext(fieldOf(request, 'next'), HOME), 303);
    },
  });

  scope.post(
    PASSKEY_CHALLENGE,
    { config: { pages: { bucket: PASSKEY_OPTIONS } } },
    async (request, reply) => {
      const found = await tools.sessionOf(request);
      try {
        if (found) {
          const { session } = found;
          const origin = tools.originOf(request);
          return reply.send(await tools.gate.challengeAgain({ session, method: 'passkey', origin }));
        }
      } catch (error) {
        if (!isAuthError(error)) throw error;
      }
      // The script loads the page anew, which says what is the matter.
      return reply.code(410).send({});
    },
  );

  function showSetup(
    reply: FastifyReply,
    session: LiveSession,
    secret: string,
    refusal?: Refused,
  ): FastifyReply {
    const { title, cancel } = text.authenticator;
    const accountName = session.email?.address ?? session.profile.username;
    const problems = refusal?.problems ?? NO_PROBLEMS;
    const content = (
      <>
        <AuthenticatorSetUp
          {...{ siteName, accountName, secret, problems }}
          action={`${HOME}/authenticator`}
          field="appCode"
          hidden={{ secret }}
        />
        <div class="below">
          <p>
            <a href={HOME}>{cancel}</a>
          </p>
        </div>
      </>
    );
    return show(reply, { title, content, ...(refusal && { status: refusal.status }) });
  }

  form(`${HOME}/authenticator/begin`, {
    isSensitive: true,
    refused,
    work: async ({ reply, session }) =>
      showSetup(reply, session, await secondFactors.beginTotp(session.userId)),
  });

  form(`${HOME}/authenticator`, {
    isSensitive: true,
    async work({ request, reply, session, origin }) {
      const secret = fieldOf(request, 'secret');
      const code = fieldOf(request, 'appCode');
      return showCodes(reply, await secondFactors.enableTotp({ session, secret, code, origin }));
    },
    async refused(acting, refusal) {
      const secret = fieldOf(acting.request, 'secret');
      const { code } = refusal.problems.fields;
      if (code === undefined) return await refused(acting, refusal);
      const { status } = refusal;
      return showSetup(acting.reply, acting.session, secret, {
        problems: { fields: { appCode: code } },
        status,
      });
    },
  });

  doing(`${HOME}/authenticator/remove`, 'app-removed', ({ session, origin }) =>
    // The proof was asked for on the way in, and may have been another factor.
    secondFactors.disableTotp({ session, given: null, origin }),
  );

  function showCodes(reply: FastifyReply, codes: Codes): FastifyReply {
    return show(reply, { title: text.codes.title, content: <OwnRecoveryCodes codes={codes} /> });
  }

  form(`${HOME}/recovery-codes`, {
    isSensitive: true,
    refused,
    work: async ({ reply, session, origin }) =>
      showCodes(reply, await secondFactors.showRecoveryCodes({ session, origin })),
  });

  form(`${HOME}/recovery-codes/renew`, {
    isSensitive: true,
    refused,
    work: async ({ reply, session, origin }) =>
      showCodes(reply, await secondFactors.renewRecoveryCodes({ session, origin })),
  });

  form(`${HOME}/recovery-codes/download`, {
    isSensitive: true,
    refused,
    async work({ reply, session, origin }) {
      const codes = await secondFactors.showRecoveryCodes({ session, origin });
      const lines = codes.filter(({ consumed }) => !consumed).map(({ code }) => code);
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${text.codes.fileName}"`)
        .send([text.codes.fileHead(siteName), '', ...lines, ''].join('\r\n'));
    },
  });

  doing(`${HOME}/places/forget`, 'places', async ({ request, session }) => {
    const { projectId, userId } = session;
    await places.forgetAll({ projectId, userId, actor: tools.actorOf(request, session) });
  });

  const leaving = (path: string, said: string, work: (acting: Acting) => Promise<void>) =>
    form(path, {
      isSensitive: true,
      refused,
      async work(acting) {
        const { request, reply, session } = acting;
        if (fieldOf(request, 'understood') !== 'yes')
          return await showSecurity(reply, { session, status: 400 });
        await work(acting);
        cookie.clear(reply);
        return show(reply, { title: text.close.title, content: <p>{said}</p> });
      },
    });
  leaving(`${HOME}/disable`, text.close.disabled, ({ session, origin }) =>
    departures.disable({ session, origin }),
  );
  leaving(`${HOME}/delete`, text.close.deleted, ({ session, origin }) =>
    departures.leave({ session, origin }),
  );
}

type Codes = Awaited<ReturnType<PageTools['secondFactors']['showRecoveryCodes']>>;

function noticeOf(done: unknown): string | undefined {
  return typeof done === 'string' && Object.hasOwn(text.done, done)
    ? text.done[done as keyof typeof text.done]
    : undefined;
}
