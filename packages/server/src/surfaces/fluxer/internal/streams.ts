import { Readable } from 'node:stream';
import type { Event, Events } from '../../../core/events/index.ts';
import { EVENTS_LOST, HEARTBEAT, RETRY } from './present.ts';

export interface EventStreams {
  /**
   * What a listener reads, from after an event it knows or from now, and what to call when it has gone; null when
   * this node has listeners enough.
   */
  open(after: string | null): { stream: Readable; leave(): void } | null;
  /** Ends them all; they come again elsewhere. */
  close(): void;
}

interface Dependencies {
  events: Events;
  present(event: Event): Promise<string | null>;
  onError(error: unknown): void;
}

const MAX_STREAMS = 64;
/** What may wait for one listener. One that reads slower is cut off; it comes again with the last id it has seen. */
const MAX_WAITING_CHARACTERS = 1_000_000;
/** Less than the ten seconds for which the channel goes on proving itself when it is asked. */
const HEARTBEAT_MS = 5_000;

interface Listener {
  waiting: { id: string | null; text: string }[];
  characters: number;
  isOver: boolean;
  wake(): void;
}

/** Hands every event to every listener, each at the listener's own pace. Idle while nobody listens. */
export function createEventStreams({ events, present, onError }: Dependencies): EventStreams {
  const listeners = new Set<Listener>();
  let telling = Promise.resolve();
  let stop = () => {};

  function offer(listener: Listener, id: string | null, text: string): void {
    listener.characters += text.length;
    if (listener.characters > MAX_WAITING_CHARACTERS) end(listener);
    else {
      listener.waiting.push({ id, text });
      listener.wake();
    }
  }

  function end(listener: Listener): void {
    listener.isOver = true;
    listener.waiting = [];
    listener.wake();
    if (listeners.delete(listener) && listeners.size === 0) stop();
  }

  function endAll(): void {
    for (const listener of [...listeners]) end(listener);
  }

  async function tell(heard: readonly Event[]): Promise<void> {
    for (const event of heard) {
      const text = await present(event);
      if (text !== null) for (const listener of [...listeners]) offer(listener, event.id, text);
    }
  }

  function start(): void {
    const unsubscribe = events.subscribe({
      heard(heard) {
        // One after the other, so that the order stays. What cannot be told must not be passed over.
        telling = telling
          .then(() => tell(heard))
          .catch((error: unknown) => {
            onError(error);
            endAll();
          });
      },
      gaveUp: endAll,
    });
    // No heartbeat while the channel is silent: the listener must not think that it hears everything.
    const beat = () => {
      if (events.beat()) for (const listener of [...listeners]) offer(listener, null, HEARTBEAT);
    };
    const beating = setInterval(beat, HEARTBEAT_MS).unref();
    events.beat();
    stop = () => {
      clearInterval(beating);
      unsubscribe();
    };
  }

  async function* read(listener: Listener, after: string | null): AsyncGenerator<string> {
    yield RETRY;
    const replayed = new Set<string | null>();
    if (after !== null) {
      const past = await events.since(after);
      if (past === null) yield EVENTS_LOST;
      for (const event of past ?? []) {
        replayed.add(event.id);
        const text = await present(event);
        if (text !== null) yield text;
      }
    }
    while (!listener.isOver) {
      const next = listener.waiting.shift();
      if (next) {
        listener.characters -= next.text.length;
        if (!replayed.has(next.id)) yield next.text;
      } else {
        await new Promise<void>((wake) => {
          listener.wake = wake;
        });
      }
    }
  }

  return {
    open(after) {
      if (listeners.size >= MAX_STREAMS) return null;
      const listener: Listener = { waiting: [], characters: 0, isOver: false, wake: () => {} };
      listeners.add(listener);
      if (listeners.size === 1) start();
      const stream = Readable.from(read(listener, after), { objectMode: false });
      return { stream, leave: () => end(listener) };
    },
    close: endAll,
  };
}
