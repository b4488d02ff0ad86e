import type { Clock } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import type { Connection, IdentityProvider } from '../../core/sso/index.ts';
import { createOpenidClient, ProviderUnavailableError } from '../../openid/index.ts';
import { personFrom } from './claims.ts';

export interface OidcProviderOptions {
  connection: Connection;
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
  rolesClaim: string;
  clock: Clock;
  /** The one that the library reads by itself; the same but in tests. */
  systemClock: Clock;
  /** Told why nobody could be asked or was believed; carries no value out of a token. */
  onFailure(failure: { error: unknown }): void;
}

/** Asks the one OpenID provider that the operator named. */
export function createOidcProvider(options: OidcProviderOptions): IdentityProvider {
  const { connection, rolesClaim, onFailure } = options;
  const { issuer, redirectUrl } = connection;
  const asked = createOpenidClient({ ...options, issuer, redirectUrl, isTrusted: true });

  /** What asking comes to, with a provider that is away told to the operator. */
  async function available<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof ProviderUnavailableError)) throw error;
      const what = error.isDiscovery ? 'openid.provider_url' : 'The OpenID provider';
      onFailure({ error: new Error(`${what} could not be asked: ${error.message}.`) });
      throw new AuthError('sso-unavailable');
    }
  }

  return {
    connection,
    authorizationUrl: (attempt) => available(asked.authorizationUrl(attempt)),
    async redeem(attempt, query) {
      const answer = await available(asked.redeem(attempt, query));
      const person = answer.outcome === 'believed' && personFrom(answer.claims, { issuer, rolesClaim });
      if (person) return { outcome: 'vouched', person };
      const reason = answer.outcome === 'refused' ? answer.reason : 'subject of a form that cannot be kept';
      onFailure({ error: new Error(`An answer of the provider was not believed: ${reason}.`) });
      return { outcome: 'refused', reason };
    },
  };
}
