import { Readable } from 'node:stream';

/** What is listened to; the events of core have this form. */
export interface EventSource<Event> {
  subscribe(listener: { heard(events: readonly Event[]): void; gaveUp(): void }): () => void;
  /** Whether the last half second proved that events arrive; asking keeps the proof going. */
  beat(): boolean;
  /** What came after a cursor; null when that is forgotten. */
  since(cursor: string): Promise<Event[] | null>;
}

/** What an opened stream is for. */
interface Opening<Event> {
  /** What the listener has heard last; null for from now on. */
  after: string | null;
  /** Sent first of all where there is no such cursor. */
  greeting?: string;
  /** Which events are for this listener; all, when absent. */
  isFor?(event: Event): boolean;
}

export interface EventStreams<Event> {
  /** What a listener reads, and what to call when it has gone; null when this node has listeners enough. */
  open(opening: Opening<Event>): { stream: Readable; leave(): void } | null;
  /** Ends them all; they come again elsewhere. */
  close(): void;
}

interface Options<Event> {
  source: EventSource<Event>;
  /** The event as the surface tells it; null where there is nothing left to tell of. */
  present(event: Event): Promise<string | null>;
  /** What a listener is told whose cursor is forgotten: its memory is no longer to be trusted. */
  lost: string;
  heartbeatMs: number;
  maxStreams: number;
  onError(error: unknown): void;
}

/** What may wait for one listener. One that reads slower is cut off; it comes again with the last id it has seen. */
const MAX_WAITING_CHARACTERS = 1_000_000;
/** A comment, so that silence means something. */
const HEARTBEAT = ': \n\n';
/** How long a listener that lost its connection waits before it comes again. */
const RETRY = 'retry: 2000\n\n';

interface Listener<Event> {
  isFor(event: Event): boolean;
  waiting: { id: string | null; text: string }[];
  characters: number;
  isOver: boolean;
  wake(): void;
}

/** One server-sent event. */
export function eventFrame(id: string, name: string, data: unknown): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Hands events to listeners, to each at its own pace. Idle while nobody listens. */
export function createEventStreams<Event extends { id: string }>(
  options: Options<Event>,
): EventStreams<Event> {
  const { source, present, lost, heartbeatMs, maxStreams, onError } = options;
  const listeners = new Set<Listener<Event>>();
  let telling = Promise.resolve();
  let stop = () => {};

  function offer(listener: Listener<Event>, id: string | null, text: string): void {
    listener.characters += text.length;
    if (listener.characters > MAX_WAITING_CHARACTERS) end(listener);
    else {
      listener.waiting.push({ id, text });
      listener.wake();
    }
  }

  function end(listener: Listener<Event>): void {
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
      const meant = [...listeners].filter((listener) => listener.isFor(event));
      const text = meant.length > 0 ? await present(event) : null;
      if (text !== null) for (const listener of meant) if (!listener.isOver) offer(listener, event.id, text);
    }
  }

  function start(): void {
    const unsubscribe = source.subscribe({
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
    // No heartbeat while the channel is silent, and none that overtakes what was heard before it: the listener must not
    // think that it knows everything.
    const beat = () => {
      if (!source.beat()) return;
      telling = telling.then(() => {
        for (const listener of [...listeners]) offer(listener, null, HEARTBEAT);
      });
    };
    const beating = setInterval(beat, heartbeatMs).unref();
    source.beat();
    stop = () => {
      clearInterval(beating);
      unsubscribe();
    };
  }

  async function* read(listener: Listener<Event>, opening: Opening<Event>): AsyncGenerator<string> {
    const { after, greeting } = opening;
    yield RETRY;
    const replayed = new Set<string | null>();
    if (after === null && greeting !== undefined) yield greeting;
    if (after !== null) {
      const past = await source.since(after);
      if (past === null) yield lost;
      for (const event of past ?? []) {
        if (!listener.isFor(event)) continue;
        replayed.add(event.id);
        const text = await present(event);
        if (text !== null) yield text;
      }
    }
    while (!listener.isOver) {
      const next = listener.waiting.shift();
      if (next) {
        listener.characters -= next.text.length;
        if (next.id === null || !replayed.has(next.id)) yield next.text;
      } else {
        await new Promise<void>((wake) => {
          listener.wake = wake;
        });
      }
    }
  }

  return {
    open(opening) {
      if (listeners.size >= maxStreams) return null;
      const listener: Listener<Event> = {
        isFor: (event) => opening.isFor?.(event) ?? true,
        waiting: [],
        characters: 0,
        isOver: false,
        wake: () => {},
      };
      listeners.add(listener);
      if (listeners.size === 1) start();
      const stream = Readable.from(read(listener, opening), { objectMode: false });
      return { stream, leave: () => end(listener) };
    },
    close: endAll,
  };
}
