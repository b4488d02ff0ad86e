/**
 * Owns the SMS code as a second factor: who has switched it on, asking for a code in one attempt to sign in, and
 * judging it in the same. Knows nothing of numbers and how codes travel (core/phone), sessions or HTTP.
 */
export { smsCodeMigrations } from './migrations.ts';
export { createSmsCodeMethod } from './sms-code-method.ts';
export { createSmsKeeper } from './sms-keeper.ts';
