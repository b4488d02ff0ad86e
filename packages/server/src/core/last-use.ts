import { sql } from 'kysely';
import { MINUTE } from '../chance.ts';
import { prepared, type Storage } from '../storage/index.ts';

/** Coarse on purpose: the one write a check may cause is at most one a minute and row. */
const COARSE_MS = MINUTE;
const GATHER_MS = 1_000;
/** Few enough that nobody waits long for a row of theirs. */
const ROWS_AT_ONCE = 100;

/** Tables that say of each row when it was last used, in `last_used_at`. */
type UsedTable = 'session' | 'api_token' | 'project_key';

export interface LastUse {
  /** Notes a use; written soon, together with others. `lastUsedAt` is what the row said when it was read. */
  note(used: { id: string; lastUsedAt: number }, now: number): void;
  /** Writes what is noted; called at the end. */
  flush(): Promise<void>;
}

interface Options {
  storage: Storage;
  table: UsedTable;
  onError(error: unknown): void;
}

/**
 * Moves the last use of many rows on in one statement: asked one by one, two hundred a second are most of what a node
 * says to PostgreSQL. It takes them by id, as everybody takes sessions.
 */
function moveLastUses({ dialect }: Storage, table: UsedTable) {
  const isPostgres = dialect === 'postgres';
  const hold = isPostgres ? sql`for no key update` : sql``;
  return prepared((db, { ids, at }: { ids: string; at: number }) => {
    const listed = isPostgres
      ? sql`json_array_elements_text(${ids}::json)`
      : sql`value from json_each(${ids})`;
    const move = sql`
      with held as (
        select id from ${sql.table(table)}
        where id in (select ${listed}) and coalesce(last_used_at, 0) < ${at} order by id ${hold}
      )
      update ${sql.table(table)} set last_used_at = ${at} where id in (select id from held)`;
    return { compile: () => move.compile(db) };
  });
}

/** Gathers uses for a second and writes them together, as of the last of them; nothing runs while nothing is noted. */
export function createLastUse({ storage, table, onError }: Options): LastUse {
  const move = moveLastUses(storage, table);
  const noted = new Set<string>();
  const written = new Map<string, number>();
  let latest = 0;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  async function write(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    const [batch, at] = [[...noted], latest];
    noted.clear();
    // A clock that was ahead and is set right must not go on telling in later batches.
    latest = 0;
    while (batch.length > 0) {
      const ids = JSON.stringify(batch.splice(0, ROWS_AT_ONCE));
      await storage.transaction((tx) => move(tx, { ids, at }));
    }
  }

  /** One after the other: who waits for it finds everything written that was noted before. */
  function flush(): Promise<void> {
    const written = writing.then(write);
    writing = written.catch(() => undefined);
    return written;
  }

  return {
    note({ id, lastUsedAt }, now) {
      const last = Math.max(lastUsedAt, written.get(id) ?? 0);
      if (now - last < COARSE_MS) return;
      noted.add(id);
      latest = Math.max(latest, now);
      // What a cached row says of its last use is older than what this node has written since.
      if (written.size > 50_000) written.clear();
      written.set(id, now);
      timer ??= setTimeout(() => void flush().catch(onError), GATHER_MS).unref();
    },
    flush,
  };
}
