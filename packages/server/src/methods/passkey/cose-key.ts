import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';

/** RFC 9053: the parameters of COSE keys. */
const KTY = 1;
const ALG = 3;
const [OKP, EC2, RSA] = [1, 2, 3];
const [EDDSA, ES256, RS256] = [-8, -7, -257];
const [P256, ED25519] = [1, 6];

/** Smaller can be broken, larger only serves to keep us busy. With an exponent of one, anybody signs. */
const RSA_BITS = { minimum: 2048, maximum: 4096 };
const RSA_EXPONENT = 3n;

/**
 * Whether this is a key that an answer can be checked with, of a kind that was asked for: its type and curve are
 * those of its algorithm, and its point is on the curve. The library looks at the algorithm's number alone.
 */
export function isUsableKey(coseKey: Uint8Array<ArrayBuffer>): boolean {
  try {
    const key = decodeCredentialPublicKey(coseKey) as unknown as ReadonlyMap<number, unknown>;
    const jwk = jwkOf(key);
    if (!jwk) return false;
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' });
    if (jwk.kty !== 'RSA') return true;
    const { modulusLength: bits = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
    return bits >= RSA_BITS.minimum && bits <= RSA_BITS.maximum && publicExponent >= RSA_EXPONENT;
  } catch {
    return false;
  }
}

function jwkOf(key: ReadonlyMap<number, unknown>): JsonWebKey | null {
  const bytes = (label: number): string => {
    const value = key.get(label);
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : '';
  };
  switch (key.get(ALG)) {
    case ES256:
      if (key.get(KTY) !== EC2 || key.get(-1) !== P256) return null;
      return { kty: 'EC', crv: 'P-256', x: bytes(-2), y: bytes(-3) };
    case EDDSA:
      if (key.get(KTY) !== OKP || key.get(-1) !== ED25519) return null;
      return { kty: 'OKP', crv: 'Ed25519', x: bytes(-2) };
    case RS256:
      if (key.get(KTY) !== RSA) return null;
      return { kty: 'RSA', n: bytes(-1), e: bytes(-2) };
    default:
      return null;
  }
}
