import type { Channel } from './channel.ts';

interface Entry<Row> {
  row: Row;
  readAt: number;
}

const MAX_ENTRIES = 20_000;
/** Even a quiet entry is read again after this long. */
const MAX_AGE_MS = 60_000;

export interface RowCache<Row> {
  /** What is known of a key, if the channel proves that nothing has changed. */
  get(key: string): Row | null;
  /** The same by the row's other name; nothing where rows have none. */
  getByAlias(alias: string): Row | null;
  /** To be called before the database is read; the result of that read may be kept only with its `keep`. */
  reading(): { keep(row: Row): void };
  close(): void;
}

interface Options<Row> {
  channel: Channel;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A message of this topic names one row by its key. */
  topic: string;
  keyOf(row: Row): string;
  /** Another name of the row, which outlives its key. */
  aliasOf?(row: Row): string;
  /** A message of this other topic names all rows of one owner. */
  owner?: { topic: string; keyOf(row: Row): string };
}

/**
 * Remembers rows on this node. It may only ever shorten the way to yes: entries fall at the first word of a change,
 * and none is believed while the channel that brings that word is not proven (design section 5).
 */
export function createRowCache<Row>(options: Options<Row>): RowCache<Row> {
  const { channel, clock, topic, keyOf, aliasOf, owner } = options;
  const entries = new Map<string, Entry<Row>>();
  const byAlias = new Map<string, string>();
  const byOwner = new Map<string, Set<string>>();
  let changes = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    const alias = aliasOf?.(entry.row);
    if (alias !== undefined && byAlias.get(alias) === key) byAlias.delete(alias);
    if (!owner) return;
    const ownerKey = owner.keyOf(entry.row);
    const keys = byOwner.get(ownerKey);
    keys?.delete(key);
    if (keys?.size === 0) byOwner.delete(ownerKey);
  }

  function link(key: string, row: Row): void {
    if (aliasOf) byAlias.set(aliasOf(row), key);
    if (!owner) return;
    const ownerKey = owner.keyOf(row);
    const keys = byOwner.get(ownerKey);
    if (keys) keys.add(key);
    else byOwner.set(ownerKey, new Set([key]));
  }

  const stop = channel.subscribe({
    heard(message) {
      changes++;
      if (message.topic === topic) drop(message.key);
      else if (message.topic === owner?.topic)
        for (const key of [...(byOwner.get(message.key) ?? [])]) drop(key);
    },
    lost() {
      changes++;
      entries.clear();
      byOwner.clear();
      byAlias.clear();
    },
  });

  /** Only while the channel is proven: asking that first drops what may have been missed. */
  function remembered(key: string): Row | null {
    const entry = entries.get(key);
    if (!entry) return null;
    if (Math.abs(clock() - entry.readAt) > MAX_AGE_MS) {
      drop(key);
      return null;
    }
    return entry.row;
  }

  return {
    get: (key) => (channel.isProven() ? remembered(key) : null),
    getByAlias: (alias) => (channel.isProven() ? remembered(byAlias.get(alias) ?? '') : null),
    reading() {
      const changesBefore = changes;
      return {
        keep(row) {
          // Asked first: the answer may be that something was missed. Whatever changed while the row was on its way
          // makes it the older truth.
          if (!channel.isProven() || changes !== changesBefore) return;
          if (entries.size >= MAX_ENTRIES)
            for (const oldest of entries.keys()) {
              drop(oldest);
              break;
            }
          const key = keyOf(row);
          entries.set(key, { row, readAt: clock() });
          link(key, row);
        },
      };
    },
    close: stop,
  };
}
