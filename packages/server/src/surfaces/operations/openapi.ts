import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createSchemaCollection, type RouteSchema } from './json-schemas.ts';
import { renderReference } from './reference-page.tsx';

interface Operation {
  operationId?: string;
  requestBody?: { required?: boolean };
}

interface About {
  siteName: string;
  publicUrl: string;
  version: string;
}

/** `x-displayName` is what readers of such documents show for a tag. */
function tag(name: string, title: string, description: string) {
  return { name, 'x-displayName': title, description };
}

/** Where a missing body is read as `{}`; `@fastify/swagger` says of every body that it is required. */
const TAKE_NO_BODY = new Set(['fluxer', 'internal']);

function mayLeaveOutBody({ tags, body }: RouteSchema): boolean {
  const isRead = Array.isArray(tags) && tags.some((tag) => TAKE_NO_BODY.has(tag));
  return isRead && body instanceof z.ZodType && body.safeParse({}).success;
}

/** Must be registered before the routes it describes; serves the document and a page to read it on. */
export async function registerOpenApi(app: FastifyInstance, about: About): Promise<void> {
  const collection = createSchemaCollection();
  const withoutBody = new Set<unknown>();
  await app.register(swagger, {
    // Pages and files belong to no API.
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: about.siteName,
        version: about.version,
        description: 'Generated from the schemas that read the requests and write the answers.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: about.publicUrl }],
      tags: [
        tag('fluxer', 'Fluxer', "Accounts, sign-in and sessions of Fluxer's clients."),
        tag('flecto', 'Flecto', "Log-in, refresh, and what Flecto's agents ask."),
        tag('flux', 'Flux', 'What the SDKs speak.'),
        tag('forward-auth', 'Forward auth', 'What a reverse proxy asks before it lets a request through.'),
        tag('admin', 'Administration', 'What the console and scripts of administrators speak.'),
        tag('internal', 'Internal', 'What services of the operator ask. Off until `internal_secret` is set.'),
      ],
      components: {
        securitySchemes: {
          sessionToken: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: 'A session token, raw or after `Bearer `.',
          },
          sessionCookie: {
            type: 'apiKey',
            in: 'cookie',
            name: 'fluxer_session',
            description:
              'The same token, where no `Authorization` header is sent and `cookie.session_enabled` is on.',
          },
          flectoBearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token or an API token, in the header that `flecto.header_name` names.',
          },
          fluxSecretKey: {
            type: 'http',
            scheme: 'bearer',
            description: "A project's secret key (`flux_sk_…`), for servers.",
          },
          fluxPublishableKey: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Flux-Publishable-Key',
            description: "A project's publishable key (`flux_pk_…`), for browsers.",
          },
          fluxSession: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Flux-Session',
            description: 'A session token of the project, of whom the request acts for.',
          },
          apiToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API token with rows of administration (`flecto_…`).',
          },
          internalSecret: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Internal-Secret',
            description: 'The value of `internal_secret`.',
          },
          pagesCookie: {
            type: 'apiKey',
            in: 'cookie',
            name: 'fluxgate',
            description: 'Session of the hosted pages; `__Host-fluxgate` on https.',
          },
        },
      },
    },
    transform({ schema, url }) {
      const route = { ...schema } as RouteSchema;
      if (mayLeaveOutBody(route)) withoutBody.add(route['operationId']);
      return { schema: collection.describeRoute(route), url };
    },
    transformObject(document) {
      if (!('openapiObject' in document)) return {};
      const { openapiObject } = document;
      for (const methods of Object.values(openapiObject.paths ?? {})) {
        for (const operation of Object.values(methods as Record<string, Operation>))
          if (operation.requestBody && withoutBody.has(operation.operationId))
            operation.requestBody.required = false;
      }
      const components = { ...openapiObject.components, schemas: collection.named as never };
      return { ...openapiObject, components };
    },
  });
  let page: string | null = null;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
      .send(app.swagger()),
  );
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => {
    page ??= renderReference(app.swagger() as never);
    return reply.type('text/html; charset=utf-8').send(page);
  });
}
