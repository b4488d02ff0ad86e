/**
 * Owns a user's own leaving: switching the account off, asking for its deletion, and carrying that out when the
 * time of grace is over, so that nothing of the person stays (M08; contract 4.9); and deletion by an administrator. Does not own coming back: that is
 * a sign-in, and the gate undoes both by `reopenUser`.
 */
export { createDepartures, type Departures } from './departures.ts';
