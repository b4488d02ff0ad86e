import { setTimeout as wait } from 'node:timers/promises';

/** Waits for something real outside the test's hands (a process, a socket) to come true; fails when it does not. */
export async function until(isTrue: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (await isTrue()) return;
    if (performance.now() > end) throw new Error(`It did not come true within ${withinMs} ms.`);
    await wait(20);
  }
}
