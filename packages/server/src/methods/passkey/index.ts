/**
 * Owns passkeys (WebAuthn level 3): challenges, the credentials people registered, and judging what a browser
 * answers, always with the user verified by the authenticator. Knows nothing of sessions, tickets or HTTP.
 */
export { deleteExpiredPasskeyChallenges } from './challenge-store.ts';
export { passkeyMigrations } from './migrations.ts';
export { createPasskeyKeeper } from './passkey-keeper.ts';
export { createPasskeyMethod } from './passkey-method.ts';
export { createRelyingParties, type RelyingPartyOf } from './relying-party.ts';
