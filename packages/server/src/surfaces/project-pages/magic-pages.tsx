import type { FastifyInstance, FastifyReply } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import {
  Alert,
  Field,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { showSignIn } from './sign-in-pages.tsx';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { Below } from './views.tsx';
import { type Landing, linkTo, pathOf, type Visit, visitScope } from './visit.ts';

const text = strings.magic;
const METHOD = { method: 'magic-link' } as const;

/**
 * In by a link or a code of a mail (FX-18, FX-19). The attempt stands in this browser's cookie, so that the mail is good for
 * nobody else who reads it, and its link can be opened as often as any scanner likes.
 */
export function magicPages(scope: FastifyInstance, tools: Tools): void {
  const { magicLinks, gate, carried, ways, publicUrl } = tools;
  const { at, form, message } = visitScope(scope, tools);

  form(
    '/magic',
    async (visit) => {
      const { project, way, request, reply } = visit;
      const email = fieldOf(request, 'email').trim();
      const problems = missingFields({ email });
      if (hasProblems(problems)) return await showSignIn(tools, visit, { problems, email, status: 400 });
      try {
        await tools.demandCaptcha(request, 'login');
        const origin = tools.originOf(request);
        const linkTo = publicUrl + pathOf(project, 'magic');
        const { attempt, expiresAt } = await magicLinks.request({
          projectId: project.id,
          email,
          linkTo,
          origin,
        });
        const step = { at: 'mail', attempt } as const;
        carried.write(reply, project, { step, way: ways.seal(project, way), until: expiresAt });
      } catch (error) {
        return await showSignIn(tools, visit, { ...problemsFrom(error), email });
      }
      return reply.redirect(pathOf(project, 'magic'), 303);
    },
    METHOD,
  );

  /** The visit that this browser asked the mail in. */
  function asked(here: Landing): { visit: Visit; attempt: string } | null {
    const kept = carried.find(here.request, here.project, 'mail');
    const way = kept?.way ? ways.open(here.project, kept.way) : null;
    return kept && way && { visit: { ...here, way }, attempt: kept.step.attempt };
  }

  const elsewhere = (here: Landing) =>
    message(here, { title: text.elsewhereTitle, text: text.elsewhere, scripts: ['flux-link'] });

  function showCode(
    visit: Visit,
    { problems = NO_PROBLEMS, status = 200 }: { problems?: Problems; status?: number } = {},
  ): FastifyReply {
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <form method="post" action={pathOf(visit.project, 'magic/finish')} data-goes-on>
          <input type="hidden" name="token" id="token" value="" />
          <Field
            id="code"
            label={text.codeLabel}
            autocomplete="one-time-code"
            hint={text.codeHint}
            problem={problems.fields['code']}
            autofocus
            maxLength={32}
          />
          <button type="submit">{text.submit}</button>
        </form>
        <Below links={[{ lead: text.another, href: linkTo(visit, 'sign-in'), link: text.anotherLink }]} />
      </>
    );
    return tools.show(visit, { title: text.title, content, status, scripts: ['flux-link'] });
  }

  at(
    'GET',
    '/magic',
    async (here) => {
      const found = asked(here);
      return found ? showCode(found.visit) : elsewhere(here);
    },
    METHOD,
  );

  at(
    'POST',
    '/magic/finish',
    async (here) => {
      const found = asked(here);
      if (!found) return elsewhere(here);
      const { visit, attempt } = found;
      const { project, request } = visit;
      const token = fieldOf(request, 'token').trim();
      const code = fieldOf(request, 'code').trim();
      const problems = missingFields(token === '' ? { code } : {});
      if (hasProblems(problems)) return showCode(visit, { problems, status: 400 });
      try {
        const result = await gate.signIn({
          projectId: project.id,
          surface: 'flux',
          method: 'magic-link',
          proof: token === '' ? { attempt, code } : { attempt, token },
          identifier: null,
          origin: tools.originOf(request),
        });
        return await tools.enter(visit, result);
      } catch (error) {
        if (!isAuthError(error, 'invalid-magic-link')) return showCode(visit, problemsFrom(error));
        carried.clear(request, visit.reply);
        return await showSignIn(tools, visit, problemsFrom(error));
      }
    },
    METHOD,
  );
}
