/**
 * Owns changing a password by mail (contract 4.8): the ticket, the code sent to the account's address, and the proof
 * that a typed code becomes, good for one new password. Does not own what a change of password entails (recovery).
 */
export { passwordChangeMigrations } from './migrations.ts';
export { deleteOldPasswordChanges, holdPasswordChanges } from './password-change-store.ts';
export { createPasswordChanges, type PasswordChanges } from './password-changes.ts';
