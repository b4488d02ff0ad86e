import type { FastifyRequest } from 'fastify';
import { type Action, isAllowed, type Permissions, type ResourceQuestion } from '../../core/access/index.ts';
import type { Visible } from '../../core/site/index.ts';

/** As they stand in the path; they are asked about before anything is looked up. */
function codesOf(request: FastifyRequest): { namespace: string; site: string } {
  const { namespace = '', project = '' } = request.params as { namespace?: string; project?: string };
  return { namespace, site: project };
}

/** A right on what is in the project that the path names (Flecto contract A11). */
export function needsOfSite(resource: ResourceQuestion['resource'], action: Action) {
  return (held: Permissions, request: FastifyRequest): boolean =>
    isAllowed(held, { ...codesOf(request), resource, action });
}

/** Reading a project takes the administrator's right, or any readable thing in it. */
export function mayReadSite(held: Permissions, request: FastifyRequest): boolean {
  return (
    isAllowed(held, { section: 'projects', action: 'read' }) || needsOfSite('any', 'read')(held, request)
  );
}

export function mayReadNamespace(held: Permissions, request: FastifyRequest): boolean {
  const visible = visibleNamespaces(held);
  return visible === 'all' || visible.includes(codesOf(request).namespace);
}

export function mayListNamespaces(held: Permissions): boolean {
  return visibleNamespaces(held).length > 0;
}

export function mayListSites(held: Permissions, request: FastifyRequest): boolean {
  return visibleSites(held, codesOf(request).namespace).length > 0;
}

/** Those somebody may read something in; for an administrator of them all. */
export function visibleNamespaces(held: Permissions): Visible {
  if (isAllowed(held, { section: 'namespaces', action: 'read' })) return 'all';
  return visibleIn(readable(held).map(({ namespace }) => namespace));
}

export function visibleSites(held: Permissions, namespace: string): Visible {
  if (isAllowed(held, { section: 'projects', action: 'read' })) return 'all';
  const rows = readable(held).filter((row) => row.namespace === '*' || row.namespace === namespace);
  return visibleIn(rows.map(({ site }) => site));
}

function readable({ resources }: Permissions) {
  return resources.filter(({ action }) => action === 'read' || action === '*');
}

function visibleIn(codes: string[]): Visible {
  return codes.includes('*') ? 'all' : [...new Set(codes)];
}
