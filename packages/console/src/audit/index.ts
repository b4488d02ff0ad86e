/** Owns the reading of the audit trail: the whole of it on its own page with filters, and one user's part of it anywhere. */

export { AuditList } from './audit-list.tsx';
export { AuditPage } from './audit-page.tsx';
