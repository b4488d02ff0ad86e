/**
 * Owns handing a session from a browser to an app: the short code, who may complete it, and the fresh session that
 * waits for the app until it is fetched once, cancelled or out of time (contract 1.15). The session is a sibling
 * of the one that approved it, never a copy of its token. Does not own the page on which a person approves.
 */
export { createHandoffs, type HandoffInfo, type HandoffStatus, type Handoffs } from './handoff.ts';
export { holdHandoffs } from './handoff-store.ts';
export { handoffMigrations } from './migrations.ts';
