import type { FastifyInstance } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import type { PolicyExtras } from '../../http/index.ts';
import { brandStyle } from './colours.ts';
import type { Tools } from './surface.ts';
import { pathOf } from './visit.ts';

/** How a project's pages look. */
export function brandOf(project: Project) {
  const { logo_url: logoUrl, color } = project.settings.branding;
  // By its colour, so that a new one is seen at once.
  const stylesheet =
    color === null ? null : `${pathOf(project, 'brand.css')}?${color.slice(1).toLowerCase()}`;
  return { logoUrl, stylesheet };
}

/**
 * What a project's pages may do beyond our own: show its logo from exactly where it is, and lead on to the app. Browsers
 * hold a form to this policy on every hop that follows it, so the origins that the project calls its own are in it, too.
 */
export function policyOf({ settings }: Project, leadsTo: string | null): PolicyExtras {
  const { branding, allowed_origins } = settings;
  return {
    ...(branding.logo_url !== null && { image: [new URL(branding.logo_url).origin] }),
    ...(leadsTo !== null && { form: [...new Set([new URL(leadsTo).origin, ...allowed_origins])] }),
  };
}

/** The colour of a project, as the one style that its pages have beside ours: a policy that takes no inline style stays. */
export function brandPages(scope: FastifyInstance, { projects }: Tools): void {
  scope.get('/brand.css', { schema: { hide: true } }, async (request, reply) => {
    const { project: id } = request.params as { project: string };
    const color = (await projects.find(id))?.settings.branding.color ?? null;
    if (color === null) return reply.callNotFound();
    return reply
      .type('text/css; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(brandStyle(color));
  });
}
