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
    // A session ends with its last token, which is made when it is used, whatever longer idle end was set.
    idleMs: Math.min(idle_seconds ?? ttl_seconds, ttl_seconds) * SECOND,
    absoluteMs: absolute_seconds === null ? null : absolute_seconds * SECOND,
  };
}
