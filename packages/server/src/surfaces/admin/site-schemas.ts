import { z } from 'zod';
import { limit, text } from './schemas.ts';

/** Flecto contract A8: what paths, rights and agents call it by. */
const code = z.string().regex(/^[A-Za-z0-9_-]{1,50}$/, 'Use up to 50 letters, digits, _ and -.');
const name = text(100).trim().min(1);
const cursor = text(4_096).optional();
const instant = z.string();

export const codeListQuery = z.object({ query: text(50).optional(), cursor, limit });
export const namespaceParams = z.object({ namespace: text(50) });
export const projectParams = z.object({ namespace: text(50), project: text(50) });
export const itemParams = projectParams.extend({ id: z.coerce.number().int().min(1).max(2_147_483_647) });
export const agentParams = projectParams.extend({ name: text(255) });
export const namespaceRequest = z.object({ code, name }).meta({ id: 'FlectoNamespaceRequest' });
export const projectRequest = z.object({ code, name }).meta({ id: 'FlectoProjectRequest' });
export const nameRequest = z.object({ name }).meta({ id: 'FlectoNameRequest' });

export const namespaceSchema = z
  .object({ code: z.string(), name: z.string(), created_at: instant, updated_at: instant })
  .meta({ id: 'FlectoNamespace' });
export const namespaceListResponse = listOf(namespaceSchema);

const project = z.object({
  namespace: z.string(),
  code: z.string(),
  name: z.string(),
  version: z.int().meta({ description: 'Begins at 1; each publish raises it by one.' }),
  redirects: z.int(),
  pages: z.int(),
  page_bytes: z.int(),
  published_redirects: z.int(),
  published_pages: z.int(),
  created_at: instant,
  updated_at: instant,
  published_at: instant.nullable(),
});
export const projectSchema = project.meta({ id: 'FlectoProject' });
export const projectDetailSchema = project
  .extend({
    has_unpublished: z.boolean().meta({ description: 'Whether a publish would change what agents see.' }),
  })
  .meta({ id: 'FlectoProjectDetail' });
export const projectListResponse = listOf(projectSchema);

const state = z
  .enum(['new', 'changed', 'removed', 'published'])
  .meta({ description: 'What the next publish will do with it; `published`: nothing.' });
/** Fits into an index of PostgreSQL. */
const MAX_ADDRESS_BYTES = 2_048;

/** What ends up in a header or a path of a web server: one line. */
const line = z
  .string()
  .min(1)
  .refine((value) => Buffer.byteLength(value) <= MAX_ADDRESS_BYTES, 'Use at most 2,048 bytes of UTF-8.')
  .refine(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    (value) => value.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(value),
    'This has characters that cannot be used.',
  );

const redirectFields = z.object({
  type: z.enum(['BASIC', 'BASIC_HOST', 'REGEX', 'REGEX_HOST']),
  source: line,
  target: line,
  status: z.enum(['MOVED_PERMANENT', 'FOUND', 'TEMPORARY_REDIRECT', 'PERMANENT_REDIRECT']),
});
export const redirectRequest = redirectFields.meta({ id: 'FlectoRedirectRequest' });
export const redirectChange = redirectFields.partial().meta({ id: 'FlectoRedirectChange' });
export const redirectSchema = redirectFields
  .extend({ id: z.int(), state, updated_at: instant })
  .meta({ id: 'FlectoRedirect' });
export const redirectListResponse = listOf(redirectSchema);

const pageFields = z.object({
  type: z.enum(['BASIC', 'BASIC_HOST']),
  path: line,
  content: z
    .string()
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'This has characters that cannot be used.',
    ),
  content_type: z.enum(['TEXT_PLAIN', 'XML']),
});
export const pageRequest = pageFields.meta({ id: 'FlectoPageRequest' });
export const pageChange = pageFields.partial().meta({ id: 'FlectoPageChange' });
const pageSummary = pageFields
  .omit({ content: true })
  .extend({ id: z.int(), bytes: z.int(), state, updated_at: instant });
export const pageSchema = pageSummary.extend({ content: z.string() }).meta({ id: 'FlectoPage' });
export const pageListResponse = listOf(pageSummary.meta({ id: 'FlectoPageSummary' }));
export const itemListQuery = z.object({
  query: text(200).optional().meta({ description: 'Beginning of a source or path.' }),
  cursor,
  limit,
});

export const agentListQuery = z.object({ query: text(255).optional(), cursor, limit });
export const agentListResponse = listOf(
  z
    .object({
      name: z.string(),
      type: z.string(),
      version: z.int(),
      status: z.string(),
      load_duration: z.int().meta({ description: 'Nanoseconds.' }),
      error: z.string(),
      offline: z.boolean(),
      created_at: instant,
      last_hit_at: instant,
    })
    .meta({ id: 'FlectoAgent' }),
);

function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
