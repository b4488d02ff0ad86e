const MINIMUM_BYTES = 32;

/** What guides, templates and other programs print where a secret belongs; nobody draws one by chance. */
const PLACEHOLDER =
  /(change|replace)[-_ ]?(me|this|it)(?![a-z])|changeme|placeholder|example|sample|your[-_ ]|super[-_ ]?secret|^<.*>$|^(todo|x{6,}|dummy)|^(.)\4*$/i;
const SAMPLE = /^(secret|test|password|insecure|default)/i;

/** What to print for an operator who needs a secret. */
export const HOW_TO_MAKE_A_SECRET = `make one with: node -p "crypto.randomBytes(32).toString('base64url')"`;

export type SecretWeakness = 'empty' | 'short' | 'sample';

/** Why a secret that an operator chose protects nothing (M01); null for one that may be used. */
export function weaknessOf(secret: string): SecretWeakness | null {
  if (secret === '') return 'empty';
  if (Buffer.byteLength(secret) < MINIMUM_BYTES) return 'short';
  return PLACEHOLDER.test(secret) || SAMPLE.test(secret) ? 'sample' : null;
}

/** As `weaknessOf`, for a secret that somebody else issued: its length is theirs to choose. */
export function issuedWeaknessOf(secret: string): SecretWeakness | null {
  if (secret === '') return 'empty';
  return PLACEHOLDER.test(secret) ? 'sample' : null;
}
