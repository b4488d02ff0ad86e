import type { RandomBytes } from './crypto/index.ts';

/** Milliseconds since 1970; handed in, so that tests move it by hand. */
export type Clock = () => number;

/** The two things that must never be read from a global. */
export interface Chance {
  clock: Clock;
  random: RandomBytes;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
