import { z } from 'zod';
import type { Storage } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import type { ProjectProviders } from './project-providers.ts';
import { findProject, type Project } from './project-store.ts';
import type { ProjectChange, Projects } from './projects.ts';
import type { ProviderId } from './provider-settings.ts';

interface Dependencies {
  storage: Storage;
  projects: Projects;
  projectProviders: ProjectProviders;
}

/** What an administrator says at once of a project: all of it holds, or nothing. */
export interface ProjectChanges {
  /**
   * A provider that is null is taken away. Throws as `Projects.change` and `ProjectProviders.save` do; the problems of a
   * `ZodError` are named from the top, such as `settings.session.ttl_seconds`.
   */
  apply(
    change: ProjectChange & { providers?: { [id in ProviderId]?: unknown } | undefined },
  ): Promise<Project>;
}

export function createProjectChanges({ storage, projects, projectProviders }: Dependencies): ProjectChanges {
  return {
    async apply({ providers = {}, ...change }) {
      const { id, actor, name, settings } = change;
      return await storage.transaction(async (tx) => {
        for (const [key, said] of Object.entries(providers)) {
          const provider = key as ProviderId;
          const of = { projectId: id, provider, actor };
          if (said === null) await projectProviders.removeIn(tx, of);
          else await named(['providers', provider], projectProviders.saveIn(tx, { ...of, settings: said }));
        }
        if (name !== undefined || settings !== undefined)
          return await named(['settings'], projects.changeIn(tx, change));
        const project = await findProject(tx, id);
        if (!project) throw new AuthError('not-found', { what: 'project' });
        return project;
      });
    },
  };
}

/** Problems by their place in all that was said. */
async function named<T>(place: readonly string[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new z.ZodError(
      error.issues.flatMap((issue): z.core.$ZodIssue[] => {
        const path = [...place, ...issue.path];
        if (issue.code !== 'unrecognized_keys') return [{ ...issue, path }];
        const message = 'There is no such setting. `project settings` lists them.';
        return issue.keys.map((key) => ({ code: 'custom', path: [...path, key], message, input: undefined }));
      }),
    );
  }
}
