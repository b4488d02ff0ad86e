import type { Chance, Clock } from './chance.ts';
import type { Config } from './config/index.ts';
import type { Auditor } from './core/audit/index.ts';
import { createIdentities, createSsoAttempts, type IdentityProvider } from './core/sso/index.ts';
import type { Snowflakes } from './core/user/index.ts';
import type { Sealer } from './crypto/index.ts';
import { createOidcProvider } from './methods/upstream-oidc/index.ts';

interface Dependencies extends Chance {
  config: Config;
  systemClock: Clock;
  sealer: Sealer;
  audit: Auditor;
  snowflakes: Snowflakes;
  onSsoFailure(failure: { error: unknown }): void;
}

/** What signing in at somebody else's needs: the provider that is configured, attempts there, and its people. */
export function createUpstream(deps: Dependencies) {
  return {
    provider: providerFor(deps),
    attempts: createSsoAttempts(deps),
    identities: createIdentities(deps),
  };
}

function providerFor({ config, clock, systemClock, onSsoFailure }: Dependencies): IdentityProvider | null {
  const { openidProviderUrl: issuer, openidClientId: clientId, openidClientSecret: clientSecret } = config;
  // Their being there when it is on was looked at when the settings were read.
  if (!config.openidEnabled || !issuer || !clientId || !clientSecret) return null;
  return createOidcProvider({
    connection: {
      issuer,
      name: config.openidName || null,
      icon: config.openidIcon || null,
      // In the one spelling that URLs have, which the exchange repeats.
      redirectUrl: new URL(config.openidRedirectUrl).href,
    },
    clientId,
    clientSecret,
    scopes: config.openidScopes,
    rolesClaim: config.openidRolesClaim,
    clock,
    systemClock,
    onFailure: onSsoFailure,
  });
}
