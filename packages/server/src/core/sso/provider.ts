import type { Person } from './identities.ts';

/** The provider that the operator named, as far as it concerns whoever signs in. */
export interface Connection {
  /** Its issuer, as configured: half of the name of everybody who comes from there (G02). */
  issuer: string;
  /** What a button calls it; null when the operator gave it no name. */
  name: string | null;
  icon: string | null;
  /** Where it sends browsers back to. */
  redirectUrl: string;
}

/** What an attempt is bound to; all but the state never leaves this server and the provider. */
export interface AttemptSecrets {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** What came of a provider's answer. `reason` is for the operator's eyes: a code, never a value out of a token. */
export type Verdict = { outcome: 'vouched'; person: Person } | { outcome: 'refused'; reason: string };

/** A port, because core asks nobody outside. Both throw `sso-unavailable` when the provider cannot be asked. */
export interface IdentityProvider {
  readonly connection: Connection;
  /** Where a browser is sent to sign in. */
  authorizationUrl(attempt: AttemptSecrets): Promise<string>;
  /** Exchanges what the browser brought back, and checks every word of the answer. `query` begins with `?`. */
  redeem(attempt: AttemptSecrets, query: string): Promise<Verdict>;
}
