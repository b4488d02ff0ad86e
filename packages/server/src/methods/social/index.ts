/**
 * Owns signing in at Google, GitHub and Microsoft: how each is asked, what its word of a person is worth, and the method
 * that makes a first proof of it. Does not own attempts, nor which person of a provider is which user: those are `core/social`.
 */
export { createSocialMethods } from './social-method.ts';
export { createSocialProviders } from './social-providers.ts';
