import * as client from 'openid-client';
import { type Clock, HOUR, SECOND } from '../chance.ts';
import { createGuardedFetch, UnreachableError } from '../outbound/index.ts';
import { hasDuplicateKeys } from './duplicate-keys.ts';
import { isOfKeys, isUnreachable, ProviderUnavailableError, reasonOf } from './failures.ts';
import { claimsUnchecked, keyIdOf, payloadOf } from './id-token.ts';
import { problemOf } from './metadata.ts';
import { createSigningKeys, isKeysIssuer, type SigningKey } from './signing-keys.ts';

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
  /** Its keys may say whose tokens they sign, as Microsoft's do. */
  keysNameIssuers?: boolean;
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

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;
type Grant = (configured: client.Configuration) => Promise<Tokens>;

interface Judged {
  tokens: Tokens;
  /** The provider's, one of which has signed. */
  keys: readonly SigningKey[];
}

/** The token endpoint's answer, and what it is to be judged by. */
interface Held {
  metadata: client.ServerMetadata;
  grant: Grant;
  answer: Response;
}

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
/** As the library asks for keys. */
const JWKS_HEADERS = { accept: 'application/json, application/jwk-set+json' };
/** How far two clocks may be apart. */
const TOLERANCE_SECONDS = 30;
/** How long what a provider says of itself is believed. */
const METADATA_MS = HOUR;
/** Nothing symmetric: its secret would be ours, and nothing unsigned (G04). */
const ALGORITHMS = new Set([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]);

function refused(reason: string): Answered {
  return { outcome: 'refused', reason };
}

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
  const keys = createSigningKeys({
    clock,
    ask: (uri) => fetching(uri, { method: 'GET', headers: JWKS_HEADERS, body: null, redirect: 'manual' }),
  });

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
    return made;
  }

  /**
   * The library would ask and judge in one go. By which issuer's name an answer is to be judged may stand in it alone, and by
   * which keys shows only then. So it is fetched first, with all that the library checks before it asks, and then judged whole.
   */
  async function exchanged(metadata: client.ServerMetadata, grant: Grant): Promise<Response> {
    return await new Promise((resolve, reject) => {
      const holding: client.CustomFetch = async (...asked) => {
        resolve(await fetching(...asked));
        throw new Error('held');
      };
      grant(configurationOf(metadata, holding)).then(() => reject(new Error('nothing was asked')), reject);
    });
  }

  /** By these keys, or by those that `askForKeys` comes back with. */
  async function judged(
    { metadata, grant, answer }: Held,
    by: client.ExportedJWKSCache | undefined,
    askForKeys: client.CustomFetch,
  ): Promise<Judged> {
    let asked = 0;
    const configured = configurationOf(metadata, async (...request) =>
      asked++ === 0 ? answer.clone() : await askForKeys(...request),
    );
    if (by) client.setJwksCache(configured, by);
    try {
      const tokens = await grant(configured);
      return { tokens, keys: client.getJwksCache(configured)?.jwks.keys ?? [] };
    } finally {
      if (asked > 1) keys.keep(client.getJwksCache(configured));
    }
  }

  /** Once more where the keys may be to blame: a provider changes them without a word (OpenID Connect Core 10.1.1). */
  async function judgedByKeysOfNow(held: Held): Promise<Judged> {
    const before = keys.kept;
    let hasAsked = false;
    try {
      return await judged(held, before, async (...request) => {
        hasAsked = true;
        return await fetching(...request);
      });
    } catch (error) {
      if (hasAsked || !isOfKeys(error)) throw error;
      // Somebody else's sign-in has brought newer ones meanwhile.
      if (keys.kept !== before) return await judged(held, keys.kept, fetching);
      const renewed = await keys.renewed(held.metadata.jwks_uri ?? '');
      if (!renewed) throw error;
      return await judged(held, undefined, async () => renewed);
    }
  }

  /** Beyond what the library looks at; its name for the check that failed, or null. */
  function furtherRefusal(claims: client.IDToken, token: string, from: readonly SigningKey[]): string | null {
    // The template itself is nobody's, should it ever have been taken for the issuer of a token that the library alone could read.
    if (tenants && tenants.issuerOf(claims) !== claims.iss) return 'ID token of no tenant that may come';
    if (options.keysNameIssuers && !isKeysIssuer(claims, keyIdOf(token), from))
      return 'ID token signed by a key of another issuer';
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
      const grant: Grant = (configured) =>
        client.authorizationCodeGrant(configured, new URL(options.redirectUrl + query), { ...checks });
      // Nobody else's code goes to the token endpoint (RFC 9207, 2.4). Which of the tenants it is, the library compares.
      const iss = tenants ? new URLSearchParams(query).get('iss') : null;
      if (tenants && iss && !tenants.isIssuer(iss)) return refused('answer of no tenant that may come (iss)');
      try {
        const answer = await exchanged({ ...metadata, ...(iss && { issuer: iss }) }, grant);
        // Without a token to be read the library finds what is wrong instead, and names it.
        const unchecked = tenants ? await claimsUnchecked(answer.clone()) : null;
        const issuer = unchecked ? tenants?.issuerOf(unchecked) : metadata.issuer;
        if (!issuer) return refused('ID token of no tenant that may come');
        const by = await judgedByKeysOfNow({ metadata: { ...metadata, issuer }, grant, answer });
        const claims = by.tokens.claims();
        const further = claims ? furtherRefusal(claims, by.tokens.id_token ?? '', by.keys) : 'no ID token';
        if (!claims || further) return refused(further ?? 'no ID token');
        return { outcome: 'believed', issuer: tenants ? claims.iss : options.issuer, claims };
      } catch (error) {
        if (error instanceof ProviderUnavailableError) throw error;
        if (isUnreachable(error)) throw new ProviderUnavailableError(error);
        return refused(reasonOf(error));
      }
    },
  };
}
