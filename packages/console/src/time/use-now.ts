import { useSyncExternalStore } from 'react';

const tickMs = 30_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick() {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Nobody kept the clock while nobody watched it.
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function current(): number {
  return now;
}

/** One clock for every time on the page, so that a table of fifty rows costs one timer and cannot disagree with itself. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, current);
}
