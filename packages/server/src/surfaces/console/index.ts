/**
 * Owns serving the built console at `/console/`: files, and its one document for every address inside it. The
 * console itself is a client of the admin API like any other (`packages/console`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const NOT_BUILT =
  'The console is not built. Run: npm start (it builds everything), or npm run build in packages/console.';

/** `folder` is the console's `dist`. */
export async function consoleSurface(app: FastifyInstance, folder: string): Promise<void> {
  const document = join(folder, 'index.html');
  const html = existsSync(document) ? readFileSync(document) : null;
  app.get('/console', { schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/console/', 308),
  );
  if (!html) {
    app.get('/console/', { schema: { hide: true } }, async (_request, reply) =>
      reply.code(503).send({ message: NOT_BUILT }),
    );
    return;
  }
  await app.register(files, {
    root: join(folder, 'assets'),
    prefix: '/console/assets/',
    // Their names carry a hash of their content.
    immutable: true,
    maxAge: '365d',
    index: false,
    wildcard: true,
    decorateReply: false,
    schemaHide: true,
  });
  const icon = readFileSync(join(folder, 'favicon.svg'));
  app.get('/console/favicon.svg', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=3600').send(icon),
  );
  const settings = ['/console/settings', '/console/settings/*'];
  const projects = ['/console/projects', '/console/projects/*'];
  for (const path of ['/console/', '/console/users/:id', '/console/audit', ...projects, ...settings]) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html),
    );
  }
}
