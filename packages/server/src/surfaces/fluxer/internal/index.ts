/**
 * Owns `/v1/internal/*`, what services of the operator's own ask with the header `X-Internal-Secret` (seed 000,
 * contract part 9): whose a session token is, ending a user's sessions, and the stream of what happens (appendix B).
 * Opens nothing while no secret is set, and is no part of what Fluxer's clients know.
 */
export { type InternalDependencies, internalRoutes } from './routes.ts';
