/**
 * Owns what tests of the SDK share: a small server that speaks the wire and misbehaves on command, and clocks that are moved.
 */
export { countingPlatform } from './counting-platform.ts';
export { movedPlatform } from './moved-clock.ts';
export {
  createWireServer,
  type Forgery,
  PROJECT,
  PUBLISHABLE_KEY,
  SECRET_KEY,
  type WireServer,
} from './wire-server.ts';
