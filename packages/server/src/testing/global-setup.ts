import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from './free-port.ts';
import { postgresLibrary } from './postgres-library.ts';
import { makeTemplates } from './templates.ts';

const MEMORY = '/dev/shm';
/** Ten times what a run has written at any one time. */
const ROOM_BYTES = 4 * 1024 ** 3;

/**
 * A folder for everything that the run writes, in memory where there is plenty: each commit to a SQLite file waits for
 * the disk twice, and thousands are made. Whatever asks for the temporary folder is given this one.
 */
function temporaryFolder(): string {
  const hasRoom = () => {
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, freemem()) >= ROOM_BYTES;
  };
  const folder = mkdtempSync(join(existsSync(MEMORY) && hasRoom() ? MEMORY : tmpdir(), 'fluxgate-'));
  // PostgreSQL runs as a user of its own when the tests are root's, and has to get through to its files.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return folder;
}

/**
 * What it holds is thrown away with it, so nothing needs to outlive a fall of the machine. Processes of ours that tests
 * kill lose nothing by this: what they have committed is PostgreSQL's, which goes on.
 */
const CARELESS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_wal_size=256MB'];

/**
 * The library below ends the process itself once nothing is left to do, and with 0: a run with failed tests would be a
 * success to whoever asks the shell. This comes first, and ends it with what the run has come to.
 */
function keepExitCode(): void {
  process.prependListener('beforeExit', () => {
    if (process.exitCode) process.exit();
  });
}

/** Starts one real PostgreSQL server for the whole run. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // Before the temporary folder is in memory.
  const { Library, remove } = await postgresLibrary();
  const folder = temporaryFolder();
  const databaseDir = mkdtempSync(join(folder, 'postgres-'));
  const port = await freePort();
  const server = new Library({
    databaseDir,
    port,
    user: 'postgres',
    password: 'test',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['max_connections=300', 'listen_addresses=127.0.0.1', ...CARELESS].flatMap((flag) => [
      '-c',
      flag,
    ]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  keepExitCode();
  await server.initialise();
  await server.start();
  const postgresUrl = `postgres://postgres:test@127.0.0.1:${port}/postgres`;
  const templateFolder = mkdtempSync(join(folder, 'template-'));
  await makeTemplates(postgresUrl, templateFolder);
  provide('postgresUrl', postgresUrl);
  provide('templateFolder', templateFolder);
  return async () => {
    await server.stop();
    remove();
    rmSync(folder, { recursive: true, force: true });
  };
}
