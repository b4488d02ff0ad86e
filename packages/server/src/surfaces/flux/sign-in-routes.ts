import type { FastifyRequest } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import { linkTargetIn } from './link-target.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** E-mail and password (FX-10 to FX-13). */
export const signInRoutes: FluxRoutes = (scope, deps) => {
  const { demandCaptcha, gate, registration, proxies } = deps;
  const { signedIn } = deps.sessionAnswers;
  const config = { flux: { needs: 'publishable-key' } } as const;

  /** The project, if it lets people sign in this way now (FX-04); asked before anybody is looked up or made. */
  function projectWithPasswords(request: FastifyRequest): Project {
    const { project } = callerOf(request);
    if (!project.settings.methods.password) throw new FluxError(answers.methodDisabled);
    return project;
  }

  scope.post(
    '/sign_up',
    {
      config,
      schema: {
        operationId: 'flux_sign_up',
        summary: 'Make an account by e-mail address and password, and sign in to it',
        body: schemas.signUpRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithPasswords(request);
      const { email, password, redirect_url, captcha_token } = request.body;
      const linkTo = linkTargetIn(project, redirect_url);
      await demandCaptcha(project, 'register', captcha_token);
      const result = await registration.register({
        projectId: project.id,
        surface: 'flux',
        ...{ email, password, username: null, globalName: null, dateOfBirth: null },
        // The app has asked its users; this wire does not.
        consent: true,
        origin: originOf(request, proxies),
        linkTo,
      });
      return await signedIn(result, project);
    },
  );

  scope.post(
    '/sign_in/password',
    {
      config,
      schema: {
        operationId: 'flux_sign_in_password',
        summary: 'Sign in by e-mail address and password',
        body: schemas.credentialsRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithPasswords(request);
      const { email, password, captcha_token } = request.body;
      await demandCaptcha(project, 'login', captcha_token);
      const result = await gate.signIn({
        projectId: project.id,
        surface: 'flux',
        method: 'password',
        proof: { identifier: email, password },
        identifier: email,
        origin: originOf(request, proxies),
      });
      return await signedIn(result, project);
    },
  );
};
