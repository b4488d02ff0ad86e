import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { LocalChannel, localOnly, PostgresChannel } from './channel.ts';
import type { Database, Storage, Tables, Transaction } from './database.ts';
import { StorageError } from './errors.ts';
import { CHANGED_SHAPE, openPool } from './postgres.ts';
import { KeepingSqliteDialect, openSqliteFile, othersCommits } from './sqlite.ts';

export interface StorageSettings {
  /** `postgres://…`, or empty for the SQLite file in the data directory. */
  databaseUrl: string;
  dataDir: string;
  poolSize: number;
  nodeName: string;
  /** Told of connections that break while idle, and of a channel that is down; nothing waits for it. */
  onBackgroundError(error: unknown): void;
}

/** Opens the configured database; nothing is migrated yet. */
export async function openStorage(settings: StorageSettings): Promise<Storage> {
  return settings.databaseUrl === '' ? openSqlite(settings) : await openPostgres(settings);
}

function openSqlite({ dataDir, nodeName }: StorageSettings): Storage {
  const local = new LocalChannel();
  const file = openSqliteFile(join(dataDir, 'fluxgate.db'));
  const db: Database = new Kysely<Tables>({ dialect: new KeepingSqliteDialect(file) });
  return {
    db,
    dialect: 'sqlite',
    nodeName,
    channel: localOnly(local, othersCommits(file)),
    transaction: transactions(db, local),
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
    transaction: transactions(db, local),
    ping: () => ping(db),
    async close() {
      await channel.close();
      await db.destroy();
    },
  };
}

/**
 * What PostgreSQL asks to be tried again: a deadlock, a conflict of versions, a plan that a migration has made
 * stale, or a row that somebody else made in the meantime, which the next look will find. A decision touches nothing but the database, so it can be repeated.
 */
const REPEATABLE = new Set(['40P01', '40001', '23505', CHANGED_SHAPE]);
const MAX_TRIES = 4;

function transactions(db: Database, local: LocalChannel): Storage['transaction'] {
  async function once<T>(decide: (tx: Transaction) => Promise<T>): Promise<T> {
    let decidedIn: Transaction | null = null;
    try {
      return await db.transaction().execute(async (tx) => {
        const decided = await decide(tx);
        decidedIn = tx;
        return decided;
      });
    } finally {
      // Also where the commit failed: its answer may be all that was lost. Who hears it for nothing reads once more.
      if (decidedIn) local.release(decidedIn);
    }
  }

  return async (decide) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(decide);
      } catch (error) {
        if (attempt === MAX_TRIES || !(error instanceof StorageError) || !REPEATABLE.has(error.code))
          throw error;
      }
    }
  };
}

async function ping(db: Database): Promise<void> {
  await sql`select 1`.execute(db);
}
