import { z } from 'zod';
import { createCursors } from './cursor.ts';
import { mayListSites, mayReadSite, needsOfSite, visibleSites } from './site-needs.ts';
import { presentAgent, presentSite, presentSiteDetail } from './site-present.ts';
import * as schemas from './site-schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, adminOf, EMPTY } from './surface.ts';

const PATH = '/flecto/namespaces/:namespace/projects';
const ONE = `${PATH}/:project`;

/** Flecto's projects, which core calls sites, and the agents that serve them. */
export function siteRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, sites, agents, proxies } = deps;
  const cursors = createCursors(deps.sealer, 'sites', z.string());
  const agentCursors = createCursors(deps.sealer, 'agents', z.string());
  const write = { adminNeeds: { section: 'projects', action: 'write' } } as const;
  const at = ({ namespace, project }: { namespace: string; project: string }) => ({
    projectId,
    namespace,
    site: project,
  });

  scope.get(
    PATH,
    {
      config: { adminNeeds: mayListSites },
      schema: {
        operationId: 'admin_list_projects',
        summary: 'Projects by the beginning of their codes; only those the caller may read something in',
        params: schemas.namespaceParams,
        querystring: schemas.codeListQuery,
        response: { 200: schemas.projectListResponse },
      },
    },
    async (request) => {
      const { namespace } = request.params;
      const { query = '', cursor, limit } = request.query;
      const visible = visibleSites(adminOf(request).held, namespace);
      const after = cursors.read(cursor);
      const found = await sites.list({ projectId, namespace, query, visible, after, limit });
      const last = found.length === limit ? (found.at(-1)?.code ?? null) : null;
      return { items: found.map(presentSite), next_cursor: cursors.write(last) };
    },
  );

  scope.post(
    PATH,
    {
      config: write,
      schema: {
        operationId: 'admin_create_project',
        summary: 'A new project, at version 1 and with nothing in it',
        params: schemas.namespaceParams,
        body: schemas.projectRequest,
        response: { 200: schemas.projectDetailSchema },
      },
    },
    async (request) => {
      const { code, name } = request.body;
      const path = at({ ...request.params, project: code });
      return presentSiteDetail(await sites.create({ ...path, name, actor: actorOf(request, proxies) }));
    },
  );

  scope.get(
    ONE,
    {
      config: { adminNeeds: mayReadSite },
      schema: {
        operationId: 'admin_get_project',
        summary: 'One project',
        params: schemas.projectParams,
        response: { 200: schemas.projectDetailSchema },
      },
    },
    async (request) => presentSiteDetail(await sites.find(at(request.params))),
  );

  scope.patch(
    ONE,
    {
      config: write,
      schema: {
        operationId: 'admin_rename_project',
        summary: 'Another name; the code stays',
        params: schemas.projectParams,
        body: schemas.nameRequest,
        response: { 200: schemas.projectSchema },
      },
    },
    async (request) => {
      const { name } = request.body;
      const change = { ...at(request.params), name, actor: actorOf(request, proxies) };
      return presentSite(await sites.rename(change));
    },
  );

  scope.delete(
    ONE,
    {
      config: write,
      schema: {
        operationId: 'admin_delete_project',
        summary: 'Delete a project with all that is in it',
        params: schemas.projectParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await sites.delete({ ...at(request.params), actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    `${ONE}/publish`,
    {
      config: { adminNeeds: needsOfSite('any', 'write') },
      schema: {
        operationId: 'admin_publish_project',
        summary: 'Make the drafts what agents see, and raise the version by one',
        params: schemas.projectParams,
        response: { 200: schemas.projectSchema },
      },
    },
    async (request) =>
      presentSite(await sites.publish({ ...at(request.params), actor: actorOf(request, proxies) })),
  );

  scope.get(
    `${ONE}/agents`,
    {
      config: { adminNeeds: needsOfSite('agent', 'read') },
      schema: {
        operationId: 'admin_list_agents',
        summary: 'Agents by the beginning of their names',
        params: schemas.projectParams,
        querystring: schemas.agentListQuery,
        response: { 200: schemas.agentListResponse },
      },
    },
    async (request) => {
      const { query = '', cursor, limit } = request.query;
      const after = agentCursors.read(cursor);
      const found = await agents.list({ ...at(request.params), query, after, limit });
      const last = found.length === limit ? (found.at(-1)?.name ?? null) : null;
      return { items: found.map(presentAgent), next_cursor: agentCursors.write(last) };
    },
  );

  scope.delete(
    `${ONE}/agents/:name`,
    {
      config: { adminNeeds: needsOfSite('agent', 'write') },
      schema: {
        operationId: 'admin_delete_agent',
        summary: 'Forget an agent; if it still runs, it is back at its next report',
        params: schemas.agentParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const gone = { name: request.params.name, actor: actorOf(request, proxies) };
      await agents.remove(at(request.params), gone);
      return reply.code(204).send(null);
    },
  );
}
