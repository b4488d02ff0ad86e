import { z } from 'zod';
import { createCursors } from './cursor.ts';
import { presentAuditRecord } from './present.ts';
import { requireSection } from './project-guard.ts';
import { projectParams } from './project-schemas.ts';
import * as schemas from './schemas.ts';
import type { AdminDependencies, AdminScope } from './surface.ts';

/** Reading what happened. */
export function auditRoutes(scope: AdminScope, deps: AdminDependencies): void {
  async function page(projectId: string, query: z.output<typeof schemas.auditListQuery>) {
    const { user_id, event, cursor, limit } = query;
    // A place in one project's trail is none in another's.
    const cursors = createCursors(deps.sealer, `audit:${projectId}`, z.string());
    const records = await deps.readAudit({
      ...{ projectId, limit, userId: user_id || null, event: event || null },
      after: cursors.read(cursor),
    });
    const last = records.length === limit ? (records.at(-1)?.id ?? null) : null;
    return { items: records.map(presentAuditRecord), next_cursor: cursors.write(last) };
  }

  scope.get(
    '/audit',
    {
      config: { adminNeeds: { section: 'audit', action: 'read' } },
      schema: {
        operationId: 'admin_list_audit',
        summary: 'The audit trail, newest first',
        querystring: schemas.auditListQuery,
        response: { 200: schemas.auditListResponse },
      },
    },
    async (request) => await page(deps.projectId, request.query),
  );

  scope.get(
    '/flux/projects/:project_id/audit',
    {
      config: { adminNeeds: { section: 'auth-projects', action: 'read' } },
      schema: {
        operationId: 'admin_list_auth_project_audit',
        summary: "A project's own trail, newest first",
        params: projectParams,
        querystring: schemas.auditListQuery,
        response: { 200: schemas.auditListResponse },
      },
    },
    async (request) => {
      const { id } = await deps.projects.read({ id: request.params.project_id });
      requireSection(request, deps, { id, section: 'audit', action: 'read' });
      return await page(id, request.query);
    },
  );
}
