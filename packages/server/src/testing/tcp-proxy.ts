import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between the server and its database, and can be as unkind as a network. */
export interface TcpProxy {
  /** The target's URL with the proxy's address in it. */
  url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Lets nothing through any more, but keeps connections open. */
  freeze(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function createTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => {
        if (state !== 'frozen') other.write(bytes);
      });
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(targetUrl);
  url.port = String((server.address() as AddressInfo).port);
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut() {
      state = 'cut';
      dropAll();
    },
    freeze() {
      state = 'frozen';
    },
    restore() {
      if (state === 'frozen') dropAll();
      state = 'open';
    },
    async close() {
      dropAll();
      await new Promise((closed) => server.close(closed));
    },
  };
}
