/**
 * Owns asking an OpenID provider, as one of its clients: discovery, the address that a browser is sent to, the exchange of a
 * code, and every check of the answer (OpenID Connect Core 3.1.3.7, RFC 7636, RFC 9207). Does not own attempts, nor what any
 * claim means to whoever asks.
 */
export { subjectIn, textIn } from './claim-values.ts';
export { isUnreachable, ProviderUnavailableError, reasonOf } from './failures.ts';
export { createOpenidClient, type Tenants } from './openid-client.ts';
