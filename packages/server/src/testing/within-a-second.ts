import { setTimeout as wait } from 'node:timers/promises';

const STEP_MS = 10;
/** By which timers are late on a machine that has nothing else to do. */
const USUAL_MS = 5;
const PROMISED_MS = 1_000;
/** However late the machine: by then whoever would have been told within a second has been. */
const HARD_END_MS = 10_000;

/** Time that stands still while this process is kept from working, in milliseconds from its start. */
export interface UnstalledTime {
  ms(): number;
  stop(): void;
}

/**
 * For what is promised in real time. Measured with a clock alone, it fails on a machine that runs other tests on every
 * core. So what a timer of its own is late by is given back: it stands in the same queue for the same cores, or behind the
 * same code. A server that is only slow to tell makes no timer late.
 */
export function startUnstalledTime(): UnstalledTime {
  const began = performance.now();
  let lateMs = 0;
  let tickedAt = began;
  const latenessAt = (now: number) => {
    const late = now - tickedAt - STEP_MS;
    return late > USUAL_MS ? late : 0;
  };
  const timer = setInterval(() => {
    const now = performance.now();
    lateMs += latenessAt(now);
    tickedAt = now;
  }, STEP_MS);
  timer.unref();
  return {
    ms() {
      // What waits at this moment counts too: after a stall others may be served before the timer.
      const now = performance.now();
      return now - began - lateMs - latenessAt(now);
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Holds a server to its promise that a change is known everywhere within a second: no question asked later is answered by
 * what was before. Fails where one is.
 */
export async function withinASecond(
  isTrue: () => Promise<boolean> | boolean,
  hardEndMs = HARD_END_MS,
): Promise<void> {
  const began = performance.now();
  const time = startUnstalledTime();
  try {
    for (;;) {
      const asked = time.ms();
      if (await isTrue()) return;
      const realMs = performance.now() - began;
      if (asked > PROMISED_MS || realMs > hardEndMs)
        throw new Error(
          `Asked ${asked.toFixed(0)} ms later it was not true yet, nor ${realMs.toFixed(0)} ms later by the clock.`,
        );
      await wait(STEP_MS);
    }
  } finally {
    time.stop();
  }
}
