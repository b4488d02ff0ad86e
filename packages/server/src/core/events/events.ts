import type { Chance } from '../../chance.ts';
import { newId, type Sealer } from '../../crypto/index.ts';
import type { Storage, Tables, Transaction } from '../../storage/index.ts';
import { findEvents, findEventsSince, insertEvent, KEPT_FOR_MS } from './event-store.ts';
import { createTail, OVERLAP_MS, type Tail, TOPIC } from './tail.ts';

/** What happened. Whoever hears of it hears of it at least once; the id tells a second time from the first. */
export type Event =
  | { id: string; kind: 'user-changed'; userId: string }
  | { id: string; kind: 'sessions-ended'; userId: string; tokenHashes: readonly string[] }
  | {
      id: string;
      kind: 'session-replaced';
      userId: string;
      oldHash: string;
      newHash: string;
      newToken: string;
    };

export interface Events extends Tail<Event> {
  /** Once in a transaction, however often it is said. */
  userChanged(tx: Transaction, userId: string): Promise<void>;
  sessionsEnded(tx: Transaction, userId: string, tokenHashes: readonly string[]): Promise<void>;
  sessionReplaced(
    tx: Transaction,
    session: { userId: string; oldHash: string; newHash: string; newToken: string },
  ): Promise<void>;
  /** What came after an event, and some before it that may have been on their way; null when it is forgotten. */
  since(id: string): Promise<Event[] | null>;
  /**
   * The same storage, where each word that a user has changed is an event too: who changes a user says so on the
   * channel anyway, for the caches.
   */
  watching(storage: Storage): Storage;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  /** Off, nothing is written: there is nobody who could listen. */
  isOn: boolean;
  onBackgroundError(error: unknown): void;
}

const PURPOSE = 'event';
/** More than this at once is not told; the listener reads anew what it keeps. */
const MAX_REPLAYED = 5_000;

type Row = Tables['event'];

export function createEvents(deps: Dependencies): Events {
  const { storage, sealer, clock, random, isOn } = deps;
  const told = new WeakMap<Transaction, Set<string>>();

  async function record(tx: Transaction, event: Omit<Row, 'id' | 'at'>): Promise<void> {
    if (!isOn) return;
    const at = clock();
    const id = newId('evt', at, random);
    await insertEvent(tx, { id, at, ...event });
    await storage.channel.publish(tx, { topic: TOPIC, key: id });
  }

  async function userChanged(tx: Transaction, userId: string): Promise<void> {
    const users = told.get(tx) ?? new Set();
    if (users.has(userId)) return;
    told.set(tx, users.add(userId));
    await record(tx, { kind: 'user-changed', user_id: userId, payload: '{}' });
  }

  function eventFrom({ id, kind, user_id: userId, payload }: Row): Event {
    const { hashes, old, new: newHash, sealed } = JSON.parse(payload) as Payload;
    if (kind === 'user-changed') return { id, kind, userId };
    if (kind === 'sessions-ended') return { id, kind, userId, tokenHashes: hashes ?? [] };
    const newToken = sealer.open(PURPOSE, sealed ?? '');
    return { id, kind, userId, oldHash: old ?? '', newHash: newHash ?? '', newToken };
  }

  async function replayed(from: number): Promise<Event[] | null> {
    const rows = await findEventsSince(storage.db, from, MAX_REPLAYED);
    return rows.length === MAX_REPLAYED ? null : rows.map(eventFrom);
  }

  const tail = createTail({
    ...deps,
    find: async (ids) => (await findEvents(storage.db, ids)).map(eventFrom),
    findSince: replayed,
  });

  return {
    ...tail,
    userChanged,
    async sessionsEnded(tx, userId, hashes) {
      if (hashes.length === 0) return;
      await record(tx, { kind: 'sessions-ended', user_id: userId, payload: JSON.stringify({ hashes }) });
    },
    async sessionReplaced(tx, { userId, oldHash, newHash, newToken }) {
      const payload = { old: oldHash, new: newHash, sealed: sealer.seal(PURPOSE, newToken) };
      await record(tx, { kind: 'session-replaced', user_id: userId, payload: JSON.stringify(payload) });
    },
    async since(id) {
      const [known] = await findEvents(storage.db, [id]);
      if (!known || known.at <= clock() - KEPT_FOR_MS) return null;
      const events = await replayed(known.at - OVERLAP_MS);
      return events === null ? null : events.filter((event) => event.id !== id);
    },
    watching(watched) {
      if (!isOn) return watched;
      const { channel } = watched;
      return {
        ...watched,
        channel: {
          async publish(tx, message) {
            await channel.publish(tx, message);
            if (message.topic === 'user') await userChanged(tx, message.key);
          },
          subscribe: (listener) => channel.subscribe(listener),
          isProven: () => channel.isProven(),
        },
      };
    },
  };
}

interface Payload {
  hashes?: string[];
  old?: string;
  new?: string;
  sealed?: string;
}
