import { z } from 'zod';
import type { TokenCursor } from '../../core/access/index.ts';
import { permissionsFrom, presentToken } from './access-present.ts';
import * as schemas from './access-schemas.ts';
import { createCursors } from './cursor.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY } from './surface.ts';

const cursorSchema: z.ZodType<TokenCursor> = z.object({
  sort: z.enum(['name', 'created']),
  key: z.union([z.string(), z.number()]),
  id: z.string(),
});

/** API tokens (Flecto contract A7). */
export function tokenRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const { projectId, apiTokens, proxies } = deps;
  const read = { adminNeeds: { section: 'tokens', action: 'read' } } as const;
  const write = { adminNeeds: { section: 'tokens', action: 'write' } } as const;

  scope.get(
    '/tokens',
    {
      config: read,
      schema: {
        operationId: 'admin_list_tokens',
        summary: 'API tokens, by part of a name or preview',
        querystring: schemas.tokenListQuery,
        response: { 200: schemas.tokenListResponse },
      },
    },
    async (request) => {
      const { query = '', sort, order, cursor, limit } = request.query;
      // A place in one order is none in another.
      const cursors = createCursors(deps.sealer, `tokens:${sort}:${order}`, cursorSchema);
      const found = await apiTokens.list({
        ...{ projectId, sort, order, limit },
        search: query.trim(),
        after: cursors.read(cursor),
      });
      return { items: found.tokens.map(presentToken), next_cursor: cursors.write(found.next) };
    },
  );

  scope.post(
    '/tokens',
    {
      config: write,
      schema: {
        operationId: 'admin_create_token',
        summary: 'A new API token, told this once; no right that the caller does not hold',
        body: schemas.tokenRequest,
        response: { 200: schemas.tokenCreatedResponse },
      },
    },
    async (request) => {
      const { name, expires_at: expires } = request.body;
      const { token, plain } = await apiTokens.create({
        projectId,
        name,
        expiresAt: expires ? Date.parse(expires) : null,
        permissions: permissionsFrom(request.body.permissions),
        actor: actorOf(request, proxies),
      });
      return { token: presentToken(token), plain_token: plain };
    },
  );

  scope.get(
    '/tokens/:token_id',
    {
      config: read,
      schema: {
        operationId: 'admin_get_token',
        summary: 'One API token',
        params: schemas.tokenParams,
        response: { 200: schemas.tokenSchema },
      },
    },
    async (request) => presentToken(await apiTokens.read({ projectId, id: request.params.token_id })),
  );

  scope.put(
    '/tokens/:token_id/permissions',
    {
      config: write,
      schema: {
        operationId: 'admin_replace_token_permissions',
        summary: 'Other rights in place of all there were; they hold at the next use',
        params: schemas.tokenParams,
        body: schemas.permissionsSchema,
        response: { 200: schemas.tokenSchema },
      },
    },
    async (request) =>
      presentToken(
        await apiTokens.replacePermissions({
          projectId,
          id: request.params.token_id,
          permissions: permissionsFrom(request.body),
          actor: actorOf(request, proxies),
        }),
      ),
  );

  scope.delete(
    '/tokens/:token_id',
    {
      config: write,
      schema: {
        operationId: 'admin_delete_token',
        summary: 'Delete a token; it opens nothing from now on',
        params: schemas.tokenParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { token_id: id } = request.params;
      await apiTokens.delete({ projectId, id, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
