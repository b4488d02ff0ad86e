import { z } from 'zod';
import {
  callbackUrlOf,
  issuerOf,
  jwksUriOf,
  type Project,
  type ProviderId,
  signInUrlOf,
} from '../../core/project/index.ts';
import { createCursors } from './cursor.ts';
import { requireRightsOfItsUsers } from './project-guard.ts';
import { presentProject, presentSigningKey } from './project-present.ts';
import * as schemas from './project-schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf } from './surface.ts';

/** Flux's projects: walls around users, with settings of their own (Flux contract FX-03 to FX-06). */
export function projectRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projects, projectChanges, projectProviders, signingKeys, proxies, publicUrl } = deps;
  const cursors = createCursors(deps.sealer, 'auth-projects', z.string());
  const read = { adminNeeds: { section: 'auth-projects', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'auth-projects', action: 'write' } } as const;
  const present = async (project: Project) => {
    const providers = await projectProviders.list(project.id);
    const callbackUrl = (provider: ProviderId) =>
      callbackUrlOf(publicUrl, { projectId: project.id, provider, options: providers[provider] ?? {} });
    return {
      ...presentProject(project, deps.projectId),
      providers,
      callback_urls: {
        google: callbackUrl('google'),
        github: callbackUrl('github'),
        microsoft: callbackUrl('microsoft'),
      },
      issuer: issuerOf(publicUrl, project.id),
      jwks_uri: jwksUriOf(publicUrl),
      sign_in_url: signInUrlOf(publicUrl, project.id),
    };
  };

  scope.get(
    '/flux/projects',
    {
      config: read,
      schema: {
        operationId: 'admin_list_auth_projects',
        summary: "Flux's projects, in the order of their slugs",
        querystring: schemas.projectListQuery,
        response: { 200: schemas.projectListResponse },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const found = await projects.list({ after: cursors.read(cursor), limit });
      const last = found.length === limit ? found.at(-1) : undefined;
      return {
        items: found.map((project) => presentProject(project, deps.projectId)),
        next_cursor: cursors.write(last?.slug ?? null),
      };
    },
  );

  scope.post(
    '/flux/projects',
    {
      config: write,
      schema: {
        operationId: 'admin_create_auth_project',
        summary: 'A new project, with users and keys of its own',
        body: schemas.newProjectRequest,
        response: { 200: schemas.projectResponse },
      },
    },
    async (request) => {
      const actor = actorOf(request, proxies);
      return present(await projects.create({ ...request.body, actor }));
    },
  );

  scope.get(
    '/flux/projects/:project_id',
    {
      config: read,
      schema: {
        operationId: 'admin_get_auth_project',
        summary: 'One project with its settings',
        params: schemas.projectParams,
        response: { 200: schemas.projectResponse },
      },
    },
    async (request) => present(await projects.read({ id: request.params.project_id })),
  );

  scope.patch(
    '/flux/projects/:project_id',
    {
      config: write,
      schema: {
        operationId: 'admin_change_auth_project',
        summary: 'Other settings; they hold at once, for the sessions there are, too',
        params: schemas.projectParams,
        body: schemas.projectChangeRequest,
        response: { 200: schemas.projectResponse },
      },
    },
    async (request) => {
      const { project_id: id } = request.params;
      requireRightsOfItsUsers(request, deps, id);
      const change = { id, ...request.body, actor: actorOf(request, proxies) };
      return present(await projectChanges.apply(change));
    },
  );

  scope.get(
    '/flux/signing-keys',
    {
      config: read,
      schema: {
        operationId: 'admin_list_signing_keys',
        summary: 'The keys that sign session tokens of all projects, the newest first',
        response: { 200: schemas.signingKeyListResponse },
      },
    },
    async () => ({ items: (await signingKeys.list()).map(presentSigningKey) }),
  );

  scope.post(
    '/flux/signing-keys/rotate',
    {
      config: write,
      schema: {
        operationId: 'admin_rotate_signing_key',
        summary: 'Publish the next key, which signs ten minutes later; nobody is signed out',
        response: { 200: schemas.signingKeyListResponse },
      },
    },
    async (request) => {
      await signingKeys.rotate(actorOf(request, proxies));
      return { items: (await signingKeys.list()).map(presentSigningKey) };
    },
  );
}
