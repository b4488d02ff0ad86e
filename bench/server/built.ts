// The server as it was built, with the types of the sources it was built from.
const DIST = new URL('../../packages/server/dist/', import.meta.url);

async function load(file: string): Promise<unknown> {
  return await import(new URL(file, DIST).href);
}

export const { createServer } = (await load(
  'server.js',
)) as typeof import('../../packages/server/src/server.ts');
export const { createLogger } = (await load(
  'logger.js',
)) as typeof import('../../packages/server/src/logger.ts');
export const { loadConfig } = (await load(
  'config/index.js',
)) as typeof import('../../packages/server/src/config/index.ts');
export const { tokenHash } = (await load(
  'crypto/index.js',
)) as typeof import('../../packages/server/src/crypto/index.ts');

export type Server = import('../../packages/server/src/server.ts').Server;
