import type { Socket } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { RandomBytes } from './crypto/index.ts';
import {
  createSerializerCompiler,
  createValidatorCompiler,
  readableUrl,
  securityHeaders,
} from './http/index.ts';

/** Bodies larger than any request of ours. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** The longest there is: a passkey's id, 1,023 bytes in base64url. */
const MAX_PARAM = 1364;

const UNREAD: ReadonlyMap<string, readonly [status: string, message: string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'The request took too long to arrive.']],
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'The headers are too long.']],
]);

interface AppOptions {
  publicUrl: string;
  logger: Logger;
  random: RandomBytes;
}

/** What all answers have in common, whatever the surface: limits, security headers, a request id, one line in the log. */
export function createApp({ publicUrl, logger, random }: AppOptions): FastifyInstance {
  const headers = securityHeaders(publicUrl.startsWith('https:'));
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line an answer, by route template: paths and queries may hold secrets.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers['x-request-id'], random),
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    return503OnClosing: true,
    exposeHeadRoutes: true,
    rewriteUrl: ({ url = '/' }) => readableUrl(url, MAX_PARAM),
    routerOptions: { maxParamLength: MAX_PARAM, caseSensitive: true, ignoreTrailingSlash: false },
    // What cannot be read as HTTP reaches no surface.
    clientErrorHandler: (error, socket) => answerUnread(error as NodeJS.ErrnoException, socket, headers),
    frameworkErrors: (_error, _request, reply) => {
      const answer = { code: 'BAD_REQUEST', message: 'This address cannot be read.' };
      (reply as FastifyReply).headers(headers).code(400).send(answer);
    },
  });
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(createSerializerCompiler());
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    // No database takes a NUL in a text, and nothing of ours is called by one.
    if (isAmbiguous(request)) throw unread('The request can be read in more ways than one.');
    if (request.url.includes('%00') && request.routeOptions.url !== undefined) {
      throw unread('This address cannot be read.');
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
  return app;
}

/** To be thrown, so that each surface answers in its own words. */
function unread(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}

/**
 * Whether a proxy in front may have understood another request than we do: two hosts, in two headers or in address and
 * header, or a body in a coding that we would take for none (RFC 9112, sections 3.2 and 6.1).
 */
function isAmbiguous({ raw, originalUrl, headers }: FastifyRequest): boolean {
  let hosts = 0;
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  const coding = headers['transfer-encoding'];
  if (hosts > 1 || (coding !== undefined && coding.toLowerCase() !== 'chunked')) return true;
  if (originalUrl.startsWith('/') || originalUrl === '*') return false;
  return !URL.canParse(originalUrl) || new URL(originalUrl).host !== headers.host;
}

/** One answer to bytes that are no request, and the end of their connection. */
function answerUnread(
  { code }: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = UNREAD.get(code ?? '') ?? [
    '400 Bad Request',
    'This is no request that can be read.',
  ];
  const body = JSON.stringify({ code: 'BAD_REQUEST', message });
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status}`, ...lines, '', body].join('\r\n'));
}

/** A client's own id if it is harmless in a log, else a new one. */
function requestId(sent: string | string[] | undefined, random: RandomBytes): string {
  return typeof sent === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(sent)
    ? sent
    : Buffer.from(random(12)).toString('hex');
}
