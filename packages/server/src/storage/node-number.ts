import type { Database } from './database.ts';

/** Ten bits of a snowflake tell the node. */
const NODE_NUMBERS = 1024;
const LEASE_MS = 600_000;

export interface NodeNumbers {
  /** This node's number, good for ids made at `now`; no other living node has it. */
  current(now: number): Promise<number>;
}

/** Leases a number when the first id is wanted and renews it with use; an idle node asks for nothing. */
export function createNodeNumbers(db: Database, holder: string): NodeNumbers {
  let leased: { number: number; until: number } | null = null;
  let pending: Promise<number> | null = null;

  async function take(now: number): Promise<number> {
    if (leased && (await renewed(db, { number: leased.number, holder, now }))) {
      leased = { number: leased.number, until: now + LEASE_MS };
      return leased.number;
    }
    const number = await lease(db, holder, now);
    leased = { number, until: now + LEASE_MS };
    return number;
  }

  return {
    async current(now) {
      // Half of the lease is left for clocks that differ between nodes.
      if (leased && now < leased.until - LEASE_MS / 2 && now >= leased.until - 2 * LEASE_MS)
        return leased.number;
      pending ??= take(now).finally(() => {
        pending = null;
      });
      return await pending;
    },
  };
}

async function renewed(db: Database, own: { number: number; holder: string; now: number }): Promise<boolean> {
  const row = await db
    .updateTable('node')
    .set({ expires_at: own.now + LEASE_MS })
    .where('number', '=', own.number)
    .where('holder', '=', own.holder)
    .returning('number')
    .executeTakeFirst();
  return row !== undefined;
}

async function lease(db: Database, holder: string, now: number): Promise<number> {
  const rows = await db.selectFrom('node').select('number').where('expires_at', '>', now).execute();
  const used = new Set(rows.map((row) => row.number));
  for (let number = 0; number < NODE_NUMBERS; number++) {
    if (used.has(number)) continue;
    const row = await db
      .insertInto('node')
      .values({ number, holder, expires_at: now + LEASE_MS })
      .onConflict((conflict) =>
        conflict
          .column('number')
          .doUpdateSet({ holder, expires_at: now + LEASE_MS })
          .where('node.expires_at', '<=', now),
      )
      .returning('holder')
      .executeTakeFirst();
    if (row?.holder === holder) return number;
  }
  throw new Error('All 1,024 node numbers are leased. Are nodes restarting in a loop?');
}
