/**
 * Owns codes by SMS: the port that core sends and checks them through, Twilio Verify behind it, and a stand-in
 * that puts them into the dev mailbox. Does not decide who gets a code, how often, or what a right one opens.
 */
export { createDevVerifier } from './dev-verifier.ts';
export { smsMigrations } from './migrations.ts';
export { deleteExpiredSmsCodes } from './sms-code-store.ts';
export type { SmsVerifier } from './sms-verifier.ts';
export { createTwilioVerifier } from './twilio-verifier.ts';
