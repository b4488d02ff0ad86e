/**
 * Owns the gate: the only code that turns proofs into a session, step by step where one proof is not enough, and
 * that judges a proof again inside one (sudo). Also the contract every method fulfils, the pure policy of what is
 * owed, and the approval of new places. Does not know any method by name but where an order must be fixed, nor
 * what a request looks like.
 */
export { type Approvals, createApprovals, type PlaceAsked } from './approvals.ts';
export { createConclude, type SignInResult } from './conclude.ts';
export { createFactors, type Factors } from './factors.ts';
export { createGate, type Gate } from './gate.ts';
export { createJudge } from './judging.ts';
export type {
  Attempt,
  Judged,
  MethodId,
  NewPassword,
  PasswordKeeper,
  Proved,
  Rejection,
  Reservation,
  SecondFactor,
  SignInMethod,
  Subject,
} from './method.ts';
export { MAX_IDENTIFIER, MAX_PASSWORD_UNITS, NOTHING_HELD, SECOND_FACTORS } from './method.ts';
export { signInMigrations } from './migrations.ts';
export { owesFactor } from './policy.ts';
export { deleteExpiredTickets, voidTickets } from './ticket-store.ts';
