import type { Clock } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';

export const TOPIC = 'event';
/**
 * An event's instant is taken before its transaction commits, and nodes' clocks differ a little: who looks for what
 * may have been missed looks back this much further.
 */
export const OVERLAP_MS = 30_000;
const RETRY_AFTER_MS = 1_000;
/** Of one read; more are read in several. */
const MAX_IDS = 200;

export interface Tail<Event> {
  /** Hears all that happens on any node from now on, in about the order of the commits. Returns the way to stop. */
  subscribe(listener: TailListener<Event>): () => void;
  /**
   * To be asked every few seconds while somebody listens: whether the last half second proved that events arrive.
   * Where other processes cannot be heard (SQLite), asking is what finds what they have written.
   */
  beat(): boolean;
}

export interface TailListener<Event> {
  heard(events: readonly Event[]): void;
  /** More was missed than is read again; nothing of it will come. */
  gaveUp(): void;
}

interface Dependencies<Event> {
  storage: Storage;
  clock: Clock;
  onBackgroundError(error: unknown): void;
  find(ids: readonly string[]): Promise<Event[]>;
  /** Null when there are too many. */
  findSince(at: number): Promise<Event[] | null>;
}

/**
 * Follows the rows by the words on the channel: a word brings an id, the id its row. When words may have been missed,
 * the rows since the last proof are read, and those already told are left out.
 */
export function createTail<Event extends { id: string }>(deps: Dependencies<Event>): Tail<Event> {
  const { storage, clock } = deps;
  const listeners = new Set<TailListener<Event>>();
  /** Ids told, by when; forgotten once no look back can reach them. */
  const told = new Map<string, number>();
  let waiting: string[] = [];
  let hasMissed = false;
  let isReading = false;
  /** Everything committed before it has been told. */
  let completeAt = 0;
  let unsubscribe = () => {};

  function tell(events: readonly Event[]): void {
    const fresh = events.filter(({ id }) => !told.has(id));
    if (fresh.length === 0) return;
    for (const { id } of fresh) told.set(id, clock());
    for (const listener of listeners) listener.heard(fresh);
  }

  async function readMissed(): Promise<void> {
    hasMissed = false;
    waiting = [];
    const events = await deps.findSince(completeAt - OVERLAP_MS);
    if (events) tell(events);
    else for (const listener of listeners) listener.gaveUp();
  }

  async function readWaiting(): Promise<void> {
    const ids = waiting.slice(0, MAX_IDS);
    waiting = waiting.slice(MAX_IDS);
    tell(await deps.find(ids));
  }

  async function read(): Promise<void> {
    if (isReading || listeners.size === 0) return;
    isReading = true;
    try {
      while (hasMissed || waiting.length > 0) await (hasMissed ? readMissed() : readWaiting());
      isReading = false;
    } catch (error) {
      deps.onBackgroundError(error);
      hasMissed = true;
      setTimeout(() => {
        isReading = false;
        void read();
      }, RETRY_AFTER_MS).unref();
    }
  }

  function start(): void {
    completeAt = clock();
    unsubscribe = storage.channel.subscribe({
      heard({ topic, key }) {
        if (topic !== TOPIC || told.has(key)) return;
        waiting.push(key);
        void read();
      },
      lost() {
        hasMissed = true;
        void read();
      },
    });
  }

  function stop(): void {
    unsubscribe();
    told.clear();
    waiting = [];
    hasMissed = false;
  }

  return {
    subscribe(listener) {
      if (listeners.size === 0) start();
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    beat() {
      const isProven = storage.channel.isProven();
      if (isProven && !isReading) {
        completeAt = clock();
        for (const [id, at] of told) if (at < completeAt - 2 * OVERLAP_MS) told.delete(id);
      }
      // What is on its way to the listeners must reach them before they are told that they know everything.
      return isProven && !isReading;
    },
  };
}
