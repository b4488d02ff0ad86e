import { fromBase64Url } from './base64url.ts';

/** The claims of a session token (docs/flux-wire.md) that are decided by. */
export interface Claims {
  iss: string;
  aud: string;
  sub: string;
  sid: string;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
  mfa: boolean;
}

export interface ReadToken {
  kid: string;
  claims: Claims;
  signature: Uint8Array;
  /** What was signed. */
  data: Uint8Array;
}

const MAX_TOKEN = 4_096;
/** r and s of P-256. */
const SIGNATURE_BYTES = 64;
const SHAPE = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const toBytes = new TextEncoder();

/** A session token taken apart, nothing of it believed yet; null for what no server of ours would have written. */
export function readToken(token: string): ReadToken | null {
  if (token.length > MAX_TOKEN) return null;
  const [, head, body, tail] = SHAPE.exec(token) ?? [];
  if (head === undefined || body === undefined || tail === undefined) return null;
  const signature = fromBase64Url(tail);
  if (signature?.length !== SIGNATURE_BYTES) return null;
  const header = parseObject(head);
  if (header?.['alg'] !== 'ES256' || header['typ'] !== 'session+jwt') return null;
  // `crit`, `jwk` and their kin ask a reader to trust the token's own word (RFC 7515 section 4.1).
  if (Object.keys(header).length !== 3 || typeof header['kid'] !== 'string') return null;
  const claims = parseObject(body);
  if (!claims || !areClaims(claims)) return null;
  return { kid: header['kid'], claims, signature, data: toBytes.encode(`${head}.${body}`) };
}

function areClaims(value: Record<string, unknown>): value is Record<string, unknown> & Claims {
  return (
    ['iss', 'aud', 'sub', 'sid'].every((name) => typeof value[name] === 'string' && value[name] !== '') &&
    Number.isSafeInteger(value['iat']) &&
    Number.isSafeInteger(value['exp']) &&
    typeof value['mfa'] === 'boolean'
  );
}

function parseObject(part: string): Record<string, unknown> | null {
  const bytes = fromBase64Url(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
