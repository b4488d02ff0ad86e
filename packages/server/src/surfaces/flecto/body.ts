import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { JsonBodyError, parseJsonBody, textOfBody } from '../../http/index.ts';
import type { FlectoScope } from './surface.ts';

/** Far more than any request of the contract's. */
const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * Contract A2: JSON is read strictly; other types the contract's framework knows bind no field, so that they end as an
 * empty body does; any other type, and none, cannot be read.
 */
export function takeBodies(scope: FlectoScope): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (request, body, done) => {
      try {
        done(null, bodyFrom(body as Buffer, request));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  scope.addHook('preValidation', async (request) => {
    const schema = request.routeOptions.schema?.body;
    if (schema instanceof z.ZodObject) request.body = named(request.body ?? {}, Object.keys(schema.shape));
  });
}

function bodyFrom(body: Buffer, request: FastifyRequest): unknown {
  // Where nothing is, nothing is read: what came with the request has no part in its answer.
  if (body.length === 0 || request.is404) return {};
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return parseJsonBody(textOfBody(body));
  if (/^(application|text)\/xml$|^application\/x-www-form-urlencoded$|^multipart\/form-data$/.test(type))
    return {};
  throw new JsonBodyError('This content type is not read here.');
}

/**
 * The fields a route knows, whatever the case of their letters; null is as good as left out. Two spellings of one field
 * are refused, because nobody can say which was meant.
 */
function named(body: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    if (body === null) return {};
    throw new JsonBodyError('The body is no object.');
  }
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    const name = known.get(key.toLowerCase());
    if (name === undefined || value === null) continue;
    if (Object.hasOwn(found, name)) throw new JsonBodyError('The body has the same field twice.');
    found[name] = typeof value === 'string' ? harmless(value) : value;
  }
  return found;
}

/** No database takes a NUL or half a character, and nothing of ours is called by one. */
function harmless(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}
