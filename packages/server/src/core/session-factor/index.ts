/**
 * Owns second factors as they are set up, shown and taken away in a session that is there already: what a wire needs
 * that marks what is owed instead of withholding the session (design section 4). Its challenges belong to one session and
 * one factor. Does not judge proofs (the gate and the methods do), nor keep factors (second-factor, phone).
 */
export { deleteExpiredChallenges } from './challenge-store.ts';
export { sessionFactorMigrations } from './migrations.ts';
export {
  createSessionFactors,
  type FactorChallenge,
  type FactorType,
  type SessionFactor,
  type SessionFactors,
} from './session-factors.ts';
