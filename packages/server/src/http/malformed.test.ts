import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerUnread } from './malformed.ts';

describe('a request that does not arrive in time', () => {
  let server: Server;
  let read = 0;
  beforeAll(async () => {
    server = createServer({ requestTimeout: 300, connectionsCheckingInterval: 50 }, (request, response) => {
      request.resume().once('end', () => {
        read++;
        response.end('done');
      });
    });
    server.on('clientError', (error, socket) => answerUnread(error, socket as never, { 'x-ours': 'yes' }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is told so and hung up on; what comes of it afterwards is not acted on [K03, N09]', async () => {
    const { port } = server.address() as AddressInfo;
    const answer = await new Promise<string>((resolve) => {
      let heard = '';
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n{}');
      socket.setEncoding('utf8').on('data', (part: string) => {
        heard += part;
        // The rest, now that it is too late. A half-open socket of ours closes with the first write that nobody takes.
        const writing = setInterval(() => (socket.closed ? clearInterval(writing) : socket.write('{}')), 50);
      });
      socket.once('error', () => undefined).once('close', () => resolve(heard));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nx-ours: yes\r\n/);
    expect(answer).toContain('"code":"BAD_REQUEST"');
    expect(read).toBe(0);
    expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
  });
});
