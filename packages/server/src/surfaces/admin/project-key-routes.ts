import { futureInstant, requireRightsOfItsUsers } from './project-guard.ts';
import { presentKey } from './project-present.ts';
import * as schemas from './project-schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY } from './surface.ts';

/** The keys that select a project (Flux contract FX-01); each is told once, when it is made. */
export function projectKeyRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projects, projectKeys, proxies, clock } = deps;
  const read = { adminNeeds: { section: 'auth-projects', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'auth-projects', action: 'write' } } as const;

  scope.get(
    '/flux/projects/:project_id/keys',
    {
      config: read,
      schema: {
        operationId: 'admin_list_auth_project_keys',
        summary: "A project's keys, the newest first; one that ended stays in the list for 30 days",
        params: schemas.projectParams,
        response: { 200: schemas.keyListResponse },
      },
    },
    async (request) => {
      const { id } = await projects.read({ id: request.params.project_id });
      return { items: (await projectKeys.list(id)).map((key) => presentKey(key, clock())) };
    },
  );

  scope.post(
    '/flux/projects/:project_id/keys',
    {
      config: write,
      schema: {
        operationId: 'admin_create_auth_project_key',
        summary: 'A new key, told this once',
        params: schemas.projectParams,
        body: schemas.keyRequest,
        response: { 200: schemas.keyCreatedResponse },
      },
    },
    async (request) => {
      const { project_id: projectId } = request.params;
      requireRightsOfItsUsers(request, deps, projectId);
      const { kind, name, expires_at } = request.body;
      const { key, plain } = await projectKeys.create({
        ...{ projectId, kind, name },
        expiresAt: futureInstant(expires_at, clock()),
        actor: actorOf(request, proxies),
      });
      return { key: presentKey(key, clock()), plain_key: plain };
    },
  );

  scope.post(
    '/flux/projects/:project_id/keys/:key_id/rotate',
    {
      config: write,
      schema: {
        operationId: 'admin_rotate_auth_project_key',
        summary: 'A new key of the same kind and name; the old one ends after the grace',
        params: schemas.keyParams,
        body: schemas.rotationRequest,
        response: { 200: schemas.keyCreatedResponse },
      },
    },
    async (request) => {
      const { project_id: projectId, key_id: id } = request.params;
      requireRightsOfItsUsers(request, deps, projectId);
      const { grace_seconds: overlapSeconds, expires_at } = request.body;
      const { key, plain } = await projectKeys.rotate({
        ...{ projectId, id, overlapSeconds },
        expiresAt: futureInstant(expires_at, clock()),
        actor: actorOf(request, proxies),
      });
      return { key: presentKey(key, clock()), plain_key: plain };
    },
  );

  scope.delete(
    '/flux/projects/:project_id/keys/:key_id',
    {
      config: write,
      schema: {
        operationId: 'admin_revoke_auth_project_key',
        summary: 'End a key; it selects nothing from now on',
        params: schemas.keyParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { project_id: projectId, key_id: id } = request.params;
      requireRightsOfItsUsers(request, deps, projectId);
      await projectKeys.revoke({ projectId, id, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
