import * as client from 'openid-client';
import { type Clock, HOUR, SECOND } from '../chance.ts';
import { createGuardedFetch, UnreachableError } from '../outbound/index.ts';
import { hasDuplicateKeys } from './duplicate-keys.ts';
import { isUnreachable, ProviderUnavailableError, reasonOf } from './failures.ts';
import { problemOf } from './metadata.ts';

/** What binds an answer to the attempt it is for. */
interface Attempt {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Of a provider whose one document speaks for many issuers, each named by the tokens of its own people. */
export interface Tenants {
  /** Below which the document is found. */
  base: string;
  /** Which issuer a token with these claims, of which nothing is checked yet, must name; null for none that may come. */
  issuerOf(claims: Record<string, unknown>): string | null;
  /** Whether this is what one of them who may come is called. */
  isIssuer(name: string): boolean;
}

interface OpenidClientOptions {
  /** What the provider must call itself, and its tokens must name. */
  issuer: string;
  tenants?: Tenants;
  /** The issuer's host may stand in our own network, because the operator wrote it down, and on http on this machine. */
  isTrusted: boolean;
  redirectUrl: string;
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
  /** Where both are offered: a header escapes the secret (RFC 6749, 2.3.1), and not every provider unescapes it. */
  sendsSecretInBody?: boolean;
  clock: Clock;
  /** The one that the library reads by itself; the same but in tests. */
  systemClock: Clock;
}

/** What came of a provider's answer. `reason` is for the operator's eyes: a code, never a value out of a token. */
type Answered =
  | { outcome: 'believed'; issuer: string; claims: client.IDToken }
  | { outcome: 'refused'; reason: string };

/** Both throw `ProviderUnavailableError`. */
interface OpenidClient {
  /** Where a browser is sent to sign in. */
  authorizationUrl(attempt: Attempt): Promise<string>;
  /** Exchanges what the browser brought back, and checks every word of the answer. `query` begins with `?`. */
  redeem(attempt: Attempt, query: string): Promise<Answered>;
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

/** Nothing is asked before somebody wants to sign in. */
export function createOpenidClient(options: OpenidClientOptions): OpenidClient {
  const { tenants, clientId, clientSecret, clock } = options;
  const base = new URL(tenants?.base ?? options.issuer);
  const isPlain = base.protocol === 'http:';
  const guarded = createGuardedFetch({
    ...(options.isTrusted && { trusted: base.href }),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  const fetching: client.CustomFetch = async (...asked) => {
    const [address, request] = asked as Parameters<typeof guarded>;
    const answer = await guarded(address, request);
    // Keys and description are anybody's to read: refused, they say nothing of who came. Nor does having had enough.
    if (answer.status === 429 || (request?.method === 'GET' && answer.status !== 200))
      throw new UnreachableError(`status ${answer.status}`);
    return answer;
  };
  let known: { metadata: client.ServerMetadata; until: number } | null = null;
  let asking: Promise<client.ServerMetadata> | null = null;
  let keys: client.ExportedJWKSCache | undefined;

  async function discover(): Promise<client.ServerMetadata> {
    // By its whole address the document may name an issuer that is not where it was found; that is looked at below.
    const at = tenants ? new URL(`${base.href.replace(/\/$/, '')}/.well-known/openid-configuration`) : base;
    const found = await client.discovery(at, clientId, undefined, undefined, {
      [client.customFetch]: fetching,
      execute: isPlain ? [client.allowInsecureRequests] : [],
    });
    const { supportsPKCE: _, ...metadata } = found.serverMetadata();
    const problem = problemOf(metadata, { issuer: options.issuer, isTemplate: tenants !== undefined, base });
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
      throw new ProviderUnavailableError(error, { isDiscovery: true });
    }
  }

  function configurationOf(metadata: client.ServerMetadata, by = fetching): client.Configuration {
    const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const prefersBody = options.sendsSecretInBody === true && offered.includes('client_secret_post');
    const authentication =
      offered.includes('client_secret_basic') && !prefersBody
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret);
    const skew = Math.round((clock() - options.systemClock()) / SECOND);
    const made = new client.Configuration(
      metadata,
      clientId,
      { [client.clockSkew]: skew, [client.clockTolerance]: TOLERANCE_SECONDS },
      authentication,
    );
    made[client.customFetch] = by;
    if (isPlain) client.allowInsecureRequests(made);
    // The library leaves signatures to TLS otherwise.
    client.enableNonRepudiationChecks(made);
    if (keys) client.setJwksCache(made, keys);
    return made;
  }

  /**
   * The library judges an answer by one issuer, and which of the tenants' it must be stands in the answer alone. So it is
   * fetched first, with all that the library checks before it asks, and then judged whole. Null when no tenant's that may come.
   */
  async function ofTenant(
    { issuerOf, isIssuer }: Tenants,
    query: string,
    grant: (configured: client.Configuration) => Promise<unknown>,
  ): Promise<client.Configuration | null> {
    const metadata = await metadataNow();
    // Nobody else's code goes to the token endpoint (RFC 9207, 2.4). Which of the tenants it is, the library compares.
    const iss = new URLSearchParams(query).get('iss');
    if (iss && !isIssuer(iss)) return null;
    const issuer = iss || metadata.issuer;
    let held: Response | null = null;
    const holding: client.CustomFetch = async (...asked) => {
      held = await fetching(...asked);
      throw new Error('held');
    };
    try {
      await grant(configurationOf({ ...metadata, issuer }, holding));
    } catch (error) {
      if (held === null) throw error;
    }
    const answer = held as Response | null;
    const named = answer && issuerOf(await claimsUnchecked(answer.clone()));
    if (!answer || named === null) return null;
    let isFirst = true;
    return configurationOf({ ...metadata, issuer: named }, async (...asked) => {
      if (!isFirst) return await fetching(...asked);
      isFirst = false;
      return answer;
    });
  }

  /** Beyond what the library looks at; its name for the check that failed, or null. */
  function furtherRefusal(claims: client.IDToken, token: string): string | null {
    if (hasDuplicateKeys(payloadOf(token))) return 'ID token with the same claim twice';
    if (claims.azp !== undefined && claims.azp !== clientId) return 'ID token issued to another party (azp)';
    if (claims.iat > clock() / SECOND + TOLERANCE_SECONDS) return 'ID token from the future (iat)';
    return null;
  }

  return {
    async authorizationUrl({ state, nonce, codeVerifier }) {
      const metadata = await metadataNow();
      try {
        return client.buildAuthorizationUrl(configurationOf(metadata), {
          redirect_uri: options.redirectUrl,
          response_type: 'code',
          scope: options.scopes.join(' '),
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        }).href;
      } catch (error) {
        // Of what the provider said of itself nothing can be made, so it is asked again the next time.
        known = null;
        throw new ProviderUnavailableError(error, { isDiscovery: true });
      }
    },
    async redeem({ state, nonce, codeVerifier }, query) {
      const metadata = await metadataNow();
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      };
      const grant = (configured: client.Configuration) =>
        client.authorizationCodeGrant(configured, new URL(options.redirectUrl + query), { ...checks });
      let configured: client.Configuration | null = null;
      try {
        configured = tenants ? await ofTenant(tenants, query, grant) : configurationOf(metadata);
        if (!configured) return { outcome: 'refused', reason: 'ID token of no tenant that may come' };
        const tokens = await grant(configured);
        const claims = tokens.claims();
        const further = claims ? furtherRefusal(claims, tokens.id_token ?? '') : 'no ID token';
        if (!claims || further) return { outcome: 'refused', reason: further ?? 'no ID token' };
        return { outcome: 'believed', issuer: tenants ? claims.iss : options.issuer, claims };
      } catch (error) {
        if (error instanceof ProviderUnavailableError) throw error;
        if (isUnreachable(error)) throw new ProviderUnavailableError(error);
        return { outcome: 'refused', reason: reasonOf(error) };
      } finally {
        if (configured) keys = client.getJwksCache(configured) ?? keys;
      }
    },
  };
}

/** What an answer's ID token says, before anybody has looked whether it may be believed. */
async function claimsUnchecked(answer: Response): Promise<Record<string, unknown>> {
  try {
    const { id_token: token } = (await answer.json()) as { id_token?: unknown };
    const claims: unknown = JSON.parse(payloadOf(String(token)));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function payloadOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
}
