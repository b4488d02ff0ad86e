/**
 * Owns Flux's API, `/flux/v1/*`, which the SDKs speak (`docs/flux-wire.md`): the project that a key selects, its session
 * tokens as signed texts, and the stream that tells SDKs at once what they must forget. It only translates; it decides
 * nothing about who may sign in.
 */

export { owesFactor } from './present.ts';
export { fluxSurface } from './surface.ts';
export { createTokens } from './tokens.ts';
