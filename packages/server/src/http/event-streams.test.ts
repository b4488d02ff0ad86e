import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { until } from '../testing/index.ts';
import { createEventStreams, type EventSource } from './event-streams.ts';

interface Event {
  id: string;
}
type Listener = Parameters<EventSource<Event>['subscribe']>[0];

const NOW = { after: null };
const changed = (number: number): Event => ({ id: `evt_${number}` });

/** Streams on events that the test makes up. */
function setUp({
  past = [] as Event[] | null,
  present = async (event: Event): Promise<string | null> => `${event.id}\n`,
} = {}) {
  const listeners = new Set<Listener>();
  const errors: unknown[] = [];
  const source: EventSource<Event> = {
    subscribe(listener: Listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    beat: () => true,
    since: async () => past,
  };
  const streams = createEventStreams({
    source,
    present,
    lost: 'lost\n',
    heartbeatMs: 5_000,
    maxStreams: 64,
    onError: (error) => errors.push(error),
  });
  return {
    streams,
    listeners,
    errors,
    tell: (...told: Event[]) => {
      for (const { heard } of listeners) heard(told);
    },
  };
}

/** Reads all there is until the stream ends. */
function read(stream: Readable): { text: string; isOver: boolean } {
  const state = { text: '', isOver: false };
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    state.text += chunk;
  });
  stream.on('close', () => {
    state.isOver = true;
  });
  return state;
}

describe('event streams', () => {
  it('listen only while somebody reads', async () => {
    const { streams, listeners } = setUp();
    expect(listeners.size).toBe(0);
    const [one, other] = [streams.open(NOW), streams.open(NOW)];
    expect(listeners.size).toBe(1);
    one?.leave();
    one?.leave();
    expect(listeners.size).toBe(1);
    other?.leave();
    expect(listeners.size).toBe(0);
    expect(streams.open(NOW)).not.toBeNull();
    expect(listeners.size).toBe(1);
    streams.close();
  });

  it('tell what is missed before what happens meanwhile, and neither twice', async () => {
    const { streams, tell } = setUp({ past: [changed(1), changed(2)] });
    const opened = streams.open({ after: 'evt_0' });
    tell(changed(2), changed(3));
    const heard = read(opened?.stream as Readable);
    await until(() => heard.text.includes('evt_3'));
    expect(heard.text).toBe('retry: 2000\n\nevt_1\nevt_2\nevt_3\n');
    streams.close();
    await until(() => heard.isOver);
  });

  it('cut off who does not read, and nobody else', async () => {
    const { streams, listeners, tell } = setUp({
      present: async ({ id }) => `${id} ${'x'.repeat(100_000)}\n`,
    });
    const slow = streams.open(NOW)?.stream as Readable;
    const quick = read(streams.open(NOW)?.stream as Readable);
    for (let number = 0; number < 40; number++) {
      tell(changed(number));
      await until(() => quick.text.includes(`evt_${number} `));
    }
    expect(quick.isOver).toBe(false);
    const late = read(slow);
    await until(() => late.isOver);
    // What it took before it stopped reading, and nothing of what waited for it.
    expect(late.text.length).toBeLessThan(1_000_000);
    expect(late.text).not.toContain('evt_39 ');
    expect(listeners.size).toBe(1);
    streams.close();
  });

  it('keep the order though one event takes longer to tell than the next', async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { streams, tell } = setUp({
      async present({ id }) {
        if (id === 'evt_1') await slow;
        return `${id}\n`;
      },
    });
    const heard = read(streams.open(NOW)?.stream as Readable);
    tell(changed(1));
    tell(changed(2));
    finish();
    await until(() => heard.text.includes('evt_2'));
    expect(heard.text).toMatch(/evt_1\nevt_2\n$/);
    streams.close();
  });

  it('end when an event cannot be told, so that nobody believes to have heard everything', async () => {
    let isBroken = true;
    const { streams, tell, errors } = setUp({
      async present({ id }) {
        if (isBroken) throw new Error('no database');
        return `${id}\n`;
      },
    });
    const heard = read(streams.open(NOW)?.stream as Readable);
    tell(changed(1));
    await until(() => heard.isOver);
    expect(errors).toEqual([new Error('no database')]);
    isBroken = false;
    const again = read(streams.open(NOW)?.stream as Readable);
    tell(changed(2));
    await until(() => again.text.includes('evt_2'));
    streams.close();
  });

  it('end when more was missed than can be read again', async () => {
    const { streams, listeners } = setUp();
    const heard = read(streams.open(NOW)?.stream as Readable);
    for (const { gaveUp } of listeners) gaveUp();
    await until(() => heard.isOver);
    expect(listeners.size).toBe(0);
  });

  it('tell each listener what is meant for it, and greet who comes without a cursor', async () => {
    const { streams, tell } = setUp({ past: [changed(1), changed(2)] });
    const isFor = ({ id }: Event) => id !== 'evt_2' && id !== 'evt_4';
    const heard = read(streams.open({ after: 'evt_0', greeting: 'hello\n', isFor })?.stream as Readable);
    const other = read(streams.open({ after: null, greeting: 'hello\n' })?.stream as Readable);
    tell(changed(3), changed(4), changed(5));
    await until(() => heard.text.includes('evt_5') && other.text.includes('evt_5'));
    expect(heard.text).toBe('retry: 2000\n\nevt_1\nevt_3\nevt_5\n');
    expect(other.text).toBe('retry: 2000\n\nhello\nevt_3\nevt_4\nevt_5\n');
    streams.close();
  });

  it('pass over what there is nothing left to tell of', async () => {
    const { streams, tell } = setUp({ present: async ({ id }) => (id === 'evt_1' ? null : `${id}\n`) });
    const heard = read(streams.open(NOW)?.stream as Readable);
    tell(changed(1), changed(2));
    await until(() => heard.text.includes('evt_2'));
    expect(heard.text).not.toContain('evt_1');
    streams.close();
  });
});
