import * as client from 'openid-client';
import { type Clock, HOUR, SECOND } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import type { Connection, IdentityProvider, Verdict } from '../../core/sso/index.ts';
import { createGuardedFetch, UnreachableError } from '../../outbound/index.ts';
import { personFrom } from './claims.ts';
import { hasDuplicateKeys } from './duplicate-keys.ts';

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

/** G08. */
const TIMEOUT_MS = 5 * SECOND;
const MAX_BYTES = 256 * 1024;
/** How far two clocks may be apart. */
const TOLERANCE_SECONDS = 30;
/** How long what a provider says of itself is believed. */
const METADATA_MS = HOUR;
/** Nothing symmetric: its secret would be ours, and nothing unsigned (G04). */
const ALGORITHMS = new Set([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]);

/** Asks one OpenID provider. Nothing is asked before somebody wants to sign in there. */
export function createOidcProvider(options: OidcProviderOptions): IdentityProvider {
  const { connection, clientId, clientSecret, clock, onFailure } = options;
  const issuerUrl = new URL(connection.issuer);
  const guarded = createGuardedFetch({
    trusted: connection.issuer,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  const fetching = guarded as client.CustomFetch;
  let known: { metadata: client.ServerMetadata; until: number } | null = null;
  let asking: Promise<client.ServerMetadata> | null = null;
  let keys: client.ExportedJWKSCache | undefined;

  async function discover(): Promise<client.ServerMetadata> {
    const insecure = issuerUrl.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const found = await client.discovery(issuerUrl, clientId, undefined, undefined, {
      [client.customFetch]: fetching,
      execute: insecure,
    });
    const { supportsPKCE: _, ...metadata } = found.serverMetadata();
    const problem = problemOf(metadata, issuerUrl);
    if (problem) throw new Error(problem);
    const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
    const algorithms = offered.filter((name) => ALGORITHMS.has(name));
    const strict: client.ServerMetadata = {
      ...structuredClone(metadata),
      id_token_signing_alg_values_supported: algorithms,
    };
    known = { metadata: strict, until: clock() + METADATA_MS };
    return strict;
  }

  /** Many sign-ins at once ask once; a failure is not remembered. */
  async function metadataNow(): Promise<client.ServerMetadata> {
    if (known && clock() < known.until) return known.metadata;
    asking ??= discover().finally(() => {
      asking = null;
    });
    try {
      return await asking;
    } catch (error) {
      throw unavailable('openid.provider_url could not be asked', error);
    }
  }

  function unavailable(what: string, error: unknown): AuthError {
    onFailure({ error: new Error(`${what}: ${reasonOf(error)}.`) });
    return new AuthError('sso-unavailable');
  }

  async function configuration(): Promise<client.Configuration> {
    const metadata = await metadataNow();
    const basic = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authentication = basic.includes('client_secret_basic')
      ? client.ClientSecretBasic(clientSecret)
      : client.ClientSecretPost(clientSecret);
    const skew = Math.round((clock() - options.systemClock()) / SECOND);
    const made = new client.Configuration(
      metadata,
      clientId,
      { [client.clockSkew]: skew, [client.clockTolerance]: TOLERANCE_SECONDS },
      authentication,
    );
    made[client.customFetch] = fetching;
    if (issuerUrl.protocol === 'http:') client.allowInsecureRequests(made);
    // The library leaves signatures to TLS otherwise.
    client.enableNonRepudiationChecks(made);
    if (keys) client.setJwksCache(made, keys);
    return made;
  }

  /** Beyond what the library looks at; its name for the check that failed, or null. */
  function furtherRefusal(claims: client.IDToken, token: string): string | null {
    if (hasDuplicateKeys(payloadOf(token))) return 'ID token with the same claim twice';
    if (claims.azp !== undefined && claims.azp !== clientId) return 'ID token issued to another party (azp)';
    if (claims.iat > clock() / SECOND + TOLERANCE_SECONDS) return 'ID token from the future (iat)';
    return null;
  }

  return {
    connection,
    async authorizationUrl({ state, nonce, codeVerifier }) {
      const configured = await configuration();
      return client.buildAuthorizationUrl(configured, {
        redirect_uri: connection.redirectUrl,
        response_type: 'code',
        scope: options.scopes.join(' '),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async redeem({ state, nonce, codeVerifier }, query): Promise<Verdict> {
      const configured = await configuration();
      const refuse = (reason: string): Verdict => {
        onFailure({ error: new Error(`An answer of the provider was not believed: ${reason}.`) });
        return { outcome: 'refused', reason };
      };
      try {
        const tokens = await client.authorizationCodeGrant(
          configured,
          new URL(connection.redirectUrl + query),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
        );
        const claims = tokens.claims();
        const further = claims ? furtherRefusal(claims, tokens.id_token ?? '') : 'no ID token';
        if (!claims || further) return refuse(further ?? 'no ID token');
        const { issuer } = connection;
        const person = personFrom(claims, { issuer, rolesClaim: options.rolesClaim });
        return person ? { outcome: 'vouched', person } : refuse('subject of a form that cannot be kept');
      } catch (error) {
        if (isUnreachable(error)) throw unavailable('The OpenID provider could not be asked', error);
        return refuse(reasonOf(error));
      } finally {
        keys = client.getJwksCache(configured) ?? keys;
      }
    },
  };
}

/** What is wrong with a provider's word of itself; null for nothing. */
function problemOf(metadata: client.ServerMetadata, issuer: URL): string | null {
  // Here and not only in the library, which lets some providers name another issuer, or have tokens name it (bug 36).
  if (new URL(metadata.issuer).href !== issuer.href) return 'the provider calls itself by another name';
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
    if (metadata[name] === undefined) return `the provider names no ${name}`;
  // Browsers are sent there; the other two are the guarded fetch's to judge.
  const { protocol } = new URL(metadata.authorization_endpoint ?? '');
  return protocol === 'https:' || protocol === issuer.protocol
    ? null
    : 'its authorization_endpoint is not https';
}

function payloadOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
}

function* causesOf(error: unknown): Generator<unknown> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

function isUnreachable(error: unknown): boolean {
  return [...causesOf(error)].some((one) => one instanceof UnreachableError);
}

/** The texts of an error and its causes. The library's name a check, and never what it found. */
function reasonOf(error: unknown): string {
  return [...new Set([...causesOf(error)].map(textOf))].join(': ');
}

function textOf(error: unknown): string {
  if (error instanceof client.ResponseBodyError)
    return `the provider answered ${error.error.replace(/[^\w-]/g, '').slice(0, 60)}`;
  // Its own text quotes what could not be read.
  if (error instanceof SyntaxError) return 'no JSON';
  return error instanceof Error ? error.message : 'unknown';
}
