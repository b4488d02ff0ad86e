/**
 * Owns who may administer: rows of (section, action) held by users, and the one pure function that reads them.
 * Does not know any route; surfaces declare what each of theirs needs.
 */

export { administratorsExist, adminRowsOf, grantAdministration } from './access-store.ts';
export { type AdminAction, type AdminRow, type AdminSection, isAllowed } from './is-allowed.ts';
export { accessMigrations } from './migrations.ts';
