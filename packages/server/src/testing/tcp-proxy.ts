import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between the server and its database, and can be as unkind as a network. */
export interface TcpProxy {
  /** The target's URL with the proxy's address in it. */
  url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Lets nothing through any more, but keeps connections open. */
  freeze(): void;
  /** As a failover that drops packets: what is connected stays silent for good, new connections work. */
  silence(): void;
  /** The next answer to a query with this text in it never arrives. */
  loseAnswerTo(text: string): void;
  restore(): void;
  close(): Promise<void>;
}

export async function createTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  let lost: string | null = null;
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
        if (socket === near && lost !== null && bytes.includes(lost)) {
          lost = null;
          silent.add(far);
        }
        if (state !== 'frozen' && !silent.has(socket)) other.write(bytes);
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
    silence() {
      for (const socket of sockets) silent.add(socket);
    },
    loseAnswerTo(text) {
      lost = text;
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
