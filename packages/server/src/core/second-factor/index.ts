/**
 * Owns enrolling and removing second factors. Does not know how any of them is proved (methods), nor when one is
 * asked for (the gate).
 */
export type {
  ProvedSecret,
  RecoveryCode,
  RecoveryCodeKeeper,
  SecretRefusal,
  SmsKeeper,
  TotpKeeper,
} from './keepers.ts';
export type { PasskeyKeeper, PasskeyListing, PasskeyRefusal, ProvedPasskey } from './passkey-keeper.ts';
export { createPasskeys, type Passkeys } from './passkeys.ts';
