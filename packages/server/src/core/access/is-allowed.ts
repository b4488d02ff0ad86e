export type AdminSection = 'users' | 'sessions' | 'audit';
export type AdminAction = 'read' | 'write';

/** What a user holds; `*` stands for every section or action. */
export interface AdminRow {
  section: string;
  action: string;
}

/** Allowed when one single row matches both parts. `write` does not include `read`; there are no deny rows. */
export function isAllowed(
  rows: readonly AdminRow[],
  asked: { section: AdminSection; action: AdminAction },
): boolean {
  return rows.some(
    (row) =>
      (row.section === '*' || row.section === asked.section) &&
      (row.action === '*' || row.action === asked.action),
  );
}
