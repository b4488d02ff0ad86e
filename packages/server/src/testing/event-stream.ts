import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { until } from './until.ts';

interface StreamedEvent {
  id: string;
  name: string;
  data: Record<string, unknown>;
}

/** A listener of a server-sent event stream. */
export interface EventStream {
  status: number;
  headers: IncomingHttpHeaders;
  /** All that came so far. */
  events: StreamedEvent[];
  /** Comments that came so far. */
  heartbeats(): number;
  isOver(): boolean;
  /** Waits for so many of a kind. */
  next(name: string, count?: number): Promise<StreamedEvent>;
  close(): Promise<void>;
}

/** On a connection of its own: a pooled one is opened anew when it breaks, and then keeps a server from stopping. */
export async function listen(url: string, headers: Record<string, string>): Promise<EventStream> {
  const asked = get(url, { headers, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const events: StreamedEvent[] = [];
  let heartbeats = 0;
  let isOver = false;

  async function read(): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          if (block.startsWith(':')) heartbeats++;
          else if (block.includes('event: ')) events.push(eventFrom(block));
        }
      }
    } catch {
      // The other side hung up, or we did.
    }
    isOver = true;
  }
  const reading = read();

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    heartbeats: () => heartbeats,
    isOver: () => isOver,
    async next(name, count = 1) {
      const found = () => events.filter((event) => event.name === name);
      await until(() => found().length >= count);
      return found()[count - 1] as StreamedEvent;
    },
    async close() {
      asked.destroy();
      await reading;
    },
  };
}

function eventFrom(block: string): StreamedEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name, value.join(': ')] as const;
    }),
  );
  return {
    id: fields.get('id') ?? '',
    name: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>,
  };
}
