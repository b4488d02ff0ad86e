import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Action, ResourceQuestion } from '../../core/access/index.ts';
import type { ItemFields, ItemKind } from '../../core/site/index.ts';
import { reportFrom } from './agent-report.ts';
import { createPages, listQuery, streamPage } from './site-lists.ts';
import { EMPTY, type FlectoDependencies, type FlectoScope } from './surface.ts';

const SITE = '/namespace/:ns/project/:project';
const params = z.object({ ns: z.string(), project: z.string() });
const agentParams = params.extend({ name: z.string() });

/** A list's answer (contract A9): the keys are capitalised, as its agents read them. */
function listOf(item: z.ZodType) {
  return z.object({
    Items: z.array(item),
    Total: z.int(),
    Limit: z.int(),
    Offset: z.int(),
    Next: z
      .string()
      .optional()
      .meta({ description: 'Cursor of the page after; there is one when this page is full.' }),
  });
}

const redirectSchema = z
  .object({ type: z.string(), source: z.string(), target: z.string(), status: z.string() })
  .meta({ id: 'FlectoServedRedirect' });
const pageSchema = z
  .object({ type: z.string(), path: z.string(), content: z.string(), contentType: z.string() })
  .meta({ id: 'FlectoServedPage' });

const LISTS = [
  {
    kind: 'redirect',
    item: redirectSchema,
    present: ({ type, address, value, label }: ItemFields): z.output<typeof redirectSchema> => ({
      ...{ type, source: address, target: value, status: label },
    }),
  },
  {
    kind: 'page',
    item: pageSchema,
    present: ({ type, address, value, label }: ItemFields): z.output<typeof pageSchema> => ({
      ...{ type, path: address, content: value, contentType: label },
    }),
  },
] as const satisfies readonly { kind: ItemKind; item: z.ZodType; present(item: ItemFields): unknown }[];

/** What is asked of the rows of whoever asks, before anything is looked up: refused codes tell nothing. */
function asks(resource: ResourceQuestion['resource'], action: Action) {
  return {
    flecto: {
      asks(request: FastifyRequest): ResourceQuestion {
        const { ns = '', project = '' } = request.params as { ns?: string; project?: string };
        return { namespace: ns, site: project, resource, action };
      },
    },
  };
}

/** 200 and no body, which its clients insist on; null would be written as JSON. */
function sendNothing(reply: { send(payload: never): FastifyReply }): FastifyReply {
  return reply.send(undefined as never);
}

/** What agents call (contract A9, A14): the version of a project, its redirects and pages, and their own reports. */
export function siteRoutes(scope: FlectoScope, deps: FlectoDependencies): void {
  const { sitesProjectId: projectId, sites, contents, agents } = deps;
  const at = ({ ns, project }: z.output<typeof params>) => ({ projectId, namespace: ns, site: project });

  scope.get(
    `${SITE}/version`,
    {
      config: asks('any', 'read'),
      schema: {
        operationId: 'flecto_version',
        summary: 'The version of what is published',
        params,
        response: { 200: z.int() },
      },
    },
    async (request) => await sites.version(at(request.params)),
  );

  for (const { kind, item, present } of LISTS) {
    const pages = createPages(deps.sealer, kind);
    scope.get(
      `${SITE}/${kind}s`,
      {
        config: asks(kind, 'read'),
        schema: {
          operationId: `flecto_${kind}s`,
          summary: `The published ${kind}s, in the order they were made`,
          params,
          querystring: listQuery,
          response: { 200: listOf(item) },
        },
      },
      async (request, reply) => {
        const list = await contents.published(at(request.params), kind);
        const page = pages.pageFrom(request.query, list);
        void reply.header('content-type', 'application/json');
        // Text already, in the shape the schema describes.
        return reply.send((await streamPage(list, { page, pages, present })) as never);
      },
    );
  }

  scope.post(
    `${SITE}/agents`,
    {
      config: asks('agent', 'write'),
      schema: {
        operationId: 'flecto_report_agent',
        summary: 'What an agent says of its last load',
        params,
        body: z
          .object({
            name: z.string().optional(),
            type: z.string().optional().meta({ description: '`default` or `traefik`.' }),
            status: z.string().optional().meta({ description: '`success` or `error`.' }),
            version: z.int().optional(),
            load_duration: z
              .union([z.int(), z.string()])
              .optional()
              .meta({ description: 'Nanoseconds, or such as `10ms`.' }),
            error: z.string().optional(),
          })
          .meta({ id: 'FlectoAgentReport' }),
        response: { 200: EMPTY },
      },
    },
    async (request, reply) => {
      await agents.report(at(request.params), reportFrom(request.body));
      return sendNothing(reply);
    },
  );

  scope.patch(
    `${SITE}/agents/:name/hit`,
    {
      config: asks('agent', 'write'),
      schema: {
        operationId: 'flecto_hit_agent',
        summary: 'An agent is still there',
        params: agentParams,
        response: { 200: EMPTY },
      },
    },
    async (request, reply) => {
      await agents.hit(at(request.params), request.params.name);
      return sendNothing(reply);
    },
  );
}
