/**
 * Owns signing in at an OpenID provider: asking it (discovery, keys, the exchange of a code) and judging its answer
 * (OpenID Connect Core 3.1.3.7, RFC 9207), and the method that makes a first proof of it. Does not own attempts, nor
 * which person of a provider is which user: those are `core/sso`.
 */
export { createOidcProvider } from './oidc-provider.ts';
export { createUpstreamOidcMethod } from './upstream-oidc-method.ts';
