/**
 * Owns Fluxer's API, `/v1/*` and `/.well-known/fluxer`: a contract frozen by its clients. It only translates:
 * requests into calls of core, results and refusals into the contract's shapes. Decides nothing about who may
 * sign in.
 */

export type { Account } from './present.ts';
export { createSudo } from './sudo.ts';
export { fluxerSurface } from './surface.ts';
