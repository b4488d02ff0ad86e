/**
 * Owns how an account comes to be: what must be agreed to, who is old enough, a free address and tag, and the
 * user's rows in one transaction. The session that follows is the gate's.
 */
export { insertAccount, type NewAccount } from './account.ts';
export { createMinimumAge } from './minimum-age.ts';
export { createProvisioning, type Provisioning } from './provisioning.ts';
export { createRegistration, type Registration } from './registration.ts';
export { createSetup, type Setup } from './setup.ts';
