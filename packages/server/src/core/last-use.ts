import { MINUTE } from '../chance.ts';
import type { Storage, Transaction } from '../storage/index.ts';

/** Coarse on purpose: the one write a check may cause is at most one a minute and row. */
const COARSE_MS = MINUTE;
const GATHER_MS = 1_000;
/** Few enough that nobody waits long for a row of theirs. */
const ROWS_AT_ONCE = 100;

export interface LastUse {
  /** Notes a use; written soon, together with others. `lastUsedAt` is what the row said when it was read. */
  note(used: { id: string; lastUsedAt: number }, now: number): void;
  /** Writes what is noted; called at the end. */
  flush(): Promise<void>;
}

interface Options {
  storage: Storage;
  save(tx: Transaction, id: string, at: number): Promise<void>;
  onError(error: unknown): void;
}

/** Gathers uses for a second and writes them in one transaction; nothing runs while nothing is noted. */
export function createLastUse({ storage, save, onError }: Options): LastUse {
  const noted = new Map<string, number>();
  const written = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    if (noted.size === 0) return;
    const batch = [...noted].sort(([a], [b]) => (a < b ? -1 : 1));
    noted.clear();
    while (batch.length > 0) {
      const part = batch.splice(0, ROWS_AT_ONCE);
      await storage.transaction(async (tx) => {
        for (const [id, at] of part) await save(tx, id, at);
      });
    }
  }

  return {
    note({ id, lastUsedAt }, now) {
      const last = Math.max(lastUsedAt, written.get(id) ?? 0);
      if (now - last < COARSE_MS) return;
      noted.set(id, now);
      // What a cached row says of its last use is older than what this node has written since.
      if (written.size > 50_000) written.clear();
      written.set(id, now);
      timer ??= setTimeout(() => void flush().catch(onError), GATHER_MS).unref();
    },
    flush,
  };
}
