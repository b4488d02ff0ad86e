import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { LocalChannel, localOnly, PostgresChannel } from './channel.ts';
import type { Database, Storage, Tables } from './database.ts';
import { openPool } from './postgres.ts';
import { KeepingSqliteDialect, openSqliteFile, othersCommits } from './sqlite.ts';
import { ownCommits, sharedCommits } from './transactions.ts';

export interface StorageSettings {
  /** `postgres://…`, or empty for the SQLite file in the data directory. */
  databaseUrl: string;
  dataDir: string;
  poolSize: number;
  nodeName: string;
  /** Told of connections that break while idle, and of a channel that is down; nothing waits for it. */
  onBackgroundError(error: unknown): void;
}

const NOWHERE = new Set(['ENOENT', 'ENOTDIR']);

/** Whether there is anything to open yet; PostgreSQL's databases are made by its operator. */
export function hasDatabase({
  databaseUrl,
  dataDir,
}: Pick<StorageSettings, 'databaseUrl' | 'dataDir'>): boolean {
  if (databaseUrl !== '') return true;
  try {
    return statSync(fileIn(dataDir)).isFile();
  } catch (error) {
    // Where this user may not look, there may well be one: opening it will say what is wrong.
    return !NOWHERE.has((error as NodeJS.ErrnoException).code ?? '');
  }
}

const fileIn = (dataDir: string) => join(dataDir, 'fluxgate.db');

/** Opens the configured database; nothing is migrated yet. */
export async function openStorage(settings: StorageSettings): Promise<Storage> {
  return settings.databaseUrl === '' ? openSqlite(settings) : await openPostgres(settings);
}

function openSqlite({ dataDir, nodeName }: StorageSettings): Storage {
  const local = new LocalChannel();
  const file = openSqliteFile(fileIn(dataDir));
  const db: Database = new Kysely<Tables>({ dialect: new KeepingSqliteDialect(file) });
  return {
    db,
    dialect: 'sqlite',
    nodeName,
    channel: localOnly(local, othersCommits(file)),
    transaction: sharedCommits(db, local),
    ping: () => ping(db),
    close: () => db.destroy(),
  };
}

async function openPostgres(settings: StorageSettings): Promise<Storage> {
  const local = new LocalChannel();
  const pool = openPool({
    url: settings.databaseUrl,
    poolSize: settings.poolSize,
    onIdleError: settings.onBackgroundError,
  });
  const db: Database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const channel = new PostgresChannel({
    url: settings.databaseUrl,
    local,
    nodeName: settings.nodeName,
    monotonicMs: () => performance.now(),
    onError: settings.onBackgroundError,
  });
  try {
    await channel.open();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    db,
    dialect: 'postgres',
    nodeName: settings.nodeName,
    channel,
    transaction: ownCommits({ db, local, connections: settings.poolSize }),
    ping: () => ping(db),
    async close() {
      await channel.close();
      await db.destroy();
    },
  };
}

async function ping(db: Database): Promise<void> {
  await sql`select 1`.execute(db);
}
