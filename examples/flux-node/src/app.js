import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import Flux, { FluxError, isRefusedSession } from '@flux/sdk';
import { fluxExpress } from '@flux/sdk/express';
import { createReply } from './reply.js';
import { accountRoutes } from './routes-account.js';
import { mfaRoutes } from './routes-mfa.js';
import { openRoutes } from './routes-open.js';

/**
 * @typedef {import('@flux/sdk').FluxUser} FluxUser
 * @typedef {{ fluxUrl: string, secretKey: string, publishableKey: string, appUrl: string }} Settings
 * @typedef {{ url: URL, user: FluxUser | null, bearer: string, form(): Promise<Record<string, string>>, json(): Promise<Record<string, unknown>> }} Asked
 * @typedef {import('./reply.js').Answers} Answers
 * @typedef {(asked: Asked, answer: Answers) => unknown} Handler
 * @typedef {{ flux: Flux, settings: Settings }} Parts
 */

const MAX_BODY = 64_000;

/** The page's own files, and the SDK as it is: a browser needs no bundle of it. */
const FILES = /** @type {const} */ ({
  '/page.js': ['../browser/page.js', 'text/javascript'],
  '/messages.js': ['../browser/messages.js', 'text/javascript'],
  '/style.css': ['../browser/style.css', 'text/css'],
});
const SDK = import.meta.resolve('@flux/sdk/browser');

/** @param {string} path */
async function fileFor(path) {
  const own = Object.entries(FILES).find(([name]) => name === path)?.[1];
  if (own) return { type: own[1], body: await readFile(new URL(own[0], import.meta.url)) };
  const [, name] = /^\/sdk\/([\w-]+\.js)$/.exec(path) ?? [];
  if (!name) return null;
  const body = await readFile(fileURLToPath(new URL(name, SDK))).catch(() => null);
  return body && { type: 'text/javascript', body };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_BODY) throw new RangeError('The body is too long.');
  }
  return text;
}

/** What a session that owes its second factor may do here: show it, set the first one up, leave.
 * @param {string} path */
const isForOwing = (path) => /^\/(?:mfa|security\/(?:totp|sms|confirm)|sign-out|session)(?:\/|$)/.test(path);

/**
 * The app as a server that is not listening yet.
 * @param {Settings} settings
 */
export function createApp(settings) {
  const { fluxUrl: baseUrl, secretKey, publishableKey, appUrl } = settings;
  const flux = Flux.init(secretKey, { baseUrl, publishableKey });
  const secureCookie = appUrl.startsWith('https:');
  const parts = { flux, settings };
  /** @type {Record<string, Handler>} */
  const routes = { ...openRoutes(parts), ...mfaRoutes(parts), ...accountRoutes(parts) };
  // Reads the cookie, verifies, puts the renewed token back: `request.user` is who asks, or null.
  const recognise = fluxExpress(flux, { required: false, secureCookie });

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', appUrl);
    const answer = createReply(response, settings, secureCookie);

    async function serve() {
      const handler = routes[`${request.method} ${url.pathname}`];
      if (!handler) return answer.refuse(404, 'There is no such page.');
      const { user = null } = /** @type {{ user?: FluxUser | null }} */ (request);
      if (user?.session.mfaRequired && !isForOwing(url.pathname)) return answer.leadTo('/mfa');
      const text = request.method === 'POST' ? await bodyOf(request) : '';
      const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      await handler(
        {
          ...{ url, user, bearer },
          form: async () => Object.fromEntries(new URLSearchParams(text)),
          json: async () => JSON.parse(text),
        },
        answer,
      );
    }

    /** @param {unknown} error */
    function failed(error) {
      if (response.headersSent) return response.destroy();
      if (isRefusedSession(error)) return answer.end().leadTo('/sign-in');
      if (error instanceof FluxError && error.status !== 0 && error.status < 500)
        return answer.message(error);
      process.stderr.write(`flux-example: ${error instanceof Error ? error.stack : error}\n`);
      return answer.refuse(503, 'That did not work. Try again in a moment.');
    }

    async function begin() {
      const file = request.method === 'GET' ? await fileFor(url.pathname) : null;
      if (file) return answer.file(file);
      // What changes something comes from a page of ours: no other site can sign anybody in or out here.
      if (request.method === 'POST' && request.headers.origin !== new URL(appUrl).origin) {
        return answer.refuse(403, 'This came from another site.');
      }
      recognise(request, response, (error) => {
        if (error) failed(error);
        else serve().catch(failed);
      });
    }
    begin().catch(failed);
  });
  server.on('close', () => flux.close());
  return server;
}
