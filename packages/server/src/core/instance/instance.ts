import type { InstanceKey } from '../../crypto/index.ts';
import { consumed, type Database, type Migration, type Transaction } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    instance: {
      id: number;
      key_fingerprint: string;
      /** When the first administrator was made by the printed link. */
      set_up_at: number | null;
    };
  }
}

export const instanceMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-00-instance',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('instance')
        .addColumn('id', integer, (column) => column.primaryKey())
        .addColumn('key_fingerprint', text, (column) => column.notNull())
        .addColumn('set_up_at', instant)
        .execute();
    },
  },
];

const NO_KEY =
  'This database belongs to an instance key that is not here. Copy instance.key from the data folder of the node that made it, or set FLUXGATE_INSTANCE_KEY to the same value.';
const OTHER_KEY =
  'This database belongs to another instance key. All nodes share one: copy instance.key (or FLUXGATE_INSTANCE_KEY) from the node that made the database.';

/** The installation has one row. */
const ONLY = 1;

interface KeySource {
  /** The key that is configured or lies in the data folder; null when there is none. */
  found: InstanceKey | null;
  /** Makes one; called only for a database that has never seen a key. */
  make(): InstanceKey;
}

/**
 * The key that belongs to this database. A fresh database takes whatever key it is given; one that knows a key
 * refuses any other, because nothing sealed could be opened again.
 */
export async function bindInstanceKey(db: Database, { found, make }: KeySource): Promise<InstanceKey> {
  const known = await fingerprint(db);
  if (known !== null && found === null) {
    throw new Error(NO_KEY);
  }
  const key = found ?? make();
  if (known === null) {
    await db
      .insertInto('instance')
      .values({ id: ONLY, key_fingerprint: key.fingerprint, set_up_at: null })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
  if ((await fingerprint(db)) !== key.fingerprint) {
    throw new Error(OTHER_KEY);
  }
  return key;
}

/** As `bindInstanceKey`, but changes nothing: throws where it would. */
export async function requireInstanceKey(db: Database, found: InstanceKey | null): Promise<void> {
  const known = await fingerprint(db);
  if (known === null) return;
  if (found === null) throw new Error(NO_KEY);
  if (known !== found.fingerprint) throw new Error(OTHER_KEY);
}

/** Whether this is the one set-up that counts: two nodes may have printed a link each. */
export async function claimSetUp(tx: Transaction, now: number): Promise<boolean> {
  return await consumed(
    tx.updateTable('instance').set({ set_up_at: now }).where('id', '=', ONLY).where('set_up_at', 'is', null),
  );
}

async function fingerprint(db: Database): Promise<string | null> {
  const row = await db
    .selectFrom('instance')
    .select('key_fingerprint')
    .where('id', '=', ONLY)
    .executeTakeFirst();
  return row?.key_fingerprint ?? null;
}
