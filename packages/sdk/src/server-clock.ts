import type { Platform } from './platform.ts';

/**
 * What time it is at the server, as its answers tell: tokens bear its time, and the clock of an app's machine may be hours away
 * from it. Both are false while nothing was told, and where what was told may be wrong by now. In seconds since 1970.
 */
export interface ServerClock {
  /** `at` is the server's now (ISO 8601) in the answer to a question of `askedAt` (monotonic) that has just come. */
  learn(told: { at: string; askedAt: number }): void;
  hasPassed(seconds: number): boolean;
  isToCome(seconds: number): boolean;
}

/** A server whose clock was wrong is believed for so long, as nobody is asked whose token seems to be over. */
const BELIEVED_FOR_MS = 300_000;
/** More than two clocks of one machine drift apart meanwhile. */
const SLEPT_MS = 1_000;

export function createServerClock({
  monotonicMs,
  wallMs,
}: Pick<Platform, 'monotonicMs' | 'wallMs'>): ServerClock {
  /** What to add to the monotonic clock: the server wrote its answer between the question and now, nobody knows when. */
  let least = Number.NaN;
  let most = Number.NaN;
  let learnedAt = Number.NaN;
  let learnedAtWall = Number.NaN;
  /** The monotonic clock may have stood still, and the token's time have passed unseen. */
  const hasSlept = () => wallMs() - learnedAtWall > monotonicMs() - learnedAt + SLEPT_MS;
  return {
    learn({ at, askedAt }) {
      const toldMs = Date.parse(at);
      if (Number.isNaN(toldMs)) return;
      [learnedAt, learnedAtWall] = [monotonicMs(), wallMs()];
      least = toldMs - learnedAt;
      most = toldMs - askedAt;
    },
    hasPassed: (seconds) =>
      monotonicMs() - learnedAt < BELIEVED_FOR_MS && seconds * 1000 <= monotonicMs() + least,
    isToCome: (seconds) => !hasSlept() && seconds * 1000 > monotonicMs() + most,
  };
}
