/**
 * Owns the trail: what happened, to whom, by whom, from where. A record is written in the transaction of what
 * it records, so neither exists without the other; it never carries a secret. Does not decide who may read it.
 */

export { type AuditRecord, forgetPlacesOf, listAuditRecords } from './audit-store.ts';
export { type Actor, type AuditEvent, type Auditor, createAuditor } from './auditor.ts';
export { auditMigrations } from './migrations.ts';
