import { FluxError } from './errors.ts';
import type { Platform } from './platform.ts';
import { createRecent } from './recent.ts';
import type { ServerClock } from './server-clock.ts';
import { type Claims, type ReadToken, readToken } from './token.ts';
import type { Trust, Trusted } from './trust.ts';

export interface Verifier {
  /**
   * The claims of a token that this project's server signed, and whose time is not known to be over; `exp` is no later than
   * the project's tokens live now. A bad one is refused here, at no cost to the server. Throws `invalid_session`,
   * `session_expired`, and what `Trust` throws.
   */
  check(token: string): Claims | Promise<Claims>;
  /** Whose session a token names, even when its time is over; null when the server did not sign it. */
  sessionIn(token: string): Promise<Claims | null>;
}

/** Signatures are remembered, by the whole token, and only for as long as the keys they were checked with. */
const REMEMBERED = 5_000;

const invalid = () =>
  new FluxError('invalid_session', 'This is no session token of this project.', { status: 401 });

export function createVerifier(deps: { platform: Platform; clock: ServerClock; trust: Trust }): Verifier {
  const { platform, clock, trust } = deps;
  const remembered = createRecent<{ claims: Claims; trusted: Trusted }>(REMEMBERED);

  function inTime(claims: Claims): Claims {
    if (!clock.hasPassed(claims.exp)) return claims;
    throw new FluxError('session_expired', 'This session token has expired.', { status: 401 });
  }

  /** The set of keys, newer where the token names one that is not in it. */
  async function trustedFor({ kid, claims }: ReadToken): Promise<Trusted> {
    const trusted = await trust.current();
    const isOther = claims.aud !== trusted.audience;
    return trusted.keys.has(kid) || isOther ? trusted : await trust.newer(trusted);
  }

  async function checkSignature(token: string): Promise<Claims> {
    const read = readToken(token);
    if (!read) throw invalid();
    const { kid, claims: said, signature, data } = read;
    let trusted = await trustedFor(read);
    const key = trusted.keys.get(kid);
    if (key === undefined || said.aud !== trusted.audience) throw invalid();
    const judged = platform.verify(key, signature, data);
    if (!(typeof judged === 'boolean' ? judged : await judged)) throw invalid();
    // Signed by our server for our project: it has moved to another public address since we asked for it.
    if (said.iss !== trusted.issuer) trusted = await trust.newer(trusted);
    if (said.iss !== trusted.issuer) throw invalid();
    const claims = { ...said, exp: Math.min(said.exp, said.iat + trusted.ttlSeconds) };
    remembered.set(token, { claims, trusted });
    return claims;
  }

  return {
    check(token) {
      const seen = remembered.get(token);
      if (seen && trust.current() === seen.trusted) return inTime(seen.claims);
      remembered.delete(token);
      return checkSignature(token).then(inTime);
    },
    async sessionIn(token) {
      try {
        return await checkSignature(token);
      } catch {
        return null;
      }
    },
  };
}
