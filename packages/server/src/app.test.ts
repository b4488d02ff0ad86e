import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, newEmail, type World } from './testing/index.ts';

describe('bytes that two servers may read in two ways', () => {
  let world: World;
  let host: string;
  let token: string;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
    host = new URL(world.baseUrl).host;
    const email = newEmail();
    await world.register(world.client(), { email });
    ({ token } = await world.newestMail(email, 'email_verification'));
  });
  afterAll(() => world.close());

  /** All that comes back before the server hangs up, or falls silent after its one answer. */
  function answerTo(lines: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const { hostname, port } = new URL(world.baseUrl);
      const socket = connect(Number(port), hostname, () => socket.write(lines.join('\r\n')));
      socket.setEncoding('utf8').on('data', (part: string) => {
        answer += part;
        const [head = '', body = ''] = answer.split('\r\n\r\n');
        const length = /^content-length: (\d+)$/im.exec(head)?.[1];
        if (length !== undefined && Buffer.byteLength(body) >= Number(length)) socket.destroy();
      });
      socket.once('close', () => resolve(answer));
      socket.once('error', reject);
    });
  }

  const mailbox = 'GET /dev/mailbox.json HTTP/1.1';
  const login = ['POST /v1/auth/login HTTP/1.1', 'content-type: application/json'];

  it('are known by their answers: the same request in one reading is answered', async () => {
    const answer = await answerTo([mailbox, `host: ${host}`, '', '']);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(token);
    const absolute = `GET http://${host}/dev/mailbox.json HTTP/1.1`;
    expect(await answerTo([absolute, `host: ${host}`, '', ''])).toMatch(/^HTTP\/1\.1 200 /);
    const spelt = `GET http://${host.toUpperCase()}/dev/mailbox.json HTTP/1.1`;
    expect(await answerTo([spelt, `host: ${host}`, '', ''])).toMatch(/^HTTP\/1\.1 200 /);
    const chunked = [...login, `host: ${host}`, 'transfer-encoding: chunked', '', '2', '{}', '0', '', ''];
    expect(await answerTo(chunked)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"path":"password"/);
  });

  const ambiguous: [string, (host: string) => string[]][] = [
    ['two hosts', (host) => [mailbox, `host: ${host}`, 'host: evil.example', '', '']],
    ['the same host twice', (host) => [mailbox, `host: ${host}`, `Host: ${host}`, '', '']],
    [
      'a host in the address and another in the header',
      (host) => ['GET http://evil.example/dev/mailbox.json HTTP/1.1', `host: ${host}`, '', ''],
    ],
    [
      'a coding under the chunks',
      (host) => [
        ...[...login, `host: ${host}`, 'transfer-encoding: gzip, chunked'],
        ...['', '2', '{}', '0', '', ''],
      ],
    ],
    [
      'a length beside chunks',
      (host) => [
        ...[...login, `host: ${host}`, 'content-length: 2', 'transfer-encoding: chunked'],
        ...['', '2', '{}', '0', '', ''],
      ],
    ],
    [
      'two lengths',
      (host) => [...login, `host: ${host}`, 'content-length: 2', 'content-length: 3', '', '{} '],
    ],
    ['a line that is none', (host) => ['GET / / HTTP/1.1', `host: ${host}`, '', '']],
  ];

  it.each(ambiguous)(
    'are refused in words that a client can read, whatever they ask for: %s [I09]',
    async (_, lines) => {
      const answer = await answerTo(lines(host));
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toMatch(/^content-type: (application\/json|text\/html); charset=utf-8\r$/im);
      expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im);
      expect(answer).toMatch(/^connection: close\r$/im);
      expect(answer).not.toContain(token);
      expect(answer).not.toContain('"path":"password"');
    },
  );

  it('are refused when their headers do not end', async () => {
    const answer = await answerTo([mailbox, `host: ${host}`, `x-long: ${'a'.repeat(40_000)}`, '', '']);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('{"code":"BAD_REQUEST","message":"The headers are too long."}');
  });

  it('do not hide what a proxy says behind a thousand other headers [I08]', async () => {
    const junk = Array.from({ length: 1_200 }, () => 'a:');
    expect(await answerTo([mailbox, `host: ${host}`, ...junk, '', ''])).toMatch(/^HTTP\/1\.1 200 /);
    const proxied = await answerTo([mailbox, `host: ${host}`, ...junk, 'x-forwarded-for: 192.0.2.1', '', '']);
    expect(proxied).toMatch(/^HTTP\/1\.1 403 /);
    expect(proxied).not.toContain(token);
    const twice = await answerTo([mailbox, `host: ${host}`, ...junk, 'host: evil.example', '', '']);
    expect(twice).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('keep no connection open: their sender is hung up on who does not hang up [K03, N09]', async () => {
    const { hostname, port } = new URL(world.baseUrl);
    const heard = await new Promise<string>((resolve, reject) => {
      let answer = '';
      // Half open: the server's end alone closes nothing on this side.
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.write('GET / / HTTP/1.1\r\n\r\n');
      socket.setEncoding('utf8').on('data', (part: string) => {
        answer += part;
      });
      // Told to write on, the other side has nobody left to read it.
      const writing = setInterval(() => socket.write('x'), 100);
      const end = () => {
        clearInterval(writing);
        resolve(answer);
      };
      socket.once('close', end).on('error', end);
      setTimeout(() => reject(new Error('The connection is still open.')), 20_000).unref();
    });
    expect(heard).toMatch(/^HTTP\/1\.1 400 /);
  });
});
