import type { FastifyInstance, FastifyReply } from 'fastify';
import { Alert, Field, fieldOf, NO_PROBLEMS, PASSKEY_OPTIONS, problemsFrom } from '../../pages-kit/index.ts';
import { type Acting, accountScope, asWhole, type Refused } from './account-scope.ts';
import { strings } from './page-strings.ts';
import { securityStrings } from './security-strings.ts';
import type { PageTools } from './surface.ts';

const text = securityStrings.passkeys;
const SECURITY = '/account/security';
const HOME = `${SECURITY}/passkeys`;
const NEW = `${HOME}/new`;
/** Contract 4.6. */
const MAX_NAME = 100;

/** Adding a passkey, giving it another name, and taking it away. */
export function passkeySettingsPages(scope: FastifyInstance, tools: PageTools): void {
  const { passkeys, sudo, show } = tools;
  const { page, form } = accountScope(scope, tools, NEW);

  function showNew(reply: FastifyReply, name: string, refusal?: Refused): FastifyReply {
    const { problems, status } = refusal ?? { problems: NO_PROBLEMS, status: 200 };
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={NEW} data-new-passkey={`${HOME}/options`}>
          <input type="hidden" name="challenge" value="" />
          <input type="hidden" name="credential" value="" />
          <Field
            id="passkeyName"
            label={text.name}
            autocomplete="off"
            hint={text.nameHint}
            value={name}
            problem={problems.fields['passkeyName']}
            maxLength={MAX_NAME}
          />
          <button type="submit">{text.submit}</button>
          <p class="problem" role="alert" data-refused hidden>
            {text.refused}
          </p>
          <p class="problem" role="alert" data-unsupported hidden>
            {text.unsupported}
          </p>
          <noscript>
            <p class="hint">{text.noScript}</p>
          </noscript>
        </form>
        <div class="below">
          <p>
            <a href={SECURITY}>{text.cancel}</a>
          </p>
        </div>
      </>
    );
    return show(reply, { title: text.title, content, status, scripts: ['new-passkey'] });
  }

  page(NEW, { isSensitive: true, work: async ({ reply }) => showNew(reply, text.usual) });

  scope.post(
    `${HOME}/options`,
    { config: { pages: { bucket: PASSKEY_OPTIONS } } },
    async (request, reply) => {
      const found = await tools.sessionOf(request);
      // The script loads the page anew, which asks for what is missing.
      if (!found || !sudo.isElevated(found.session)) return reply.code(410).send({});
      try {
        return reply.send(await passkeys.begin(found.session));
      } catch (error) {
        return reply.code(problemsFrom(error).status).send({});
      }
    },
  );

  form(NEW, {
    isSensitive: true,
    async work({ request, reply, session, origin }) {
      const name = fieldOf(request, 'passkeyName').trim();
      if (!isName(name)) return showNew(reply, name, NAMELESS);
      const challenge = fieldOf(request, 'challenge');
      const response = parsed(fieldOf(request, 'credential'));
      if (response === undefined) {
        const problems = { whole: text.noScript, fields: {} };
        return showNew(reply, name, { problems, status: 400 });
      }
      await passkeys.register({ session, challenge, response, name, origin });
      return reply.redirect(`${SECURITY}?done=passkey-added`, 303);
    },
    refused: async ({ request, reply }, refusal) =>
      showNew(reply, fieldOf(request, 'passkeyName'), asWhole(refusal)),
  });

  const changing = (path: string, done: string, work: (acting: Acting) => Promise<void>) =>
    form(path, {
      isSensitive: true,
      async work(acting) {
        await work(acting);
        return acting.reply.redirect(`${SECURITY}?done=${done}`, 303);
      },
      // One that is gone is as good as removed, and there is nothing else that could be said.
      refused: async ({ reply }) => reply.redirect(SECURITY, 303),
    });

  changing(`${HOME}/rename`, 'passkey-renamed', async ({ request, session, origin }) => {
    const name = fieldOf(request, 'passkeyName').trim();
    const credentialId = fieldOf(request, 'passkeyId');
    if (isName(name)) await passkeys.rename({ session, credentialId, name, origin });
  });
  changing(`${HOME}/remove`, 'passkey-removed', async ({ request, session, origin }) => {
    await passkeys.remove({ session, credentialId: fieldOf(request, 'passkeyId'), origin });
  });
}

const NAMELESS: Refused = { problems: { fields: { passkeyName: strings.missing } }, status: 400 };

function isName(name: string): boolean {
  return name !== '' && name.length <= MAX_NAME && name.isWellFormed();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
