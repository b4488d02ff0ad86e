/**
 * Owns signing in at the providers that a project has set up (Flux contract FX-15 to FX-17): attempts under way there, each
 * bound to one browser, project and provider and to where it leads back; which of a provider's people are which user; and the
 * accounts made for those who come for the first time. How a provider is asked and its word checked is the methods'
 * (`methods/social`), the session is the gate's, and the code that stands for it on the way back is `core/return-code`'s.
 */
export { deleteExpiredSocialAttempts } from './attempt-store.ts';
export { createSocialAttempts, type SocialAttempts } from './attempts.ts';
export { createSocialIdentities, type SocialIdentities } from './identities.ts';
export { socialMigrations } from './migrations.ts';
export type { SocialAnswer, SocialPerson, SocialProviders } from './provider.ts';
export { createSocial, type ReturnError, type Social } from './social.ts';
