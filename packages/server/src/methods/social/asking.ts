import type { Clock } from '../../chance.ts';
import type { SocialAnswer } from '../../core/social/index.ts';
import type { AttemptSecrets } from '../../core/sso/index.ts';

export type Word = SocialAnswer;

/** One provider as one project has set it up. Both throw `ProviderUnavailableError`. */
export interface AskedProvider {
  authorizationUrl(attempt: AttemptSecrets): Promise<string>;
  /** `query` begins with `?`. */
  redeem(attempt: AttemptSecrets, query: string): Promise<Word>;
}

/** What is the same for all of them. */
export interface Asking {
  /** Where the provider sends browsers back to. */
  redirectUrl: string;
  /**
   * Its addresses may be on this machine or in our own network. Whoever sets up a project need not be who runs the server,
   * so only where the server itself is on this machine.
   */
  isTrusted: boolean;
  clock: Clock;
  systemClock: Clock;
}
