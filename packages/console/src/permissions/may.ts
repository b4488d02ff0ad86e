import type { AdminRow, ResourceRow } from '../api/index.ts';

export type AdminSection =
  | 'users'
  | 'sessions'
  | 'audit'
  | 'roles'
  | 'tokens'
  | 'namespaces'
  | 'projects'
  | 'auth-projects';
export type Action = 'read' | 'write';

/** Questions to ask of resource rows; `any` asks for a right on no matter which resource. */
export interface SiteQuestion {
  namespace: string;
  project: string;
  resource: 'redirect' | 'page' | 'agent' | 'any';
  action: Action;
}

/**
 * The server's own matching (Flecto contract A8): one single row answers both parts; write does not include read. Here
 * it decides only what is shown.
 */
export function mayAdminister(held: readonly AdminRow[], section: AdminSection, action: Action): boolean {
  return held.some((row) => fits(row.section, section) && fits(row.action, action));
}

export function mayOnSites(held: readonly ResourceRow[], asked: SiteQuestion): boolean {
  return held.some(
    (row) =>
      fits(row.namespace, asked.namespace) &&
      fits(row.project, asked.project) &&
      (asked.resource === 'any' || fits(row.resource, asked.resource)) &&
      fits(row.action, asked.action),
  );
}

function fits(held: string, asked: string): boolean {
  return held === '*' || held === asked;
}
