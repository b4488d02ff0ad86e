/**
 * Owns what tests of the SDK share: a small server that speaks the wire and misbehaves on command, clocks that are moved, an
 * app that has the built package installed, and the example app with what people do at it.
 */
export { countingPlatform } from './counting-platform.ts';
export { installPackage, oldNode, typeErrors } from './installed-package.ts';
export { movedPlatform } from './moved-clock.ts';
export {
  createWireServer,
  type Forgery,
  PROJECT,
  PUBLISHABLE_KEY,
  SECRET_KEY,
  type WireServer,
} from './wire-server.ts';
