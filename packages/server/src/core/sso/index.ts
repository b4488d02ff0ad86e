/**
 * Owns sign-in at somebody else's: the connection to the provider that the operator named, attempts under way there
 * (state, nonce, code verifier), which of its people are which user, and the accounts made for those who come for the
 * first time. Whom a provider's word is believed from is the connection's; how that word is asked for and checked is
 * the method's (`methods/upstream-oidc`), and the session is the gate's, as ever.
 */
export { createSsoAttempts, deleteExpiredSsoAttempts, type SsoAttempts } from './attempts.ts';
export { createIdentities, type Identities, type Person } from './identities.ts';
export {
  deleteIdentitiesOf,
  findIdentityOwner,
  type Identity,
  insertIdentity,
  listIdentitiesOf,
  noteIdentityUse,
} from './identity-store.ts';
export { ssoMigrations } from './migrations.ts';
export type { AttemptSecrets, Connection, IdentityProvider, Verdict } from './provider.ts';
export { createSso, type Sso } from './sso.ts';
