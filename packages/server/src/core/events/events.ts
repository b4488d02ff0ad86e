import type { Chance } from '../../chance.ts';
import { newId, type Sealer } from '../../crypto/index.ts';
import type { Storage, Tables, Transaction } from '../../storage/index.ts';
import { findEvents, findEventsSince, insertEvent, KEPT_FOR_MS, projectOfUser } from './event-store.ts';
import { createTail, OVERLAP_MS, type Tail, TOPIC } from './tail.ts';

/** What happened. Whoever hears of it hears of it at least once; the id tells a second time from the first. */
export type Event = { id: string /** Null for what concerns all projects. */; projectId: string | null } & (
  | { kind: 'user-changed'; userId: string }
  | { kind: 'sessions-ended'; userId: string; tokenHashes: readonly string[]; sessionIds: readonly string[] }
  | { kind: 'session-replaced'; userId: string; oldHash: string; newHash: string; newToken: string }
  | { kind: 'project-changed' }
  | { kind: 'keys-rotated' }
);

interface Ended {
  projectId: string;
  userId: string;
  tokenHashes: readonly string[];
  /** Of those that have not merely another token now. */
  sessionIds: readonly string[];
}

export interface Events extends Tail<Event> {
  /** Once in a transaction, however often it is said; of a user who is gone, not at all. */
  userChanged(tx: Transaction, userId: string): Promise<void>;
  sessionsEnded(tx: Transaction, ended: Ended): Promise<void>;
  sessionReplaced(
    tx: Transaction,
    session: { projectId: string; userId: string; oldHash: string; newHash: string; newToken: string },
  ): Promise<void>;
  projectChanged(tx: Transaction, projectId: string): Promise<void>;
  keysRotated(tx: Transaction): Promise<void>;
  /** What came after a cursor, and some before it that may have been on their way; null when that is forgotten. */
  since(cursor: string): Promise<Event[] | null>;
  /** A cursor for what happens from now on, for who has heard no event yet; an event's id is one too. */
  cursor(): string;
  /**
   * The same storage, where each word that a user has changed is an event too: who changes a user says so on the
   * channel anyway, for the caches.
   */
  watching(storage: Storage): Storage;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  /** Whether anybody may ask for a session's new token; off, none is written, not even sealed. */
  tellsTokens: boolean;
  /** Whether anybody else may listen to what happens in a project; where nobody can, nothing is written. */
  isHeard(tx: Transaction, projectId: string): Promise<boolean>;
  onBackgroundError(error: unknown): void;
}

const PURPOSE = 'event';
const CURSOR = /^at_(\d{1,15})$/;
/** More than this at once is not told; the listener reads anew what it keeps. */
const MAX_REPLAYED = 5_000;

type Row = Tables['event'];

export function createEvents(deps: Dependencies): Events {
  const { storage, sealer, clock, random, tellsTokens } = deps;
  const told = new WeakMap<Transaction, Set<string>>();

  async function record(tx: Transaction, event: Omit<Row, 'id' | 'at'>): Promise<void> {
    const { project_id: of } = event;
    if (!tellsTokens && of !== null && !(await deps.isHeard(tx, of))) return;
    const at = clock();
    const id = newId('evt', at, random);
    await insertEvent(tx, { id, at, ...event });
    await storage.channel.publish(tx, { topic: TOPIC, key: id });
  }

  async function userChanged(tx: Transaction, userId: string): Promise<void> {
    const users = told.get(tx) ?? new Set();
    if (users.has(userId)) return;
    told.set(tx, users.add(userId));
    const projectId = await projectOfUser(tx, userId);
    // Of whom nothing is left there is nothing to read anew; that their sessions ended was told before.
    if (projectId === null) return;
    await record(tx, { kind: 'user-changed', project_id: projectId, user_id: userId, payload: '{}' });
  }

  function eventFrom({ id, kind, project_id: projectId, user_id: userId, payload }: Row): Event {
    const { hashes, ids, old, new: newHash, sealed } = JSON.parse(payload) as Payload;
    const common = { id, projectId };
    switch (kind) {
      case 'user-changed':
        return { ...common, kind, userId };
      case 'sessions-ended':
        return { ...common, kind, userId, tokenHashes: hashes ?? [], sessionIds: ids ?? [] };
      case 'session-replaced': {
        const newToken = sealer.open(PURPOSE, sealed ?? '');
        return { ...common, kind, userId, oldHash: old ?? '', newHash: newHash ?? '', newToken };
      }
      case 'project-changed':
      case 'keys-rotated':
        return { ...common, kind };
    }
  }

  async function sessionsEnded(tx: Transaction, ended: Ended): Promise<void> {
    const { projectId, userId, tokenHashes: hashes, sessionIds: ids } = ended;
    if (hashes.length === 0) return;
    const payload = JSON.stringify({ hashes, ids });
    await record(tx, { kind: 'sessions-ended', project_id: projectId, user_id: userId, payload });
  }

  /** From when on a cursor asks; null for one that is forgotten or was never given out. */
  async function instantOf(cursor: string): Promise<number | null> {
    const [, at] = CURSOR.exec(cursor) ?? [];
    const known = at === undefined ? (await findEvents(storage.db, [cursor]))[0]?.at : Number(at);
    return known === undefined || known <= clock() - KEPT_FOR_MS ? null : known;
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
    sessionsEnded,
    async sessionReplaced(tx, { projectId, userId, oldHash, newHash, newToken }) {
      if (!tellsTokens)
        return await sessionsEnded(tx, { projectId, userId, tokenHashes: [oldHash], sessionIds: [] });
      const payload = { old: oldHash, new: newHash, sealed: sealer.seal(PURPOSE, newToken) };
      await record(tx, {
        kind: 'session-replaced',
        project_id: projectId,
        user_id: userId,
        payload: JSON.stringify(payload),
      });
    },
    async projectChanged(tx, projectId) {
      await record(tx, { kind: 'project-changed', project_id: projectId, user_id: '', payload: '{}' });
    },
    async keysRotated(tx) {
      await record(tx, { kind: 'keys-rotated', project_id: null, user_id: '', payload: '{}' });
    },
    async since(cursor) {
      const at = await instantOf(cursor);
      if (at === null) return null;
      const events = await replayed(at - OVERLAP_MS);
      return events === null ? null : events.filter((event) => event.id !== cursor);
    },
    cursor: () => `at_${clock()}`,
    watching(watched) {
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
  ids?: string[];
  old?: string;
  new?: string;
  sealed?: string;
}
