import type { AdminRow, Permissions, ResourceRow } from '../api/index.ts';

/** What the words of a row may be (Flecto contract A8), in the order in which they are offered. */
export const resourceWords = ['*', 'redirect', 'page', 'agent'] as const;
export const actionWords = ['*', 'read', 'write'] as const;
export const sectionWords = [
  '*',
  'users',
  'sessions',
  'audit',
  'roles',
  'tokens',
  'namespaces',
  'projects',
  'auth-projects',
] as const;

/** For the `pattern` of a field: a code of Flecto's, or `*` for all. */
export const codePattern = '\\*|[A-Za-z0-9_\\-]{1,50}';

export const newResourceRow: ResourceRow = { namespace: '*', project: '*', resource: '*', action: 'read' };
export const newAdminRow: AdminRow = { section: '*', action: 'read' };

/** Every namespace has projects of its own: who means all of the first means all of the second. */
export function inNamespace<Row extends ResourceRow>(row: Row, namespace: string): Row {
  return { ...row, namespace, project: namespace === '*' ? '*' : row.project };
}

/** What an agent needs to fetch and to report (Flecto contract A8), save what is there already. */
export function agentRows(at: { namespace: string; project: string }, present: readonly ResourceRow[]) {
  const { namespace, project } = inNamespace({ ...newResourceRow, ...at }, at.namespace);
  const rows: ResourceRow[] = [
    { namespace, project, resource: 'redirect', action: 'read' },
    { namespace, project, resource: 'page', action: 'read' },
    { namespace, project, resource: 'agent', action: 'write' },
  ];
  const written = new Set(present.map(resourceText));
  return rows.filter((row) => !written.has(resourceText(row)));
}

export function resourceText({ namespace, project, resource, action }: ResourceRow): string {
  return `${namespace} ${project} ${resource} ${action}`;
}

export function adminText({ section, action }: AdminRow): string {
  return `${section} ${action}`;
}

/** The rows of the first that are not among those of the second. */
export function rowsBeyond(all: Permissions, own: Permissions): Permissions {
  const resources = new Set(own.resources.map(resourceText));
  const admin = new Set(own.admin.map(adminText));
  return {
    resources: all.resources.filter((row) => !resources.has(resourceText(row))),
    admin: all.admin.filter((row) => !admin.has(adminText(row))),
  };
}
