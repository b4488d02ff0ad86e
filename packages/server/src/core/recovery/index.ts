/**
 * Owns the way back in for somebody who forgot the password: asking for the mail, and choosing a new password
 * with its token; changing a known password; one that an administrator gives; and taking back an account whose address somebody else has changed.
 * Does not skip anything the gate demands.
 */
export { createGivenPasswords, type GivenPasswords } from './given-password.ts';
export { createRecovery, type Recovery } from './recovery.ts';
