import type { AdminRow, Permissions, ResourceRow } from '../api/index.ts';
import { adminText, resourceText } from './rows.ts';

/** Rows while they are edited. The key holds a row's fields in place when one above it goes away. */
export interface Draft {
  resources: readonly Keyed<ResourceRow>[];
  admin: readonly Keyed<AdminRow>[];
}

export type Keyed<Row> = Row & { key: number };

let lastKey = 0;

export function keyed<Row>(row: Row): Keyed<Row> {
  lastKey += 1;
  return { ...row, key: lastKey };
}

export function draftOf({ resources, admin }: Permissions): Draft {
  return { resources: resources.map(keyed), admin: admin.map(keyed) };
}

/** As they are sent, each row once. */
export function permissionsOf({ resources, admin }: Draft): Permissions {
  return {
    resources: once(
      resources.map(({ namespace, project, resource, action }) => ({
        namespace: namespace.trim(),
        project: project.trim(),
        resource,
        action,
      })),
      resourceText,
    ),
    admin: once(
      admin.map(({ section, action }) => ({ section, action })),
      adminText,
    ),
  };
}

/** Whether nothing would change; the order of rows means nothing. */
export function isSame(draft: Draft, saved: Permissions): boolean {
  return canonical(permissionsOf(draft)) === canonical(saved);
}

function once<Row>(rows: Row[], textOf: (row: Row) => string): Row[] {
  return [...new Map(rows.map((row) => [textOf(row), row])).values()];
}

function canonical({ resources, admin }: Permissions): string {
  return JSON.stringify([resources.map(resourceText).sort(), admin.map(adminText).sort()]);
}
