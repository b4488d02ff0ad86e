/**
 * Owns signing in at the OpenID provider that the operator named: what its claims say of a person, and the method that makes a
 * first proof of it. Does not own asking it and checking its answer, which is `openid/`, nor attempts, nor which person of a
 * provider is which user: those are `core/sso`.
 */
export { createOidcProvider } from './oidc-provider.ts';
export { createUpstreamOidcMethod } from './upstream-oidc-method.ts';
