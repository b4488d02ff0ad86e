import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Serves the named files of a folder below `/assets/`; they are read once, and looked for anew every five minutes. */
export function serveAssets(app: FastifyInstance, folder: URL, names: readonly string[]): void {
  for (const name of names) {
    const bytes = readFileSync(new URL(name, folder));
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    app.get(`/assets/${name}`, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(bytes),
    );
  }
}

/** What the parts of this folder need in a browser. */
export function serveKitAssets(app: FastifyInstance): void {
  const names = ['app.css', 'icon.svg', 'token.js', 'passkey.js', 'captcha.js'];
  serveAssets(app, new URL('./assets/', import.meta.url), names);
}
