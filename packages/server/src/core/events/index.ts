/**
 * Owns what services beside this one are told as it happens: that a user has changed, that sessions have ended, and
 * which session took the place of another (contract appendix B). Keeps each for an hour, as a row of the transaction
 * that made it true, so that who was away hears it late and not never. Does not decide who may listen or what an
 * event looks like on a wire.
 */
export { deleteExpiredEvents } from './event-store.ts';
export { createEvents, type Event, type Events } from './events.ts';
export { eventMigrations } from './migrations.ts';
