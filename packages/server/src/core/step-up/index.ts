/**
 * Owns tickets for the hosted page where somebody pays the second factor that a session owes: an app hands its browser
 * over with one, and gets it back at an address of its own (`docs/flux-wire.md`). Does not own the proof, which is the
 * gate's, nor the session, which stays the same.
 */
export { stepUpMigrations } from './migrations.ts';
export { deleteExpiredStepUps } from './step-up-store.ts';
export { createStepUps, type StepUps } from './step-ups.ts';
