import { z } from 'zod';
import { createCursors } from './cursor.ts';
import { mayListNamespaces, mayReadNamespace, visibleNamespaces } from './site-needs.ts';
import { presentNamespace } from './site-present.ts';
import * as schemas from './site-schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, adminOf, EMPTY } from './surface.ts';

const PATH = '/flecto/namespaces';
const ONE = `${PATH}/:namespace`;

/** Flecto's namespaces. */
export function namespaceRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, sites, proxies } = deps;
  const cursors = createCursors(deps.sealer, 'namespaces', z.string());
  const write = { adminNeeds: { section: 'namespaces', action: 'write' } } as const;

  scope.get(
    PATH,
    {
      config: { adminNeeds: mayListNamespaces },
      schema: {
        operationId: 'admin_list_namespaces',
        summary: 'Namespaces by the beginning of their codes; only those the caller may read something in',
        querystring: schemas.codeListQuery,
        response: { 200: schemas.namespaceListResponse },
      },
    },
    async (request) => {
      const { query = '', cursor, limit } = request.query;
      const visible = visibleNamespaces(adminOf(request).held);
      const after = cursors.read(cursor);
      const found = await sites.listNamespaces({ projectId, query, visible, after, limit });
      const last = found.length === limit ? (found.at(-1)?.code ?? null) : null;
      return { items: found.map(presentNamespace), next_cursor: cursors.write(last) };
    },
  );

  scope.post(
    PATH,
    {
      config: write,
      schema: {
        operationId: 'admin_create_namespace',
        summary: 'A new namespace',
        body: schemas.namespaceRequest,
        response: { 200: schemas.namespaceSchema },
      },
    },
    async (request) => {
      const { code, name } = request.body;
      const made = { projectId, namespace: code, name, actor: actorOf(request, proxies) };
      return presentNamespace(await sites.createNamespace(made));
    },
  );

  scope.get(
    ONE,
    {
      config: { adminNeeds: mayReadNamespace },
      schema: {
        operationId: 'admin_get_namespace',
        summary: 'One namespace',
        params: schemas.namespaceParams,
        response: { 200: schemas.namespaceSchema },
      },
    },
    async (request) => presentNamespace(await sites.namespace({ projectId, ...request.params })),
  );

  scope.patch(
    ONE,
    {
      config: write,
      schema: {
        operationId: 'admin_rename_namespace',
        summary: 'Another name; the code stays',
        params: schemas.namespaceParams,
        body: schemas.nameRequest,
        response: { 200: schemas.namespaceSchema },
      },
    },
    async (request) => {
      const actor = actorOf(request, proxies);
      const change = { projectId, ...request.params, name: request.body.name, actor };
      return presentNamespace(await sites.renameNamespace(change));
    },
  );

  scope.delete(
    ONE,
    {
      config: write,
      schema: {
        operationId: 'admin_delete_namespace',
        summary: 'Delete a namespace with all of its projects',
        params: schemas.namespaceParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await sites.deleteNamespace({ projectId, ...request.params, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
