import type { ProviderId } from '../project/index.ts';
import type { AttemptSecrets } from '../sso/index.ts';

/** What a provider says of somebody; every word of it checked before it comes here. */
export interface SocialPerson {
  issuer: string;
  /** The person's name at the issuer, and with it the only thing anybody is recognised by (G02). */
  subject: string;
  email: string | null;
  /** The provider has seen that the mailbox is the person's, and says so in a way that can be relied on. */
  isEmailVerified: boolean;
  name: string | null;
}

/** What came of an answer. `reason` is for the operator's eyes: a code, never a value out of a token. */
export type SocialAnswer =
  | { outcome: 'vouched'; person: SocialPerson }
  | { outcome: 'refused'; reason: string };

/**
 * The providers as each project has set them up. A port, because core asks nobody outside. Both throw `sso-disabled` where the
 * project has not set the provider up, and `sso-unavailable` when it cannot be asked.
 */
export interface SocialProviders {
  /** Where a browser is sent to sign in. */
  authorizationUrl(at: { projectId: string; provider: ProviderId }, attempt: AttemptSecrets): Promise<string>;
  /**
   * Exchanges what the browser brought back, and checks every word of the answer. `query` begins with `?`. Refused, and nobody
   * asked, where the provider as it is set up now is told of another callback than `callbackOf`'s (null: that of all projects).
   */
  redeem(
    at: { projectId: string; provider: ProviderId; callbackOf: string | null },
    attempt: AttemptSecrets,
    query: string,
  ): Promise<SocialAnswer>;
}
