import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A range API in the manner of Have I Been Pwned, with whatever passwords a test puts in. */
export async function createRangeServer() {
  const breached = new Set<string>();
  const asked: { path: string; padding: string | undefined }[] = [];
  let mood: 'good' | 'error' | 'silent' | 'endless' | 'moved' = 'good';

  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', padding: [request.headers['add-padding']].flat()[0] });
    if (mood === 'silent') return;
    if (mood === 'endless') {
      const more = () => {
        while (response.write('A'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
      return;
    }
    if (mood === 'error') response.statusCode = 503;
    if (mood === 'moved') response.writeHead(302, { location: '/range/elsewhere' });
    const prefix = (request.url ?? '').slice(-5);
    const hashes = [...breached].filter((hash) => hash.startsWith(prefix));
    // Padding has a count of nought; the real ones have the count of the breaches.
    const padding = Array.from({ length: 20 }, (_, index) => `${String(index).padStart(35, 'F')}:0`);
    response.end([...hashes.map((hash) => `${hash.slice(5)}:42`), ...padding].join('\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`,
    asked,
    breach: (password: string) => void breached.add(sha1(password)),
    set mood(next: typeof mood) {
      mood = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sha1(password: string): string {
  return createHash('sha1').update(password).digest('hex').toUpperCase();
}
