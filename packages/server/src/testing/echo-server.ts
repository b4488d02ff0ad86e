import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What reached a service behind a proxy. */
export interface Reached {
  method: string;
  url: string;
  /** Every header under a name, in lower case, as often as it came. */
  headers: Record<string, string[]>;
  body: string;
}

export interface EchoServer {
  /** Host and port. */
  address: string;
  reached: Reached[];
  close(): Promise<void>;
}

/** A service that lets everybody in, and remembers what it was asked. */
export async function createEchoServer(): Promise<EchoServer> {
  const reached: Reached[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers: Record<string, string[]> = Object.create(null);
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        const name = (request.rawHeaders[at] ?? '').toLowerCase();
        headers[name] = [...(headers[name] ?? []), request.rawHeaders[at + 1] ?? ''];
      }
      const { method = '', url = '' } = request;
      reached.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.end('the app');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
