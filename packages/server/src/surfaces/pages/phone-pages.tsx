import type { FastifyInstance, FastifyReply } from 'fastify';
import { Alert, Field, fieldOf, NO_PROBLEMS } from '../../pages-kit/index.ts';
import { type Acting, accountScope, asWhole, type Refused } from './account-scope.ts';
import { securityStrings } from './security-strings.ts';
import type { PageTools } from './surface.ts';

const text = securityStrings.phone;
const SECURITY = '/account/security';
const HOME = `${SECURITY}/phone`;

/** A phone number, proved by a code, and codes by SMS as a second factor. */
export function phonePages(scope: FastifyInstance, tools: PageTools): void {
  const { phones, show } = tools;
  const { page, form } = accountScope(scope, tools, HOME);

  function showNumber(reply: FastifyReply, number = '', refusal?: Refused): FastifyReply {
    const { problems, status } = refusal ?? { problems: NO_PROBLEMS, status: 200 };
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={HOME}>
          <Field
            id="phone"
            label={text.number}
            autocomplete="tel"
            hint={text.numberHint}
            value={number}
            problem={problems.fields['phone']}
            maxLength={32}
          />
          <button type="submit">{text.send}</button>
        </form>
        <Cancel />
      </>
    );
    return show(reply, { title: text.title, content, status });
  }

  function showCode(reply: FastifyReply, number: string, refusal?: Refused): FastifyReply {
    const { problems, status } = refusal ?? { problems: NO_PROBLEMS, status: 200 };
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.sent(number)}</p>
        <form method="post" action={`${HOME}/keep`}>
          <input type="hidden" name="phone" value={number} />
          <Field
            id="phoneCode"
            label={text.code}
            autocomplete="one-time-code"
            problem={problems.fields['code']}
            autofocus
            maxLength={16}
          />
          <button type="submit">{text.submit}</button>
        </form>
        <form method="post" action={HOME} class="aside">
          <input type="hidden" name="phone" value={number} />
          <button type="submit" class="link">
            {text.again}
          </button>
        </form>
        <Cancel />
      </>
    );
    return show(reply, { title: text.codeTitle, content, status });
  }

  page(HOME, { work: async ({ reply, session }) => showNumber(reply, session.phone ?? '') });

  form(HOME, {
    isSensitive: true,
    async work({ request, reply, session, origin }) {
      const phone = numberIn(fieldOf(request, 'phone'));
      await phones.sendVerification({ session, origin, phone });
      return showCode(reply, phone);
    },
    refused: async ({ request, reply }, refusal) => showNumber(reply, fieldOf(request, 'phone'), refusal),
  });

  form(`${HOME}/keep`, {
    isSensitive: true,
    async work({ request, reply, session, origin }) {
      const phone = fieldOf(request, 'phone');
      const code = fieldOf(request, 'phoneCode').replace(/\s/g, '');
      const token = await phones.verify({ session, origin, phone, code });
      await phones.add({ session, origin, token });
      return reply.redirect(`${SECURITY}?done=phone-added`, 303);
    },
    async refused({ request, reply }, refusal) {
      const phone = fieldOf(request, 'phone');
      const isCode = refusal.problems.fields['code'] !== undefined || refusal.status === 429;
      return isCode ? showCode(reply, phone, refusal) : showNumber(reply, phone, refusal);
    },
  });

  const switching = (path: string, done: string, work: (acting: Acting) => Promise<void>) =>
    form(path, {
      isSensitive: true,
      async work(acting) {
        await work(acting);
        return acting.reply.redirect(`${SECURITY}?done=${done}`, 303);
      },
      refused: async ({ reply }, refusal) => {
        const content = (
          <>
            <Alert text={asWhole(refusal).problems.whole} />
            <Cancel />
          </>
        );
        return show(reply, { title: text.smsHeading, content, status: refusal.status });
      },
    });

  switching(`${HOME}/remove`, 'phone-removed', ({ session, origin }) => phones.remove({ session, origin }));
  switching(`${SECURITY}/sms/on`, 'sms-on', ({ session, origin }) => phones.enableSms({ session, origin }));
  switching(`${SECURITY}/sms/off`, 'sms-off', ({ session, origin }) =>
    phones.disableSms({ session, origin }),
  );
}

/** As people write numbers, without what only makes them easier to read. */
function numberIn(typed: string): string {
  return typed.replace(/[\s()./-]/g, '').replace(/^00/, '+');
}

function Cancel() {
  return (
    <div class="below">
      <p>
        <a href={SECURITY}>{text.cancel}</a>
      </p>
    </div>
  );
}
