/**
 * Owns giving an account another e-mail address (contract 4.7): the ticket that leads through both proofs, of the
 * mailbox given up and of the new one, the token at its end, and what happens when that is used. Does not own the
 * addresses themselves (contact), the codes (mailed-code), or the way back for whoever lost the account (recovery).
 */
export { deleteOldEmailChanges, holdEmailChanges } from './email-change-store.ts';
export { createEmailChanges, type EmailChanges } from './email-changes.ts';
export { contactChangeMigrations } from './migrations.ts';
export type { StartedChange } from './proved-change.ts';
