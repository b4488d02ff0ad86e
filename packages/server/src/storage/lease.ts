import type { Database } from './database.ts';

interface Lease {
  name: string;
  /** Who asks: unguessable, so that two processes are never the same holder. */
  holder: string;
  /** How long the work may take before another node may step in. */
  milliseconds: number;
  now: () => number;
}

/**
 * Does one-off work on one node at a time: takes the named lease, works, gives it back. Returns whether it got
 * the lease; a holder that died loses it after `milliseconds`, so the work must be safe to repeat.
 */
export async function withLease(db: Database, lease: Lease, work: () => Promise<void>): Promise<boolean> {
  if (!(await take(db, lease))) return false;
  try {
    await work();
  } finally {
    await db.deleteFrom('lease').where('name', '=', lease.name).where('holder', '=', lease.holder).execute();
  }
  return true;
}

async function take(db: Database, { name, holder, milliseconds, now }: Lease): Promise<boolean> {
  const at = now();
  const taken = await db
    .insertInto('lease')
    .values({ name, holder, expires_at: at + milliseconds })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, expires_at: at + milliseconds })
        .where('lease.expires_at', '<=', at),
    )
    .returning('holder')
    .executeTakeFirst();
  return taken?.holder === holder;
}
