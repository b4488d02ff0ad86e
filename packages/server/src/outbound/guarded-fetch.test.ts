import type { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, UnreachableError } from './index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('the guarded fetch', () => {
  const asked: IncomingMessage[] = [];
  let answer: Answer = (_, response) => response.end();
  let own = '';
  let port = 0;
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    own = `http://127.0.0.1:${port}`;
  });

  beforeEach(() => {
    asked.length = 0;
    answer = (_, response) => response.writeHead(200, { 'x-one': '1' }).end('{"a":1}');
  });

  afterAll(() => void server.close());

  const fetching = (options: { trusted?: string; resolve?: typeof lookup; timeoutMs?: number } = {}) =>
    createGuardedFetch({ trusted: own, timeoutMs: 2_000, maxBytes: 1_000, ...options });

  /** A name server that says the same of every name. */
  const saying = (...addresses: string[]) =>
    ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup;

  it('brings an answer with its status, its headers and its body, and asks for it uncompressed', async () => {
    answer = (_, response) => response.writeHead(418, { 'content-type': 'text/plain' }).end('tea');
    const response = await fetching()(`${own}/a?b`, {
      method: 'POST',
      headers: { accept: 'text/plain' },
      body: 'c=d',
    });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      418,
      'text/plain',
      'tea',
    ]);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: '/a?b',
      headers: { accept: 'text/plain', 'accept-encoding': 'identity', 'content-length': '3' },
    });
  });

  it.each<[string, Answer]>([
    ['sends on', (_, response) => response.writeHead(302, { location: '/b' }).end()],
    ['says it has not changed', (_, response) => response.writeHead(304).end()],
    ['breaks down', (_, response) => response.writeHead(503).end()],
    ['hangs up', (_, response) => response.destroy()],
    ['says too much', (_, response) => response.end('x'.repeat(1_001))],
    [
      'never ends',
      (_, response) => {
        const more = () => {
          while (response.write('x'.repeat(500)));
          response.once('drain', more);
        };
        more();
      },
    ],
  ])('has no answer of a server that %s', async (_, given) => {
    answer = given;
    await expect(fetching()(own)).rejects.toThrow(UnreachableError);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['says nothing', () => undefined],
    ['begins and does not go on', (_, response) => void response.write('{')],
  ])('does not wait for one that %s', async (_, given) => {
    answer = given;
    await expect(fetching({ timeoutMs: 50 })(own)).rejects.toThrow('no answer in 50 ms');
  });

  it.each([
    ['a literal address', (at: number) => `https://127.0.0.1:${at}/`],
    ['one in IPv6 dress', (at: number) => `https://[::ffff:127.0.0.1]:${at}/`],
    ['one in another spelling', (at: number) => `https://0x7f.1:${at}/`],
    ['the unspecified address', (at: number) => `https://0.0.0.0:${at}/`],
    ['plain http', (at: number) => `http://127.0.0.1:${at}/`],
    ['credentials in it', () => 'https://user:password@example.com/'],
    ['another scheme', () => 'file:///etc/passwd'],
  ])('asks nobody beside the trusted host on this machine: %s [G08, bug 70]', async (_, address) => {
    const stranger = fetching({ trusted: 'https://idp.example.com' });
    await expect(stranger(address(port))).rejects.toThrow(UnreachableError);
    expect(asked).toHaveLength(0);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['fe80::1'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::a00:1'],
    ['203.0.113.1', '127.0.0.1'],
  ])('asks nobody whose name turns out to mean %s [G08, bug 70]', async (...addresses) => {
    const stranger = fetching({ trusted: 'https://idp.example.com', resolve: saying(...addresses) });
    await expect(stranger(`https://keys.example.com:${port}/`)).rejects.toThrow('not public');
    expect(asked).toHaveLength(0);
  });

  it("lets the operator's own host stand in the operator's own network, but never link-local [G08]", async () => {
    const trusted = `http://localhost:${port}`;
    expect((await fetching({ trusted, resolve: saying('127.0.0.1') })(`${trusted}/a`)).status).toBe(200);
    await expect(fetching({ trusted, resolve: saying('169.254.169.254') })(trusted)).rejects.toThrow(
      'not public',
    );
    // The name is trusted, not the address.
    await expect(fetching({ trusted })(own)).rejects.toThrow(UnreachableError);
    expect(asked).toHaveLength(1);
  });
});
