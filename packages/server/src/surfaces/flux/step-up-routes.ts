import { mayLeadTo } from '../../core/project/index.ts';
import { answers, FluxError } from './errors.ts';
import * as schemas from './mfa-schemas.ts';
import { callerOf, sessionOf } from './rules.ts';
import type { FluxRoutes } from './surface.ts';

/** For apps without a page of their own for second factors: the browser goes to the hosted one, and comes back. */
export const stepUpRoutes: FluxRoutes = (scope, { stepUps, publicUrl }) => {
  scope.post(
    '/mfa/step_up',
    {
      config: { flux: { needs: 'any-key', session: true, owed: 'may' } },
      schema: {
        operationId: 'flux_step_up',
        summary: 'A way to the hosted page where the second factor is shown or set up',
        body: schemas.stepUpRequest,
        response: { 200: schemas.stepUpResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { redirect_url: redirectUrl, state = null } = request.body;
      if (!mayLeadTo(project, redirectUrl)) throw new FluxError(answers.redirectNotAllowed);
      const session = sessionOf(request);
      const { ticket, expiresAt } = await stepUps.begin({ session, redirectUrl, state });
      return {
        // In the fragment, so that no log on the way ever has it.
        url: `${publicUrl}/p/${project.id}/step-up#flux_step_up=${ticket}`,
        expires_at: new Date(expiresAt).toISOString(),
      };
    },
  );
};
