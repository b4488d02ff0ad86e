import type { Config } from './config/index.ts';
import { DEFAULT_SLUG, findProjectBySlug, type Project, type Projects } from './core/project/index.ts';
import type { Sessions } from './core/session/index.ts';
import type { Queryable } from './storage/index.ts';

/** Ids of the projects whose users two interfaces serve; null for one that is configured and not there. */
export interface SurfaceProjects {
  fluxer: string | null;
  flecto: string | null;
}

/** Throws nothing, so that the command line can still make what is missing. */
export async function findSurfaceProjects(
  { fluxerProject, flectoProject }: Pick<Config, 'fluxerProject' | 'flectoProject'>,
  { projects, project }: { projects: Pick<Projects, 'findBySlug'>; project: Project },
): Promise<SurfaceProjects> {
  const idOf = async (slug: string) =>
    slug === '' || slug === project.slug ? project.id : ((await projects.findBySlug(slug))?.id ?? null);
  return { fluxer: await idOf(fluxerProject), flecto: await idOf(flectoProject) };
}

/** The same to serve by. Throws an `Error` that names the setting whose project is not there. */
export function servedProjects(
  { fluxerProject, flectoProject }: Pick<Config, 'fluxerProject' | 'flectoProject'>,
  { fluxer, flecto }: SurfaceProjects,
): { fluxer: string; flecto: string } {
  if (fluxer === null) throw missing('fluxer.project', 'FLUXGATE_FLUXER_PROJECT', fluxerProject);
  if (flecto === null) throw missing('flecto.project', 'FLUXGATE_FLECTO_PROJECT', flectoProject);
  return { fluxer, flecto };
}

/** Throws what `servedProjects` would, with nothing at hand but the database, or null where there is none yet. */
export async function requireSurfaceProjects(
  names: Pick<Config, 'fluxerProject' | 'flectoProject'>,
  db: Queryable | null,
): Promise<void> {
  // The start makes the default project itself.
  const isMade = (slug: string) => slug === '' || slug === DEFAULT_SLUG;
  const idOf = async (slug: string) =>
    isMade(slug) ? slug : ((db && (await findProjectBySlug(db, slug)))?.id ?? null);
  servedProjects(names, { fluxer: await idOf(names.fluxerProject), flecto: await idOf(names.flectoProject) });
}

function missing(path: string, variable: string, slug: string): Error {
  return new Error(
    `${path} (${variable}): there is no project "${slug}". Make it with: npm run fluxgate -- project create ${slug}`,
  );
}

/** Sessions that open nothing outside of one project, those of before it was given to the surface included. */
export function sessionsIn(sessions: Sessions, projectId: string): Sessions {
  return {
    ...sessions,
    async find(token, surface) {
      const session = await sessions.find(token, surface);
      return session?.projectId === projectId ? session : null;
    },
  };
}
