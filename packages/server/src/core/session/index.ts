/**
 * Owns sessions: issuing, looking up, renewing the token of, listing and ending them; one row per sign-in on a
 * device, whatever the wire. Does not decide who gets one: only the gate issues, and the few renewals that the
 * architecture test names (design rule 1).
 */
export type { Surface } from '../surface.ts';
export type { LiveSession } from './live-session-store.ts';
export { sessionMigrations } from './migrations.ts';
export {
  deleteExpiredSessions,
  hasSessionFrom,
  type SessionListing,
  sessionExists,
} from './session-store.ts';
export { createSessions, type IssuedSession, type Sessions } from './sessions.ts';
