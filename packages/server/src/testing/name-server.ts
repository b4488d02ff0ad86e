import { createSocket } from 'node:dgram';

/** What is known of a name; `mx: ['']` is the null MX of RFC 7505. A name that is not there at all does not exist. */
interface Records {
  mx?: string[];
  a?: string[];
  aaaa?: number;
}

const TYPES = { 1: 'a', 15: 'mx', 28: 'aaaa' } as const;

/** A name server over UDP (RFC 1035), with whatever a test puts in. */
export async function createNameServer(names: Record<string, Records>) {
  const asked: string[] = [];
  let mood: 'good' | 'silent' | 'failing' = 'good';
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    asked.push(`${TYPES[type as keyof typeof TYPES] ?? type} ${name}`);
    if (mood === 'silent') return;
    const records = Object.hasOwn(names, name) ? names[name] : undefined;
    const answers = mood === 'good' ? answersOf(type, records) : [];
    const header = Buffer.from(query.subarray(0, 12));
    // An answer, recursion available; 2: the server failed, 3: there is no such name.
    const code = mood === 'failing' ? 2 : records ? 0 : 3;
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    set mood(next: typeof mood) {
      mood = next;
    },
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answersOf(type: number, { mx = [], a = [], aaaa = 0 }: Records = {}): Buffer[] {
  if (type === 15) return mx.map((host) => answer(type, Buffer.concat([Buffer.from([0, 10]), nameOf(host)])));
  if (type === 1) return a.map((address) => answer(type, Buffer.from(address.split('.').map(Number))));
  return type === 28
    ? Array.from({ length: aaaa }, (_, index) => answer(type, Buffer.alloc(16, index + 1)))
    : [];
}

function answer(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's, twelve bytes into the message.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameOf(host: string): Buffer {
  const labels = host === '' ? [] : host.split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
