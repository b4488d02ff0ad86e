/**
 * Owns passwords: which may be used, how they are hashed and compared (argon2id, NFKC, 8 to 256 code points;
 * NIST SP 800-63B 3.1.1), and the block list of common ones. Knows nothing of sessions, counters or HTTP.
 */
export { passwordMigrations } from './migrations.ts';
export { createPasswordKeeper } from './password-keeper.ts';
export { createPasswordMethod } from './password-method.ts';
