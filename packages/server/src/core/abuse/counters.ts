import type { Clock } from '../../chance.ts';
import { tokenHash } from '../../crypto/index.ts';
import { type Queryable, type Storage, StorageError } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import { addOneEach, forget, takeOneBack } from './counter-store.ts';

/** How many tries something has in a window. */
export interface Allowance {
  name: string;
  /** Whose tries: an account, an address, a recipient, in the one form all spellings share. */
  key: string;
  limit: number;
  windowMs: number;
  /**
   * Guards one account or one ticket, and so stays on when the operator switches rate limits off. Counters
   * without it are those of contract 7.3 by address and by e-mail.
   */
  always?: true;
}

export interface Spent {
  /** Our own infrastructure failed after the try was spent: it does not count (design rule 7). Never throws. */
  giveBack(): Promise<void>;
}

export interface Counters {
  /**
   * Commits one try of each allowance, or throws `rate-limited` and spends none when any is used up. Committed
   * before the proof is looked at, so a crash keeps it spent and parallel guesses cannot outrun it.
   */
  spend(allowances: readonly Allowance[]): Promise<Spent>;
  /** A success ends a row of failures. Of all that it ends at once, and last: every guess waits for these rows. */
  reset(db: Queryable, allowances: readonly Pick<Allowance, 'name' | 'key'>[]): Promise<void>;
  /** Tries that could not be given back while the database was away. */
  settle(): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  /** `rate_limits: on`. */
  enabled: boolean;
}

/** Personal data stays out of the table: the key is a hash, named for what it counts. */
function rowKey({ name, key }: Pick<Allowance, 'name' | 'key'>): string {
  return `${name}:${tokenHash(key)}`;
}

/** Rows are locked in one order everywhere, so that two requests cannot wait for each other. */
function inOrder<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** PostgreSQL has ended it, and with it all it had counted, because it and somebody else waited for each other. */
function wasDeadlocked(error: unknown): boolean {
  return error instanceof StorageError && error.code === '40P01';
}

export function createCounters({ storage, clock, enabled }: Dependencies): Counters {
  const owed: { key: string; expiresAt: number }[] = [];

  async function settle(): Promise<void> {
    while (owed.length > 0) {
      // Taken off the list first: two who settle at once must not give one back twice.
      const debt = owed.shift();
      if (!debt) return;
      try {
        await takeOneBack(storage.db, debt.key, debt.expiresAt);
      } catch (error) {
        owed.unshift(debt);
        throw error;
      }
    }
  }

  return {
    async spend(allowances) {
      await settle();
      const counted = inOrder(
        allowances
          .filter((allowance) => enabled || allowance.always)
          .map((allowance) => ({ allowance, key: rowKey(allowance) })),
        ({ key }) => key,
      );
      if (counted.length === 0) return { giveBack: async () => undefined };
      const now = clock();
      const added = counted.map(({ allowance, key }) => ({ key, windowMs: allowance.windowMs }));
      const add = () => addOneEach(storage.db, added, now);
      const rows = await add().catch((error: unknown) => {
        if (wasDeadlocked(error)) return add();
        throw error;
      });
      const counts = counted.flatMap(({ allowance, key }) => {
        const count = rows.get(key);
        return count ? [{ key, count, limit: allowance.limit }] : [];
      });
      async function giveBack(): Promise<void> {
        for (const { key, count } of counts) owed.push({ key, expiresAt: count.expiresAt });
        await settle().catch(() => undefined);
      }
      const blocking = counts.filter(({ count, limit }) => count.count > limit);
      if (blocking.length > 0) {
        // It was never judged, and an address past its own limit must not use up an account's.
        await giveBack();
        const until = Math.max(...blocking.map(({ count }) => count.expiresAt));
        throw new AuthError('rate-limited', {
          retryAfterSeconds: Math.max(1, Math.ceil((until - now) / 1000)),
        });
      }
      return { giveBack };
    },
    async reset(db, allowances) {
      for (const key of inOrder(allowances.map(rowKey), (one) => one)) await forget(db, key);
    },
    settle,
  };
}
