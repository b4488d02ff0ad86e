import { setTimeout as wait } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Storage, Transaction } from './database.ts';
import { StorageError } from './errors.ts';
import { withLease } from './lease.ts';

/** Column types that mean the same on both databases. */
interface ColumnTypes {
  /** Text that sorts by bytes everywhere, so that prefixes and cursors can use its index. */
  text: RawBuilder<unknown>;
  /** Milliseconds since 1970. */
  instant: RawBuilder<unknown>;
  integer: RawBuilder<unknown>;
  /** Reads and writes `Buffer`. */
  bytes: RawBuilder<unknown>;
}

/** One step forward; there is no step back. `name` begins with its date and is never changed once released. */
export interface Migration {
  name: string;
  up(tx: Transaction, types: ColumnTypes): Promise<void>;
}

const TYPES: Record<Storage['dialect'], ColumnTypes> = {
  sqlite: { text: sql`text`, instant: sql`integer`, integer: sql`integer`, bytes: sql`blob` },
  postgres: { text: sql`text collate "C"`, instant: sql`bigint`, integer: sql`integer`, bytes: sql`bytea` },
};

/** A holder that dies in the middle keeps others waiting no longer than this. */
const LEASE_MS = 30_000;
const RETRY_MS = 250;
/** The lock's name, of our own choosing; other programs in the same PostgreSQL database have others. */
const LOCK = 7_305_112_208;

/** The migrations that this database has not seen yet, in order. */
export async function pendingMigrations(storage: Storage, all: readonly Migration[]): Promise<Migration[]> {
  await createOwnTables(storage);
  const rows = await storage.db.selectFrom('migration').select('name').execute();
  const applied = new Set(rows.map((row) => row.name));
  const known = new Set(all.map((migration) => migration.name));
  const foreign = [...applied].filter((name) => !known.has(name));
  if (foreign.length > 0) {
    throw new Error(
      `This database was migrated by a newer release (it knows ${foreign.join(', ')}). Start that release, or restore the backup made before the upgrade.`,
    );
  }
  return all.filter((migration) => !applied.has(migration.name));
}

/**
 * Brings the database to this release, each migration in a transaction of its own, so that an interrupted run
 * goes on where it stopped. One node works; the others wait for it, also when a migration takes longer than the
 * lease, which only keeps them from taking turns. Returns the names it applied.
 */
export async function migrate(
  storage: Storage,
  all: readonly Migration[],
  now: () => number,
): Promise<string[]> {
  const ordered = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const applied: string[] = [];
  const lease = { name: 'migrations', holder: storage.nodeName, milliseconds: LEASE_MS, now };

  /** Does what is left; `busy` while somebody else does. */
  async function work(): Promise<'done' | 'busy'> {
    if ((await pendingMigrations(storage, ordered)).length === 0) return 'done';
    let outcome: 'done' | 'busy' = 'busy';
    await withLease(storage.db, lease, async () => {
      for (const migration of await pendingMigrations(storage, ordered)) {
        const found = await apply(storage, migration, now());
        if (found === 'busy') return;
        if (found === 'applied') applied.push(migration.name);
      }
      outcome = 'done';
    });
    return outcome;
  }

  for (;;) {
    const outcome = await work().catch((error: unknown) => {
      if (isWriterBusy(error)) return 'busy';
      throw error;
    });
    if (outcome === 'done') return applied;
    await wait(RETRY_MS);
  }
}

/** Another process writes to the file, and has for longer than SQLite itself waits. */
function isWriterBusy(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'SQLITE_BUSY';
}

/**
 * Holds what nobody else can have until the transaction ends, and that ends with the connection: on PostgreSQL an
 * advisory lock, on SQLite the file's one writer.
 */
async function apply(
  storage: Storage,
  migration: Migration,
  at: number,
): Promise<'applied' | 'known' | 'busy'> {
  return await storage.transaction(async (tx) => {
    if (storage.dialect === 'postgres' && !(await tryLock(tx))) return 'busy';
    const mine = await tx
      .insertInto('migration')
      .values({ name: migration.name, applied_at: at })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('name')
      .executeTakeFirst();
    if (!mine) return 'known';
    await migration.up(tx, TYPES[storage.dialect]);
    return 'applied';
  });
}

async function tryLock(tx: Transaction): Promise<boolean> {
  const { rows } = await sql<{
    locked: boolean;
  }>`select pg_try_advisory_xact_lock(${sql.lit(LOCK)}) as locked`.execute(tx);
  return rows[0]?.locked === true;
}

/** More than nodes could ever collide; each collision leaves one table more in place. */
const MAX_TRIES = 20;

/** Storage's own tables have to be there before the first migration can be run under a lease. */
async function createOwnTables({ db, dialect }: Storage): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await createTables(db, TYPES[dialect]);
      return;
    } catch (error) {
      // PostgreSQL's `if not exists` is no lock: of nodes that begin together, some are told "duplicate".
      if (attempt === MAX_TRIES || isWriterBusy(error)) throw error;
      await wait(RETRY_MS / 10);
    }
  }
}

async function createTables(db: Database, { text, instant, integer }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('applied_at', instant, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('lease')
    .ifNotExists()
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('holder', text, (column) => column.notNull())
    .addColumn('expires_at', instant, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('node')
    .ifNotExists()
    .addColumn('number', integer, (column) => column.primaryKey())
    .addColumn('holder', text, (column) => column.notNull())
    .addColumn('expires_at', instant, (column) => column.notNull())
    .execute();
}
