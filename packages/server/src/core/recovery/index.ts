/**
 * Owns the way back in for somebody who forgot the password: asking for the mail, and choosing a new password
 * with its token; also changing a known password. Does not skip anything the gate demands.
 */
export { createRecovery, type Recovery } from './recovery.ts';
