import * as client from 'openid-client';
import { type ProviderCredentials, PUBLIC_ADDRESSES } from '../../core/project/index.ts';
import type { AttemptSecrets } from '../../core/sso/index.ts';
import { isUnreachable, ProviderUnavailableError, reasonOf, textIn } from '../../openid/index.ts';
import { createGuardedFetch, type GuardedFetch, UnreachableError } from '../../outbound/index.ts';
import type { AskedProvider, Asking, Word } from './asking.ts';

const { web_url: WEB_URL, api_url: API_URL } = PUBLIC_ADDRESSES.github;
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
  const exchanging = guardedAt(web);
  configuration[client.customFetch] = async (...asked) => {
    const answer = await exchanging(...(asked as Parameters<GuardedFetch>));
    if (await isThrottled(answer)) throw new UnreachableError('too many requests for tokens');
    return answer;
  };
  if (web.startsWith('http:')) client.allowInsecureRequests(configuration);

  async function personBy(token: string): Promise<Word> {
    const user = await readJson(asking, `${api}/user`, token);
    const { id, name, login } = isObject(user) ? user : {};
    // Never the login, which its owner may give up and somebody else take.
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0)
      return { outcome: 'refused', reason: 'a user without a number' };
    const address = primaryOf(await readAddresses(asking, `${api}/user/emails?per_page=100`, token));
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
  const answer = await ask(asking, address, token);
  return answer.ok ? ((await answer.json()) as unknown) : null;
}

/**
 * Null only where the person did not let the app see them. Anything else decides nothing: somebody taken for one without
 * an address gets an account of their own beside the one that they have, for good.
 */
async function readAddresses(asking: GuardedFetch, address: string, token: string): Promise<unknown> {
  const answer = await ask(asking, address, token);
  // OAuth apps without the scope find nothing here, GitHub Apps without the permission are forbidden it.
  if (answer.status === 404 || answer.status === 403) return null;
  if (!answer.ok) throw new UnreachableError(`status ${answer.status} for the addresses`);
  return (await answer.json()) as unknown;
}

async function ask(asking: GuardedFetch, address: string, token: string): Promise<Response> {
  const answer = await asking(address, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'fluxgate',
      'x-github-api-version': '2022-11-28',
    },
  });
  if (await isThrottled(answer)) throw new UnreachableError('too many requests for its API');
  return answer;
}

/** GitHub's limits answer 403 as often as 429, and the secondary ones may say so in words alone. */
async function isThrottled(answer: Response): Promise<boolean> {
  if (answer.status === 429) return true;
  if (answer.status !== 403) return false;
  if (answer.headers.has('retry-after') || answer.headers.get('x-ratelimit-remaining') === '0') return true;
  return /rate limit/i.test(await answer.clone().text());
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
