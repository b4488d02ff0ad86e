import { z } from 'zod';

interface JsonSchema {
  id?: string;
  $schema?: string;
  $defs?: Record<string, JsonSchema>;
  [key: string]: unknown;
}

export interface RouteSchema {
  [part: string]: unknown;
  response?: Record<string, unknown>;
}

const REQUEST_PARTS = ['body', 'querystring', 'params', 'headers'];

/**
 * Collects the schemas of all routes into one set of named types. Requests are described as they are sent and
 * answers as they are written; each named schema is only ever one of the two, so each name stands once.
 */
export function createSchemaCollection() {
  const named: Record<string, JsonSchema> = {};

  function describe(schema: unknown, io: 'input' | 'output'): unknown {
    if (!(schema instanceof z.ZodType)) return schema;
    const json = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
    }) as JsonSchema;
    const { $defs = {}, $schema: _dialect, ...root } = json;
    for (const [id, definition] of Object.entries($defs)) keep(id, definition);
    return root.id === undefined ? withOurRefs(root) : keep(root.id, root);
  }

  function keep(id: string, definition: JsonSchema): JsonSchema {
    const { id: _id, ...rest } = definition;
    named[id] = withOurRefs(rest) as JsonSchema;
    return { $ref: `#/components/schemas/${id}` };
  }

  /** A schema, or for what is no JSON one by media type. */
  function describeAnswer(answer: unknown): unknown {
    const { content } = answer as { content?: Record<string, { schema: unknown }> };
    if (answer instanceof z.ZodType || !content) return describe(answer, 'output');
    const media = Object.entries(content).map(([type, { schema }]) => [
      type,
      { schema: describe(schema, 'output') },
    ]);
    return { ...(answer as object), content: Object.fromEntries(media) };
  }

  return {
    named,
    /** A route's schema with every zod schema in it turned into JSON Schema. */
    describeRoute(route: RouteSchema): RouteSchema {
      const parts = Object.entries(route).map(([part, schema]) => [
        part,
        REQUEST_PARTS.includes(part) ? describe(schema, 'input') : schema,
      ]);
      const answers = Object.entries(route.response ?? {}).map(([status, schema]) => [
        status,
        describeAnswer(schema),
      ]);
      return {
        ...Object.fromEntries(parts),
        ...(route.response && { response: Object.fromEntries(answers) }),
      };
    },
  };
}

function withOurRefs(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
