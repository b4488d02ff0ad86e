import type { Kysely, Transaction as KyselyTransaction } from 'kysely';
import type { Channel } from './channel.ts';

/** One column's type; instants are integer milliseconds since 1970 on both databases. */
export type Column = string | number | null;

/**
 * All tables by name. Each feature adds its own by declaration merging beside its migrations, so that the
 * type of the database is the sum of the features that own a part of it.
 */
export interface Tables {
  migration: { name: string; applied_at: number };
  lease: { name: string; holder: string; expires_at: number };
  node: { number: number; holder: string; expires_at: number };
}

export type Database = Kysely<Tables>;
export type Transaction = KyselyTransaction<Tables>;
export type Queryable = Database | Transaction;

export interface Storage {
  readonly db: Database;
  readonly dialect: 'sqlite' | 'postgres';
  /** Unguessable name of this process among all that share the database: holder of its leases. */
  readonly nodeName: string;
  /** Tells this and all other nodes what changed; see `channel.ts`. */
  readonly channel: Channel;
  /** Runs one decision: all of it is committed, or none. Messages published inside go out after the commit. */
  transaction<T>(decide: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Cheapest proof that the database answers; rejects with `StorageError` when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
