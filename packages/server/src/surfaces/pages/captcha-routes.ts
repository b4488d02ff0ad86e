import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { CaptchaAction } from '../../core/abuse/index.ts';
import type { PageTools } from './surface.ts';

/** Each costs a key derivation; a person needs one for a form. */
const CHALLENGES = { name: 'pages:captcha', limit: 120, windowMs: 60_000 };

const ACTIONS: readonly string[] = ['register', 'login', 'forgot'] satisfies CaptchaAction[];

/**
 * The widget's files, built apart by its makers so that a strict content policy can be kept: no style and no worker
 * is inside the script. The folder is found by the one file of it that the package names.
 */
const ALTCHA = dirname(createRequire(import.meta.url).resolve('altcha/altcha.css'));
const FILES = [
  { name: 'altcha.js', path: join(ALTCHA, 'altcha.min.js'), type: 'text/javascript; charset=utf-8' },
  { name: 'altcha.css', path: join(ALTCHA, 'altcha.css'), type: 'text/css; charset=utf-8' },
  {
    name: 'altcha-worker.js',
    path: join(ALTCHA, '../workers/pbkdf2.js'),
    type: 'text/javascript; charset=utf-8',
  },
];

/** What a browser fetches to solve our own puzzle; nothing while another one is in force. */
export function captchaRoutes(scope: FastifyInstance, { puzzle, traffic, originOf }: PageTools): void {
  if (puzzle?.kind !== 'pow') return;
  const { provider } = puzzle;

  scope.get<{ Querystring: { for?: unknown } }>(
    '/captcha/challenge',
    { schema: { hide: true } },
    async (request, reply) => {
      const action = request.query.for;
      if (!isAction(action)) return reply.callNotFound();
      const state = traffic.take(CHALLENGES, originOf(request).source);
      if (!state.allowed) {
        void reply.header('retry-after', Math.ceil(state.retryAfterMs / 1000));
        return reply.code(429).send({ error: 'Too many requests.' });
      }
      return reply.send(await provider.challenge(action));
    },
  );

  for (const { name, path, type } of FILES) {
    const bytes = readFileSync(path);
    scope.get(`/assets/${name}`, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(bytes),
    );
  }
}

function isAction(text: unknown): text is CaptchaAction {
  return typeof text === 'string' && ACTIONS.includes(text);
}
