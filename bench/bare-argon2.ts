import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashReply, HashTask } from './bare-argon2-worker.ts';

/** Nothing but argon2id: as many threads as the server hashes on, each verifying one hash after another. */
export class BareArgon2 {
  readonly threads = availableParallelism();
  readonly #workers = Array.from(
    { length: this.threads },
    () => new Worker(new URL('bare-argon2-worker.ts', import.meta.url)),
  );

  async perSecond(task: HashTask): Promise<number> {
    const rates = await Promise.all(
      this.#workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            worker.once('message', ({ done, seconds }: HashReply) => resolve(done / seconds));
            worker.once('error', reject);
            worker.postMessage(task);
          }),
      ),
    );
    return rates.reduce((sum, rate) => sum + rate, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
