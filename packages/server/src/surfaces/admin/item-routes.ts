import { z } from 'zod';
import type { Item, ItemFields, ItemKind, ItemPlace } from '../../core/site/index.ts';
import { createCursors } from './cursor.ts';
import { needsOfSite } from './site-needs.ts';
import { presentPage, presentRedirect } from './site-present.ts';
import * as schemas from './site-schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY } from './surface.ts';

const SITE = '/flecto/namespaces/:namespace/projects/:project';

const placeSchema: z.ZodType<ItemPlace> = z.union([
  z.object({ by: z.literal('number'), number: z.int() }),
  z.object({ by: z.literal('address'), address: z.string(), type: z.string() }),
]);

/** How one kind of item stands on this wire. */
interface Wire {
  kind: ItemKind;
  path: string;
  noun: string;
  request: z.ZodObject;
  change: z.ZodObject;
  one: z.ZodType<unknown>;
  list: z.ZodType<unknown>;
  /** What core calls the wire's fields. */
  fields: Record<string, keyof ItemFields>;
  present(item: Item): Record<string, unknown>;
}

const WIRES: readonly Wire[] = [
  {
    kind: 'redirect',
    path: `${SITE}/redirects`,
    noun: 'redirect',
    request: schemas.redirectRequest,
    change: schemas.redirectChange,
    one: schemas.redirectSchema,
    list: schemas.redirectListResponse,
    fields: { type: 'type', source: 'address', target: 'value', status: 'label' },
    present: presentRedirect,
  },
  {
    kind: 'page',
    path: `${SITE}/pages`,
    noun: 'page',
    request: schemas.pageRequest,
    change: schemas.pageChange,
    one: schemas.pageSchema,
    list: schemas.pageListResponse,
    fields: { type: 'type', path: 'address', content: 'value', content_type: 'label' },
    present: presentPage,
  },
];

/** A text's longest spelling in JSON is six characters a byte; the rest of the body is small. */
const bodyLimitFor = (pageBytes: number) => 6 * pageBytes + 64 * 1024;

/** Redirects and pages of a Flecto project: drafts, until the project is published. */
export function itemRoutes(scope: AdminScope, deps: AdminDependencies): void {
  for (const wire of WIRES) routesOf(wire, scope, deps);
}

function routesOf(wire: Wire, scope: AdminScope, deps: AdminDependencies): void {
  const { kind, path, noun } = wire;
  const { projectId, contents, proxies } = deps;
  const cursors = createCursors(deps.sealer, `${kind}s`, placeSchema);
  const read = { adminNeeds: needsOfSite(kind, 'read') };
  const write = { adminNeeds: needsOfSite(kind, 'write') };
  const bodyLimit = bodyLimitFor(deps.pageSizeLimitBytes);
  const at = ({ namespace, project }: { namespace: string; project: string }) => ({
    projectId,
    namespace,
    site: project,
    kind,
  });

  function fieldsOf(body: Record<string, unknown>): Partial<ItemFields> {
    const sent = Object.entries(wire.fields).filter(([name]) => body[name] !== undefined);
    return Object.fromEntries(sent.map(([name, field]) => [field, body[name]]));
  }

  scope.get(
    path,
    {
      config: read,
      schema: {
        operationId: `admin_list_${noun}s`,
        summary: `The ${noun}s as drafts, in the order agents get them; in a search by address`,
        params: schemas.projectParams,
        querystring: schemas.itemListQuery,
        response: { 200: wire.list },
      },
    },
    async (request) => {
      const { query = '', cursor, limit } = request.query;
      const after = cursors.read(cursor);
      const { items, next } = await contents.list({ ...at(request.params), query, after, limit });
      return { items: items.map(wire.present), next_cursor: cursors.write(next) };
    },
  );

  scope.post(
    path,
    {
      config: write,
      bodyLimit,
      schema: {
        operationId: `admin_create_${noun}`,
        summary: `A new ${noun}, as a draft`,
        params: schemas.projectParams,
        body: wire.request,
        response: { 200: wire.one },
      },
    },
    async (request) => {
      const fields = fieldsOf(request.body) as ItemFields;
      const actor = actorOf(request, proxies);
      return wire.present(await contents.add({ ...at(request.params), fields, actor }));
    },
  );

  scope.get(
    `${path}/:id`,
    {
      config: read,
      schema: {
        operationId: `admin_get_${noun}`,
        summary: `One ${noun}, as its draft`,
        params: schemas.itemParams,
        response: { 200: wire.one },
      },
    },
    async ({ params }) => wire.present(await contents.find({ ...at(params), number: params.id })),
  );

  scope.patch(
    `${path}/:id`,
    {
      config: write,
      bodyLimit,
      schema: {
        operationId: `admin_change_${noun}`,
        summary: `Change the draft of a ${noun}; what is left out stays`,
        params: schemas.itemParams,
        body: wire.change,
        response: { 200: wire.one },
      },
    },
    async (request) => {
      const number = request.params.id;
      const [fields, actor] = [fieldsOf(request.body), actorOf(request, proxies)];
      return wire.present(await contents.change({ ...at(request.params), number, fields, actor }));
    },
  );

  scope.delete(
    `${path}/:id`,
    {
      config: write,
      schema: {
        operationId: `admin_delete_${noun}`,
        summary: `Take a ${noun} away at the next publish; at once, if it never was published`,
        params: schemas.itemParams,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const number = request.params.id;
      await contents.remove({ ...at(request.params), number, actor: actorOf(request, proxies) });
      return reply.code(204).send(null);
    },
  );
}
