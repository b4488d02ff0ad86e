import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { RandomBytes } from './crypto/index.ts';
import {
  answerUnread,
  createSerializerCompiler,
  createValidatorCompiler,
  isAmbiguous,
  readableUrl,
  securityHeaders,
} from './http/index.ts';

/** Bodies larger than any request of ours. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** The longest there is: a passkey's id, 1,023 bytes in base64url. */
const MAX_PARAM = 1364;

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
  // Beyond a thousand headers Node drops the rest in silence, those of a proxy among them; 16 KiB bound them as well.
  app.server.maxHeadersCount = 0;
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(createSerializerCompiler());
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    if (isAmbiguous(request)) {
      // What follows on the connection may be a request to one of two readers, and a body to the other.
      void reply.header('connection', 'close');
      throw unread('The request can be read in more ways than one.');
    }
    // No database takes a NUL in a text, and nothing of ours is called by one.
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

/** A client's own id if it is harmless in a log, else a new one. */
function requestId(sent: string | string[] | undefined, random: RandomBytes): string {
  return typeof sent === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(sent)
    ? sent
    : Buffer.from(random(12)).toString('hex');
}
