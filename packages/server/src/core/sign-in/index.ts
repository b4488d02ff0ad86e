/**
 * Owns the gate: the only code that turns proofs into a session, and that judges a proof again inside one
 * (sudo). Also the contract every method fulfils and the pure policy of what is owed. Does not know any method
 * by name, nor what a request looks like.
 */
export { createFactors, type Factors } from './factors.ts';
export { createGate, type Gate, type SignInResult } from './gate.ts';
export type {
  Attempt,
  Factor,
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
export { NOTHING_HELD, SECOND_FACTORS } from './method.ts';
