import type { FastifyInstance, FastifyReply } from 'fastify';
import { isEmailAddress, isLoginName } from '../../core/contact/index.ts';
import {
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  PASSKEY_OPTIONS,
  type Problems,
  passkeyIn,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { SignInView } from './sign-in-view.tsx';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { type Visit, visitScope } from './visit.ts';

interface SignInPage {
  problems?: Problems;
  email?: string;
  status?: number;
}

/** The sign-in page, with every way in that is on, and nothing else. */
export async function showSignIn(tools: Tools, visit: Visit, page: SignInPage = {}): Promise<FastifyReply> {
  const { problems = NO_PROBLEMS, email = '', status = 200 } = page;
  const sealed = tools.ways.seal(visit.project, visit.way);
  const { puzzle } = tools;
  const methods = await tools.projectProviders.methodsOf(visit.project);
  const hasPasskeys = methods.passkey && (await tools.takesPasskeysOf(visit.project));
  return tools.show(visit, {
    title: strings.signIn.title,
    content: <SignInView {...{ visit, sealed, methods, hasPasskeys, puzzle, problems, email }} />,
    status,
    scripts: hasPasskeys ? ['passkey'] : [],
    hasCaptcha: true,
  });
}

/** In by password or passkey. */
export function signInPages(scope: FastifyInstance, tools: Tools): void {
  const { gate } = tools;
  const { at, page, form } = visitScope(scope, tools);

  page('/sign-in', async (visit) => {
    const { error } = visit.request.query as { error?: unknown };
    if (error === undefined) return await showSignIn(tools, visit);
    const text = isOutcome(error) ? strings.elsewhere[error] : strings.elsewhere.sign_in_failed;
    return await showSignIn(tools, visit, { problems: { whole: text, fields: {} } });
  });

  form(
    '/sign-in',
    async (visit) => {
      const { project, request } = visit;
      const email = fieldOf(request, 'email').trim();
      const password = fieldOf(request, 'password');
      const problems = missingFields(
        { email, password },
        (text) => isEmailAddress(text) || isLoginName(text),
      );
      if (hasProblems(problems)) return await showSignIn(tools, visit, { problems, email, status: 400 });
      try {
        await tools.demandCaptcha(request, 'login');
        const result = await gate.signIn({
          projectId: project.id,
          surface: 'flux',
          method: 'password',
          proof: { identifier: email, password },
          identifier: email,
          origin: tools.originOf(request),
        });
        return await tools.enter(visit, result);
      } catch (error) {
        return await showSignIn(tools, visit, { ...problemsFrom(error), email });
      }
    },
    { method: 'password' },
  );

  at(
    'POST',
    '/passkey-options',
    async ({ project, request, reply }) => {
      const origin = tools.originOf(request);
      return reply.send(await gate.beginSignIn({ projectId: project.id, method: 'passkey', origin }));
    },
    { method: 'passkey', bucket: PASSKEY_OPTIONS },
  );

  form(
    '/passkey',
    async (visit) => {
      const { project, request } = visit;
      const proof = passkeyIn(request);
      if (!proof) {
        const problems = { whole: strings.passkey.noScript, fields: {} };
        return await showSignIn(tools, visit, { problems, status: 400 });
      }
      try {
        const result = await gate.signIn({
          projectId: project.id,
          surface: 'flux',
          method: 'passkey',
          proof,
          identifier: null,
          origin: tools.originOf(request),
        });
        return await tools.enter(visit, result);
      } catch (error) {
        return await showSignIn(tools, visit, problemsFrom(error));
      }
    },
    { method: 'passkey' },
  );
}

function isOutcome(error: unknown): error is keyof typeof strings.elsewhere {
  return typeof error === 'string' && Object.hasOwn(strings.elsewhere, error);
}
