import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { decodedPart, encodedPart } from './jws-part.ts';
import { createRecentTexts } from './recent-texts.ts';

/** What others need to check our signatures (RFC 7517); nothing private has a place in it. */
export interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

/** One key pair and the one form of text that it signs: a compact JWS (RFC 7515) with a fixed header. */
export interface Es256 {
  /** The first part of every token of this key; whatever begins otherwise was not signed by it. */
  readonly header: string;
  readonly publicJwk: PublicJwk;
  sign(claims: object): string;
  /** The payload's text if it was signed here; null for everything else, other spellings of the same bytes included. */
  open(token: string): string | null;
}

const CURVE = 'P-256';
/** IEEE P1363: r and s, 32 bytes each, as RFC 7518, 3.4 asks. */
const SIGNATURE_BYTES = 64;
/** About two megabytes of hashes. A client shows the token it was handed last, mostly to the node that made it. */
const REMEMBERED = 10_000;

/** A new private key, PKCS #8 in base64url: to be sealed before it is stored. */
export function newEs256Key(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url');
}

/**
 * The header is compared as a text, so that nothing in a token says how it is checked: `none`, other algorithms, `jwk`,
 * `jku` and further fields are another header, and another header is nobody's (RFC 8725, 3.1; E01 to E03, E05).
 */
export function createEs256({
  kid,
  typ,
  privateKey: der,
}: {
  kid: string;
  typ: string;
  privateKey: string;
}): Es256 {
  const privateKey = createPrivateKey({
    key: Buffer.from(der, 'base64url'),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  const header = encodedPart(JSON.stringify({ alg: 'ES256', kid, typ }));
  const keyed = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });
  // A signature is good for ever: whether the token still opens anything is asked elsewhere, each time.
  const good = createRecentTexts(REMEMBERED);

  return {
    header,
    publicJwk: publicJwkOf(publicKey, kid),
    sign(claims) {
      const signed = `${header}.${encodedPart(JSON.stringify(claims))}`;
      const signature = signBytes('sha256', Buffer.from(signed), keyed(privateKey)).toString('base64url');
      const token = `${signed}.${signature}`;
      good.add(token);
      return token;
    },
    open(token) {
      const [first, payload, signature, ...more] = token.split('.', 4);
      if (first !== header || payload === undefined || signature === undefined || more.length > 0)
        return null;
      if (good.has(token)) return decodedPart(payload);
      const bytes = Buffer.from(signature, 'base64url');
      // As a text, too: the decoder would take spellings that were never given out (E07).
      if (bytes.length !== SIGNATURE_BYTES || bytes.toString('base64url') !== signature) return null;
      if (!verifyBytes('sha256', Buffer.from(`${first}.${payload}`), keyed(publicKey), bytes)) return null;
      good.add(token);
      return decodedPart(payload);
    },
  };
}

function publicJwkOf(publicKey: KeyObject, kid: string): PublicJwk {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { kty: 'EC', crv: CURVE, x, y, kid, alg: 'ES256', use: 'sig' };
}
