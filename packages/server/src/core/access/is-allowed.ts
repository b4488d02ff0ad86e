/** `projects` are Flecto's sites, by their name on that wire; `auth-projects` are the walls around users. */
export type AdminSection =
  | 'users'
  | 'sessions'
  | 'audit'
  | 'roles'
  | 'tokens'
  | 'namespaces'
  | 'projects'
  | 'auth-projects';
export type SiteResource = 'redirect' | 'page' | 'agent';
export type Action = 'read' | 'write';

/** Flecto contract A8: one right to administer; `*` stands for every section or action. */
export interface AdminRow {
  section: string;
  action: string;
}

/** Flecto contract A8: one right on sites; `*` stands for everything in its place. */
export interface ResourceRow {
  namespace: string;
  site: string;
  resource: string;
  action: string;
}

/** What somebody holds, whether a user, a role or a token. */
export interface Permissions {
  admin: readonly AdminRow[];
  resources: readonly ResourceRow[];
}

export const NO_PERMISSIONS: Permissions = { admin: [], resources: [] };

export interface AdminQuestion {
  section: AdminSection;
  action: Action;
}

export interface ResourceQuestion {
  namespace: string;
  site: string;
  /** `any` asks for a right on no matter which resource; it is a question and never a grant. */
  resource: SiteResource | 'any';
  action: Action;
}

/**
 * Allowed when one single row answers every part of the question. `write` does not include `read`, there are no deny
 * rows, and two rows are never put together (Flecto contract A8).
 */
export function isAllowed(held: Permissions, asked: AdminQuestion | ResourceQuestion): boolean {
  if ('section' in asked)
    return held.admin.some((row) => fits(row.section, asked.section) && fits(row.action, asked.action));
  return held.resources.some(
    (row) =>
      fits(row.namespace, asked.namespace) &&
      fits(row.site, asked.site) &&
      (asked.resource === 'any' || fits(row.resource, asked.resource)) &&
      fits(row.action, asked.action),
  );
}

/**
 * Whether nothing in `wanted` goes beyond what is held: each wanted row must lie within one held row, so that nobody
 * grants what they do not have, a `*` included.
 */
export function mayGrant(held: Permissions, wanted: Permissions): boolean {
  return (
    wanted.admin.every((row) =>
      held.admin.some((own) => fits(own.section, row.section) && fits(own.action, row.action)),
    ) &&
    wanted.resources.every((row) =>
      held.resources.some(
        (own) =>
          fits(own.namespace, row.namespace) &&
          fits(own.site, row.site) &&
          fits(own.resource, row.resource) &&
          fits(own.action, row.action),
      ),
    )
  );
}

function fits(held: string, asked: string): boolean {
  return held === '*' || held === asked;
}
