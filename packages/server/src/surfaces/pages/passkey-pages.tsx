import type { FastifyInstance } from 'fastify';
import { fieldOf, PASSKEY_OPTIONS, passkeyIn, problemsFrom, safeNext } from '../../pages-kit/index.ts';
import { HOME, showLogin } from './login-page.tsx';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

/** Signing in with a passkey alone; nobody is named before it has answered. */
export function passkeyPages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, gate } = tools;

  scope.post(
    '/login/passkey-options',
    { config: { pages: { bucket: PASSKEY_OPTIONS } } },
    async (request, reply) => {
      const origin = tools.originOf(request);
      return reply.send(await gate.beginSignIn({ projectId, method: 'passkey', origin }));
    },
  );

  scope.post('/login/passkey', async (request, reply) => {
    const next = safeNext(fieldOf(request, 'next'), HOME);
    const proof = passkeyIn(request);
    if (!proof) {
      const problems = { whole: stepStrings.passkey.noScript, fields: {} };
      return showLogin(tools, reply, { next, problems, status: 400 });
    }
    try {
      const result = await gate.signIn({
        projectId,
        surface: 'pages',
        method: 'passkey',
        proof,
        identifier: null,
        origin: tools.originOf(request),
      });
      return await tools.enter(request, reply, { result, next });
    } catch (error) {
      return showLogin(tools, reply, { next, ...problemsFrom(error) });
    }
  });
}
