import { StorageError } from './errors.ts';

interface Waiting {
  enter(): void;
}

/**
 * Lets `count` pieces of work run at once and the others wait in the order they came. Who has waited for `patienceMs`
 * is refused with a `StorageError`, nothing begun.
 */
export function createSemaphore({
  count,
  patienceMs,
}: {
  count: number;
  patienceMs: number;
}): <T>(work: () => Promise<T>) => Promise<T> {
  const queue = new Set<Waiting>();
  let free = count;

  function place(): Promise<void> | null {
    if (free > 0) {
      free--;
      return null;
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter() {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        queue.delete(waiting);
        reject(
          new StorageError(
            'BUSY',
            new Error(`${count} transactions have kept this one waiting for ${patienceMs} ms.`),
          ),
        );
      }, patienceMs);
      queue.add(waiting);
    });
  }

  /** A place goes from hand to hand: nobody who comes later gets it in between. */
  function leave(): void {
    const [next] = queue;
    if (!next) {
      free++;
      return;
    }
    queue.delete(next);
    next.enter();
  }

  return async (work) => {
    await place();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
