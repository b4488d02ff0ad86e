/**
 * Owns the questions that the outside world is asked about what somebody typed: whether a password is among those that
 * were stolen somewhere, and whether a mail domain exists. Asked only when the operator says so; an answer that does not
 * come in three seconds stands in nobody's way. Does not own what follows from an answer.
 */
export { createLookups } from './lookups.ts';
