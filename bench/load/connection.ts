import { connect, type Socket } from 'node:net';

export interface Reply {
  status: number;
  bodyBytes: number;
  /** As it came; read only where the next request needs something of it. */
  body: Buffer;
}

const READ_BYTES = 64 * 1024;
const HEAD_END = '\r\n\r\n';

/**
 * One kept-alive HTTP/1.1 connection, one request at a time. It reads no more of an answer than its status and
 * length: on a small machine a full HTTP client costs as much as the server it measures, and would hide the
 * difference between two fast routes.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer | null = null;
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null;

  private constructor(port: number) {
    // One buffer for all that arrives: a new one of 64 KiB for each answer is most of what reading it costs.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const callback = (bytes: number) => {
      this.#take(Buffer.from(buffer.subarray(0, bytes)));
      return true;
    };
    const onread = { buffer, callback };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed a connection in use.')));
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await new Promise<void>((resolve, reject) => {
      connection.#socket.once('connect', resolve);
      connection.#socket.once('error', reject);
    });
    return connection;
  }

  static async openMany(port: number, count: number): Promise<Connection[]> {
    return await Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  }

  send(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#fail(new Error(`An answer does not tell its length:\n${head}`));
      return;
    }
    const bodyBytes = Number(length);
    if (received.length < headEnd + HEAD_END.length + bodyBytes) return;
    this.#received = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    const body = received.subarray(headEnd + HEAD_END.length);
    waiting?.resolve({ status: Number(head.slice(9, 12)), bodyBytes, body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
    this.#socket.destroy();
  }
}
