import type { Captcha, CaptchaAction } from '../../core/abuse/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** Each costs a key derivation; a person needs one for a form. */
const CHALLENGES = { name: 'flux:captcha', limit: 120, windowMs: 60_000 };

/** Asks for the operator's puzzle, if there is one, before anybody is looked up or written to. */
export type DemandCaptcha = (
  project: Project,
  action: CaptchaAction,
  token: string | undefined,
) => Promise<void>;

export function createCaptchaDemand(captcha: Captcha): DemandCaptcha {
  return async ({ settings }, action, token = '') => {
    // A service's puzzle may have been solved on the project's own pages.
    const hosts = settings.allowed_origins.map((origin) => new URL(origin).hostname.toLowerCase());
    await captcha.demand({ surface: 'flux', action, token, type: null, hosts });
  };
}

/** Our own puzzle, for apps whose pages show it themselves. */
export const captchaRoutes: FluxRoutes = (scope, { puzzle, traffic, proxies }) => {
  scope.get(
    '/captcha/challenge',
    {
      config: { flux: { needs: 'publishable-key' } },
      schema: {
        operationId: 'flux_captcha_challenge',
        summary: "A challenge of the server's own proof of work, in ALTCHA's form",
        querystring: schemas.captchaQuery,
        response: { 200: schemas.captchaChallenge },
      },
    },
    async (request) => {
      if (puzzle?.kind !== 'pow') throw new FluxError(answers.notFound);
      const state = traffic.take(CHALLENGES, originOf(request, proxies).source);
      if (!state.allowed)
        throw new AuthError('rate-limited', { retryAfterSeconds: Math.ceil(state.retryAfterMs / 1000) });
      const { parameters, signature = '' } = await puzzle.provider.challenge(request.query.for);
      return { parameters: { ...parameters }, signature };
    },
  );
};
