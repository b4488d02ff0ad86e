import type { AdminRow, Permissions, ResourceRow } from '../core/access/index.ts';
import { isAuthError } from '../core/errors.ts';
import type { Instance } from '../instance.ts';
import { instant } from './instant.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const PAGE = 100;

/** Makes an API token and returns its plain text, which nothing shows again. */
export async function createToken(
  { apiTokens, project, clock }: Instance,
  wanted: { name: string; expires: string | null; allow: readonly string[]; admin: readonly string[] },
): Promise<{ plain: string; note: string }> {
  const { name } = wanted;
  const permissions: Permissions = {
    admin: wanted.admin.map(adminRow),
    resources: wanted.allow.map(resourceRow),
  };
  const expiresAt = wanted.expires === null ? null : instant(wanted.expires, clock());
  try {
    const common = { projectId: project.id, actor: OPERATOR };
    const { token, plain } = await apiTokens.create({ ...common, name, expiresAt, permissions });
    const until = token.expiresAt === null ? 'never expires' : `expires ${shown(token.expiresAt)}`;
    const count = permissions.admin.length + permissions.resources.length;
    const note = `Made token ${name} (${count} permissions, ${until}). It is shown this once:`;
    return { plain, note };
  } catch (error) {
    if (isAuthError(error, 'name-taken')) throw new Error(`There is a token ${name} already.`);
    if (isAuthError(error, 'name-refused'))
      throw new Error(`"${name}" is no name for a token: letters, digits, _ and -, 300 at most.`);
    if (isAuthError(error, 'permissions-refused'))
      throw new Error(
        'Some permission has a word that means nothing, or there are more than 100. docs/console.md and docs/flecto-agents.md list the words.',
      );
    throw error;
  }
}

/** One line a token: name, preview, expiry, last use, permissions. */
export async function* listTokens({ apiTokens, project }: Instance): AsyncGenerator<string> {
  const search = { projectId: project.id, search: '', sort: 'name', order: 'asc', limit: PAGE } as const;
  let after: Parameters<typeof apiTokens.list>[0]['after'] = null;
  do {
    const { tokens, next } = await apiTokens.list({ ...search, after });
    for (const { name, preview, expiresAt, lastUsedAt, permissions } of tokens) {
      const rows = [
        ...permissions.resources.map((row) => `${row.namespace}/${row.site} ${row.resource}:${row.action}`),
        ...permissions.admin.map((row) => `${row.section}:${row.action}`),
      ];
      const expiry = expiresAt === null ? 'never' : shown(expiresAt);
      const use = lastUsedAt === null ? 'unused' : shown(lastUsedAt);
      yield [name, preview, expiry, use, rows.join(', ') || '-'].join('\t');
    }
    after = next;
  } while (after);
}

export async function revokeToken({ apiTokens, project }: Instance, name: string): Promise<string> {
  try {
    const { id } = await apiTokens.read({ projectId: project.id, name });
    await apiTokens.delete({ projectId: project.id, id, actor: OPERATOR });
    return `Revoked token ${name}.`;
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`There is no token ${name}.`);
    throw error;
  }
}

/** `ns/project redirect:read`; `*` stands for everything in its place. */
function resourceRow(text: string): ResourceRow {
  const [, namespace, site, resource, action] =
    /^([^/\s]+)\/([^/\s]+)\s+([^:\s]+):([^:\s]+)$/.exec(text) ?? [];
  if (!namespace || !site || !resource || !action)
    throw new Error(`"${text}" is no permission. Write --allow 'namespace/project redirect:read'.`);
  return { namespace, site, resource, action };
}

/** `users:read`. */
function adminRow(text: string): AdminRow {
  const [, section, action] = /^([^:\s]+):([^:\s]+)$/.exec(text) ?? [];
  if (!section || !action) throw new Error(`"${text}" is no permission. Write --admin users:read.`);
  return { section, action };
}

function shown(at: number): string {
  return new Date(at).toISOString();
}
