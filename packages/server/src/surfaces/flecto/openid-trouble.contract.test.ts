import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuthError } from '../../core/errors.ts';
import {
  createIdentityProvider,
  createWorld,
  DIALECTS,
  flectoSteps,
  type IdentityProviderServer,
  openidBrowser,
  PassingClock,
  type Reply,
  somebody,
  type World,
  whither,
} from '../../testing/index.ts';

const AS_JSON = { accept: 'application/json' };
const TO_LOGIN = { status: 307, path: '/login', query: { error: 'auth_failed' }, fragment: {} };

describe.each(DIALECTS)("what nobody could judge, at the callback of Flecto's OpenID on %s,", (dialect) => {
  let world: World;
  let provider: IdentityProviderServer;

  beforeAll(async () => {
    provider = await createIdentityProvider({
      isCallback: (address) => address === `${world.baseUrl}/auth/openid/callback`,
    });
    world = await createWorld({ dialect, clock: new PassingClock(), env: provider.settings });
  });

  afterAll(async () => {
    vi.restoreAllMocks();
    await world.close();
    await provider.close();
  });

  function expectToWait(reply: Reply, refusal: string): void {
    expect(flectoSteps(world).refusal(reply)).toBe(refusal);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  }

  it.each([
    [new AuthError('sso-unavailable'), '503 service_unavailable'],
    [new AuthError('overloaded', { retryAfterSeconds: 3 }), '503 service_unavailable'],
    [new AuthError('rate-limited', { retryAfterSeconds: 3 }), '429 rate_limited'],
  ])('is told as what it is in JSON, and sends a browser to the log-in page: %s', async (error, refusal) => {
    const asked = vi.spyOn(world.instance.sso, 'finish').mockRejectedValue(error);
    const browser = openidBrowser(world);
    const { state } = await browser.begin();
    expectToWait(await browser.comeBack('?code=a&state=b', AS_JSON), refusal);
    browser.cookie = state;
    expect(whither(await browser.comeBack('?code=a&state=b'))).toEqual(TO_LOGIN);
    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockRestore();
  });

  it('is no request that cannot be read, which is refused as everywhere', async () => {
    const { refusal } = flectoSteps(world);
    expect(refusal(await openidBrowser(world).comeBack('?code=%00&state=b'))).toBe('400 invalid_request');
  });

  it('is so where the provider is gone meanwhile', async () => {
    let other: World | null = null;
    const gone = await createIdentityProvider({
      isCallback: (address) => address === `${other?.baseUrl}/auth/openid/callback`,
    });
    other = await createWorld({ dialect, clock: new PassingClock(), env: gone.settings });
    const browser = openidBrowser(other);
    const query = await gone.visit((await browser.begin()).authUrl, somebody());
    await gone.close();
    expectToWait(await browser.comeBack(query, AS_JSON), '503 service_unavailable');
    await other.close();
  });

  it('costs no browser its half of the state where too many came from one address', async () => {
    const flood = async (headers: Record<string, string>) => {
      const { comeBack } = openidBrowser(world);
      return await Promise.all(Array.from({ length: 150 }, () => comeBack('?code=a&state=b', headers)));
    };
    const late = (await flood(AS_JSON)).filter(({ status }) => status !== 400);
    expect(late.length).toBeGreaterThan(0);
    for (const reply of late) expectToWait(reply, '429 rate_limited');
    const sentOn = await flood({});
    const errorOf = (reply: Reply) => whither(reply).query['error'];
    expect(new Set(sentOn.map(errorOf))).toEqual(new Set(['invalid_state', 'auth_failed']));
    for (const reply of sentOn) {
      expect(whither(reply)).toMatchObject({ status: 307, path: '/login' });
      const wasLookedAt = errorOf(reply) === 'invalid_state';
      expect(reply.headers.getSetCookie()).toHaveLength(wasLookedAt ? 1 : 0);
      expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});
