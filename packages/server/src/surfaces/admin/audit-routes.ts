import { z } from 'zod';
import { createCursors } from './cursor.ts';
import { presentAuditRecord } from './present.ts';
import * as schemas from './schemas.ts';
import type { AdminDependencies, AdminScope } from './surface.ts';

/** Reading what happened. */
export function auditRoutes(scope: AdminScope, deps: AdminDependencies): void {
  const cursors = createCursors(deps.sealer, 'audit', z.string());

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
    async (request) => {
      const { user_id, event, cursor, limit } = request.query;
      const records = await deps.readAudit({
        userId: user_id || null,
        event: event || null,
        after: cursors.read(cursor),
        limit,
      });
      const last = records.length === limit ? (records.at(-1)?.id ?? null) : null;
      return { items: records.map(presentAuditRecord), next_cursor: cursors.write(last) };
    },
  );
}
