import { SECOND } from '../../chance.ts';
import type { Projects } from './projects.ts';

/**
 * How long a session of a project lives by the settings of now, so that a policy made stricter holds at once for the
 * sessions there are (bug 35). Of a project that is gone nothing lives.
 */
export async function sessionLifeOf(
  projects: Pick<Projects, 'find'>,
  projectId: string,
): Promise<{ idleMs: number; absoluteMs: number | null }> {
  const project = await projects.find(projectId);
  if (!project) return { idleMs: 0, absoluteMs: 0 };
  const { ttl_seconds, idle_seconds, absolute_seconds } = project.settings.session;
  return {
    // No token is left by then, whatever longer idle end was set: none is made later than the last use.
    idleMs: Math.min(idle_seconds ?? ttl_seconds, ttl_seconds) * SECOND,
    absoluteMs: absolute_seconds === null ? null : absolute_seconds * SECOND,
  };
}
