/**
 * Owns the time codes of RFC 6238: six digits, HMAC-SHA-1, steps of 30 seconds, a code good in its step and the
 * one on either side, once (section 5.2). Keeps the shared secret sealed. Knows nothing of sessions, tickets or
 * HTTP.
 */
export { totpMigrations } from './migrations.ts';
export { createTotpKeeper } from './totp-keeper.ts';
export { createTotpMethod } from './totp-method.ts';
