/**
 * Owns what is done with secrets and chance: unguessable tokens, the hashes that tokens are stored as, password
 * hashing in a bounded queue, and sealing what must be shown again with the instance key. Does not decide what
 * any secret opens.
 */

export { createEs256, type Es256, newEs256Key, type PublicJwk } from './es256.ts';
export { createHs256 } from './hs256.ts';
export { newId } from './ids.ts';
export { type InstanceKey, loadInstanceKey, readInstanceKey, type Sealer } from './instance-key.ts';
export {
  createPasswordHasher,
  HasherFullError,
  type HashPlace,
  type PasswordHasher,
} from './password-hasher.ts';
export {
  hasChecksum,
  pooled,
  type RandomBytes,
  randomBase62,
  randomIndex,
  randomUuid,
  secretWithChecksum,
} from './random.ts';
export {
  HOW_TO_MAKE_A_SECRET,
  issuedWeaknessOf,
  type SecretWeakness,
  weaknessOf,
} from './secret-weakness.ts';
export { sameSecret, tokenHash } from './token-hash.ts';
