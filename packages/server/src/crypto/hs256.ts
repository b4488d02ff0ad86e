import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodedPart, encodedPart } from './jws-part.ts';

/**
 * Signed texts of one form alone: a compact JWS (RFC 7515) under one key, HS256 and one header. Nothing in a token says
 * how it is checked, so that `none`, other algorithms, `kid`, `jwk` and `jku` mean nothing here (RFC 8725, 3.1).
 */
interface Hs256 {
  sign(claims: object): string;
  /** The payload's text if it was signed here; null for everything else, other spellings of the same bytes included. */
  open(token: string): string | null;
}

const HEADER = encodedPart('{"alg":"HS256","typ":"JWT"}');

export function createHs256(key: Uint8Array): Hs256 {
  const signatureOf = (signed: string) => createHmac('sha256', key).update(signed).digest('base64url');

  return {
    sign(claims) {
      const signed = `${HEADER}.${encodedPart(JSON.stringify(claims))}`;
      return `${signed}.${signatureOf(signed)}`;
    },
    open(token) {
      const [header, payload, signature, ...more] = token.split('.', 4);
      if (header !== HEADER || payload === undefined || signature === undefined || more.length > 0)
        return null;
      // As texts: the decoder would take spellings that were never given out.
      if (!sameText(signature, signatureOf(`${header}.${payload}`))) return null;
      return decodedPart(payload);
    },
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
