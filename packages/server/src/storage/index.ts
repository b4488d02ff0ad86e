/**
 * Owns the way to the database: opening SQLite or PostgreSQL through Kysely, transactions, the one-statement
 * `consumed`, statements whose text is `prepared` once, the forward-only migration runner, leases, the channel on
 * which nodes tell each other what changed, and the cache of rows that is believed only while that channel is proven.
 * Does not own any table but its own three (`migration`, `lease`, `node`): a feature's tables, rows and queries live
 * with the feature.
 */
export { consumed } from './consume.ts';
export type { Column, Database, Queryable, Storage, Tables, Transaction } from './database.ts';
export { deleteInBatches } from './delete-in-batches.ts';
export { StorageError } from './errors.ts';
export { withLease } from './lease.ts';
export { type Migration, migrate, pendingMigrations } from './migrations.ts';
export { createNodeNumbers, type NodeNumbers } from './node-number.ts';
export { inOneLook } from './one-look.ts';
export { hasDatabase, openStorage } from './open.ts';
export { prepared } from './prepared.ts';
export { createRowCache } from './row-cache.ts';
