/**
 * Owns the pages of API tokens (Flecto contract A12). The token itself is held by the page that made it and by nothing
 * else: not by the query cache, the address or any storage, and it is gone when that page is left.
 */

export { NewTokenPage } from './new-token-page.tsx';
export { TokenPage } from './token-page.tsx';
export { TokensPage } from './tokens-page.tsx';
