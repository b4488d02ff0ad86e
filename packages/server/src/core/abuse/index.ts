/**
 * Owns the counters that guard a guess: how many tries an account, an address or a recipient has in a window.
 * They are rows, atomic and shared by all nodes. Does not own traffic limits (`http/`), which only keep load off.
 */

export { deleteExpiredCounters } from './counter-store.ts';
export { type Allowance, type Counters, createCounters, type Spent } from './counters.ts';
export { abuseMigrations } from './migrations.ts';
