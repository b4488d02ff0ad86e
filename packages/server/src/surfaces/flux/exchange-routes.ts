import { answers, FluxError } from './errors.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** The end of every way back from another page: the code that the browser brought becomes the session it stands for. */
export const exchangeRoutes: FluxRoutes = (scope, deps) => {
  const { returnCodes, sessions } = deps;
  const { hand } = deps.sessionAnswers;

  scope.post(
    '/sessions/exchange',
    {
      config: { flux: { needs: 'any-key' } },
      schema: {
        operationId: 'flux_exchange_code',
        summary: 'The session of a code that a browser was led back with',
        body: schemas.exchangeRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { code, code_verifier: codeVerifier, redirect_url: redirectUrl } = request.body;
      const redeemed = await returnCodes.redeem({ projectId: project.id, code, codeVerifier, redirectUrl });
      const session = redeemed && (await sessions.findById(redeemed.sessionId, 'flux'));
      if (session?.projectId !== project.id) throw new FluxError(answers.invalidLink);
      return await hand(session, project);
    },
  );
};
