import { toBase64Url } from './base64url.ts';

/** What one sign-in by redirect needs (RFC 7636): the first two go with the user, `codeVerifier` stays with who asked. */
export interface Pkce {
  codeChallenge: string;
  /** To be found again in the address that the user comes back to: else somebody else's sign-in has been slipped in. */
  state: string;
  codeVerifier: string;
}

/** 32 bytes: 256 bits, of which nobody guesses one; 43 characters, the fewest that RFC 7636 section 4.1 allows. */
const BYTES = 32;

const secret = () => toBase64Url(crypto.getRandomValues(new Uint8Array(BYTES)));

/** Secrets for one sign-in by redirect; make new ones for each. */
export async function createPkce(): Promise<Pkce> {
  const codeVerifier = secret();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier));
  return { codeChallenge: toBase64Url(digest), state: secret(), codeVerifier };
}
