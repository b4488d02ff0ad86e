/**
 * Owns Flecto's API, `/auth/*`, `/api/*` and `/health/ping`: a contract frozen by its agents and scripts. It only
 * translates: requests into calls of core, results and refusals into the contract's shapes. Its tokens are its own, too:
 * core knows a session and its present secret, this surface writes them as signed texts. Decides nothing about who may
 * sign in.
 */

export { flectoSurface } from './surface.ts';
export { createTokens } from './tokens.ts';
