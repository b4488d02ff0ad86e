import type { Platform } from './platform.ts';
import { createEventReader, type StreamedEvent } from './sse.ts';

/** The project's event stream (docs/flux-wire.md), opened when first asked for and opened again for as long as it is needed. */
export interface Stream {
  open(): void;
  /** Whether everything that happened up to `bound` ago has been heard. */
  isFresh(): boolean;
  close(): void;
}

interface StreamSettings {
  platform: Platform;
  url: string;
  headers: Record<string, string>;
  /** How long silence still means that nothing happened. */
  trustMs: number;
  onEvent(event: StreamedEvent): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** However long a server asks to stay away; timers of more than 24 days fire at once. */
const LONGEST_AWAY_MS = 60_000;
/** Heartbeats come every 250 ms; a connection that is silent for so long is dead, whatever the kernel says. */
const DEAD_AFTER_MS = 1_500;
/** A new connection may be slow to begin with. */
const OPENING_MS = 5_000;

export function createStream({ platform, url, headers, trustMs, onEvent }: StreamSettings): Stream {
  let state: 'idle' | 'running' | 'closed' = 'idle';
  let cursor = '';
  let heardAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let hangUp = () => {};
  let stopWaiting = () => {};

  function again(retryAfterMs = 0): void {
    if (state !== 'running') return;
    heardAt = Number.NEGATIVE_INFINITY;
    // Full jitter: after a restart of the server its clients come one by one.
    const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures++;
    stopWaiting();
    stopWaiting = platform.later(connect, Math.max(retryAfterMs, most * platform.random()));
  }

  function connect(): void {
    let lastAt = platform.monotonicMs();
    let isSilenceAllowed = OPENING_MS;
    let isStream = false;

    const reader = createEventReader({
      event(event) {
        if (event.id !== '') cursor = event.id;
        onEvent(event);
      },
      comment() {
        heardAt = platform.monotonicMs();
        failures = 0;
      },
    });
    const disconnect = platform.listen(
      {
        url,
        headers: { ...headers, accept: 'text/event-stream', ...(cursor ? { 'last-event-id': cursor } : {}) },
      },
      {
        onOpen(status, header) {
          isStream = status === 200;
          if (isStream) return;
          hangUp();
          again(Math.min(LONGEST_AWAY_MS, (Number(header('retry-after')) || 0) * 1000));
        },
        onText(text) {
          if (!isStream) return;
          lastAt = platform.monotonicMs();
          isSilenceAllowed = DEAD_AFTER_MS;
          if (reader.read(text)) return;
          hangUp();
          again();
        },
        onEnd() {
          hangUp();
          again();
        },
      },
    );
    let stopWatching = () => {};
    const watch = () => {
      if (platform.monotonicMs() - lastAt < isSilenceAllowed) {
        stopWatching = platform.later(watch, DEAD_AFTER_MS / 3);
        return;
      }
      hangUp();
      again();
    };
    stopWatching = platform.later(watch, DEAD_AFTER_MS / 3);
    hangUp = () => {
      stopWatching();
      disconnect();
    };
  }

  return {
    open() {
      if (state !== 'idle') return;
      state = 'running';
      connect();
    },
    isFresh: () => platform.monotonicMs() - heardAt <= trustMs,
    close() {
      state = 'closed';
      heardAt = Number.NEGATIVE_INFINITY;
      stopWaiting();
      hangUp();
    },
  };
}
