import type { FastifyRequest } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import { linkTargetIn } from './link-target.ts';
import { presentMagicLink } from './present.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/**
 * Signing in by mail (FX-18, FX-19). Nothing is spent by a GET, so a scanner that opens the link changes nothing, and
 * the attempt binds the answer to the browser that asked.
 */
export const magicLinkRoutes: FluxRoutes = (scope, deps) => {
  const { demandCaptcha, gate, magicLinks, proxies } = deps;
  const { signedIn } = deps.sessionAnswers;
  const config = { flux: { needs: 'publishable-key' } } as const;

  function projectWithLinks(request: FastifyRequest): Project {
    const { project } = callerOf(request);
    if (!project.settings.methods['magic-link']) throw new FluxError(answers.methodDisabled);
    return project;
  }

  scope.post(
    '/magic_links',
    {
      config,
      schema: {
        operationId: 'flux_magic_link',
        summary: 'Have a link and a code mailed that sign in whoever asked here',
        body: schemas.mailRequest,
        response: { 200: schemas.magicLinkResponse },
      },
    },
    async (request) => {
      const project = projectWithLinks(request);
      const { email, redirect_url, captcha_token } = request.body;
      const linkTo = linkTargetIn(project, redirect_url);
      await demandCaptcha(project, 'login', captcha_token);
      const origin = originOf(request, proxies);
      return presentMagicLink(await magicLinks.request({ projectId: project.id, email, linkTo, origin }));
    },
  );

  scope.post(
    '/magic_links/verify',
    {
      config,
      schema: {
        operationId: 'flux_verify_magic_link',
        summary: "Sign in by what was mailed: the link's secret, or the code",
        body: schemas.magicLinkProof,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithLinks(request);
      const result = await gate.signIn({
        projectId: project.id,
        surface: 'flux',
        method: 'magic-link',
        proof: request.body,
        identifier: null,
        origin: originOf(request, proxies),
      });
      return await signedIn(result, project);
    },
  );
};
