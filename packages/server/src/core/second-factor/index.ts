/**
 * Owns enrolling and removing second factors: what changes with one (the user's list, the trail, the notice to
 * the owner), and the self-service of authenticator apps, passkeys and recovery codes. Does not know how any factor is
 * proved (methods), nor when one is asked for (the gate).
 */
export { createFactorChanges, type FactorChanges } from './factor-changes.ts';
export { createFactorRemoval, type FactorRemoval } from './factor-removal.ts';
export type { RecoveryCode, RecoveryCodeKeeper, SmsKeeper, TotpKeeper } from './keepers.ts';
export { firstRecoveryCodes } from './keepers.ts';
export { otpauthUri } from './otpauth-uri.ts';
export type { PasskeyKeeper, PasskeyListing } from './passkey-keeper.ts';
export { createPasskeys, type Passkeys } from './passkeys.ts';
export { createSecondFactors, type SecondFactors } from './second-factors.ts';
