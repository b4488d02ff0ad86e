/**
 * Owns one-time codes that stand for a session on its way back to an app: a browser that is led back carries a code in its
 * address and never a token, and only whoever began the way, and so has the verifier (RFC 7636), gets the session for it
 * (`docs/flux-wire.md`). Does not own where a browser may be led, nor the sessions.
 */
export { returnCodeMigrations } from './migrations.ts';
export { deleteExpiredReturnCodes } from './return-code-store.ts';
export { createReturnCodes, isCodeChallenge, type ReturnCodes } from './return-codes.ts';
