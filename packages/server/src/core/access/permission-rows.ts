import { AuthError } from '../errors.ts';
import type { AdminRow, Permissions, ResourceRow } from './is-allowed.ts';

/** Flecto contract A8, and the sections that only we have: `sessions`, `audit` and `auth-projects`. */
export const SECTIONS = [
  'users',
  'sessions',
  'audit',
  'roles',
  'tokens',
  'namespaces',
  'projects',
  'auth-projects',
  '*',
] as const;
export const RESOURCES = ['redirect', 'page', 'agent', '*'] as const;
export const ACTIONS = ['read', 'write', '*'] as const;
/** What namespaces and sites are called by. */
export const ROW_CODE = /^(?:[A-Za-z0-9_-]{1,50}|\*)$/;
/** Of both kinds together: each is looked at in every question. */
export const MAX_ROWS = 100;

/**
 * Rows as they may be kept: words of the closed lists alone, each row once. Throws `permissions-refused`; a word that
 * nothing asks for would look like a right and be none.
 */
export function checkedPermissions({ admin, resources }: Permissions): Permissions {
  if (admin.length + resources.length > MAX_ROWS) throw new AuthError('permissions-refused');
  if (!admin.every(isAdminRow) || !resources.every(isResourceRow)) throw new AuthError('permissions-refused');
  return {
    admin: once(admin, ({ section, action }) => ({ section, action })),
    resources: once(resources, ({ namespace, site, resource, action }) => ({
      namespace,
      site,
      resource,
      action,
    })),
  };
}

function isAdminRow({ section, action }: AdminRow): boolean {
  return isIn(SECTIONS, section) && isIn(ACTIONS, action);
}

function isResourceRow({ namespace, site, resource, action }: ResourceRow): boolean {
  return (
    ROW_CODE.test(namespace) && ROW_CODE.test(site) && isIn(RESOURCES, resource) && isIn(ACTIONS, action)
  );
}

function isIn(words: readonly string[], word: string): boolean {
  return words.includes(word);
}

/** In the order in which they are read again. */
function once<Row>(rows: readonly Row[], copyOf: (row: Row) => Row): Row[] {
  const byText = new Map(rows.map(copyOf).map((row) => [JSON.stringify(row), row]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
