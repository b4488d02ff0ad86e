import * as client from 'openid-client';
import type { ProviderCredentials } from '../../core/project/index.ts';
import type { AttemptSecrets } from '../../core/sso/index.ts';
import { isUnreachable, ProviderUnavailableError, reasonOf, textIn } from '../../openid/index.ts';
import { createGuardedFetch, type GuardedFetch, UnreachableError } from '../../outbound/index.ts';
import type { AskedProvider, Asking, Word } from './asking.ts';

const WEB_URL = 'https://github.com';
const API_URL = 'https://api.github.com';
const SCOPE = 'read:user user:email';
/** G08. */
const LIMITS = { timeoutMs: 5_000, maxBytes: 256 * 1024 };

interface Address {
  email: string;
  isVerified: boolean;
}

/**
 * GitHub is no OpenID provider: plain OAuth 2 (RFC 6749, 7636), and then its API is asked who that was. Its own pages and
 * its API may stand elsewhere (GitHub Enterprise).
 */
export function createGithub(
  credentials: ProviderCredentials,
  { isTrusted, redirectUrl }: Asking,
): AskedProvider {
  const { clientId, clientSecret, options } = credentials;
  const web = withoutSlash(options.web_url ?? WEB_URL);
  // A GitHub Enterprise of one's own has its API below its pages.
  const api = withoutSlash(options.api_url ?? (options.web_url ? `${web}/api/v3` : API_URL));
  const guardedAt = (trusted: string) => createGuardedFetch({ ...(isTrusted && { trusted }), ...LIMITS });
  const asking = guardedAt(api);
  const configuration = new client.Configuration(
    {
      issuer: web,
      authorization_endpoint: `${web}/login/oauth/authorize`,
      token_endpoint: `${web}/login/oauth/access_token`,
    },
    clientId,
    {},
    client.ClientSecretPost(clientSecret),
  );
  configuration[client.customFetch] = guardedAt(web) as client.CustomFetch;
  if (web.startsWith('http:')) client.allowInsecureRequests(configuration);

  async function personBy(token: string): Promise<Word> {
    const user = await readJson(asking, `${api}/user`, token);
    const { id, name, login } = isObject(user) ? user : {};
    // Never the login, which its owner may give up and somebody else take.
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0)
      return { outcome: 'refused', reason: 'a user without a number' };
    const address = primaryOf(await readJson(asking, `${api}/user/emails?per_page=100`, token));
    return {
      outcome: 'vouched',
      person: {
        issuer: web,
        subject: String(id),
        email: address?.email ?? null,
        isEmailVerified: address?.isVerified ?? false,
        name: textIn(name) ?? textIn(login),
      },
    };
  }

  return {
    async authorizationUrl({ state, codeVerifier }: AttemptSecrets) {
      return client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUrl,
        response_type: 'code',
        scope: SCOPE,
        state,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async redeem({ state, codeVerifier }, query) {
      try {
        const tokens = await client.authorizationCodeGrant(configuration, new URL(redirectUrl + query), {
          expectedState: state,
          pkceCodeVerifier: codeVerifier,
        });
        return await personBy(tokens.access_token);
      } catch (error) {
        if (isUnreachable(error)) throw new ProviderUnavailableError(error);
        return { outcome: 'refused', reason: reasonOf(error) };
      }
    },
  };
}

/** What the API says; null where it says nothing to this token. */
async function readJson(asking: GuardedFetch, address: string, token: string): Promise<unknown> {
  const answer = await asking(address, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'fluxgate',
      'x-github-api-version': '2022-11-28',
    },
  });
  if (answer.status === 429) throw new UnreachableError('too many requests for its API');
  return answer.ok ? ((await answer.json()) as unknown) : null;
}

/** The address that the person named as theirs; whether GitHub has seen that mailbox stands beside it (G05, bug 41). */
function primaryOf(list: unknown): Address | null {
  if (!Array.isArray(list)) return null;
  const primary: unknown = list.find((one) => isObject(one) && one['primary'] === true);
  if (!isObject(primary)) return null;
  const email = textIn(primary['email']);
  return email === null ? null : { email, isVerified: primary['verified'] === true };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
