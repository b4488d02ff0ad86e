import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Follows the connections on which nothing has been asked yet. Browsers open some to spare, and a client whose request
 * broke off may open one anew; Node takes them for busy, so that a server that stops would wait a minute for them.
 */
export function followUnused(server: Server): { close(): void } {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  return {
    close() {
      for (const socket of unused) socket.destroy();
    },
  };
}
