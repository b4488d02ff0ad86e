import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';

const UNREAD: ReadonlyMap<string, readonly [status: string, message: string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'The request took too long to arrive.']],
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'The headers are too long.']],
]);
const NO_REQUEST = ['400 Bad Request', 'This is no request that can be read.'] as const;

/** Long enough to read one answer; a connection that is closed with bytes unread loses it. */
const LINGER_MS = 1_000;

/**
 * Whether a proxy in front may have understood another request than we do: two hosts, in two headers or in address and
 * header, or a body in a coding that we would take for none (RFC 9112, sections 3.2 and 6.1).
 */
export function isAmbiguous({ raw, originalUrl, headers }: FastifyRequest): boolean {
  let hosts = 0;
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  const coding = headers['transfer-encoding'];
  if (hosts > 1 || (coding !== undefined && coding.toLowerCase() !== 'chunked')) return true;
  if (originalUrl.startsWith('/') || originalUrl === '*') return false;
  return !isAt(originalUrl, headers.host);
}

/** Whether an address in absolute form names the host of the header, if there is one, however each is written. */
function isAt(address: string, host: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host: named } = new URL(address);
  if (host === undefined) return true;
  const header = `${protocol}//${host}`;
  return URL.canParse(header) && new URL(header).host === named;
}

/** One answer to bytes that are no request, and the end of their connection, whatever its other side does. */
export function answerUnread(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = UNREAD.get(code) ?? NO_REQUEST;
  const body = JSON.stringify({ code: 'BAD_REQUEST', message });
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  // What comes too late must not be acted on after all: its sender has been told that it was not read.
  const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT';
  socket.end([`HTTP/1.1 ${status}`, ...lines, '', body].join('\r\n'), () => isLate && socket.destroy());
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
