/**
 * What time it is at the server, as its answers tell: tokens bear its time, and the clock of an app's machine may be hours away
 * from it. Both are false while nothing was told. In seconds since 1970.
 */
export interface ServerClock {
  /** `at` is the server's now (ISO 8601) in the answer to a question of `askedAt` (monotonic) that has just come. */
  learn(told: { at: string; askedAt: number }): void;
  hasPassed(seconds: number): boolean;
  isToCome(seconds: number): boolean;
}

export function createServerClock(monotonicMs: () => number): ServerClock {
  /** What to add to the monotonic clock: the server wrote its answer between the question and now, nobody knows when. */
  let least = Number.NaN;
  let most = Number.NaN;
  return {
    learn({ at, askedAt }) {
      const toldMs = Date.parse(at);
      if (Number.isNaN(toldMs)) return;
      least = toldMs - monotonicMs();
      most = toldMs - askedAt;
    },
    hasPassed: (seconds) => seconds * 1000 <= monotonicMs() + least,
    isToCome: (seconds) => seconds * 1000 > monotonicMs() + most,
  };
}
