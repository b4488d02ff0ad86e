import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  APP_BACK,
  anyCallbackOf,
  callbackPathOf,
  createFluxProject,
  createGithubServer,
  createSocialKit,
  createWorld,
  DIALECTS,
  type GithubServer,
  githubber,
  newEmail,
  socialBrowser,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const HOSTILE = '"><script>alert(1)</script>\r\nset-cookie: a=b&code=evil#x';

describe.each(DIALECTS)('the way to a provider and back on %s', (dialect) => {
  let world: World;
  let github: GithubServer;
  let kit: Awaited<ReturnType<typeof createSocialKit>>;
  beforeAll(async () => {
    github = await createGithubServer({
      isCallback: anyCallbackOf(() => world, 'github'),
    });
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  beforeEach(async () => {
    kit = await createSocialKit(world, { github: { settings: github.credentials } });
  });
  afterAll(async () => {
    await world.close();
    await github.close();
  });

  const attempts = async () =>
    (
      await world.instance.storage.db
        .selectFrom('social_attempt')
        .select('hash')
        .where('project_id', '=', kit.flux.id)
        .execute()
    ).length;

  it.each<[string, Record<string, string>, number]>([
    ['an unknown key', { key: 'flux_pk_unknown' }, 401],
    ['an empty key', { key: '' }, 400],
    ['an address that is not allowed', { redirect_url: 'https://evil.example/' }, 403],
    ['one below an allowed address', { redirect_url: `${APP_BACK}/x` }, 403],
    ['one with a query', { redirect_url: `${APP_BACK}?x=1` }, 403],
    ['one in other letters', { redirect_url: APP_BACK.toUpperCase() }, 403],
    ['one with credentials', { redirect_url: 'https://app.example.com@evil.example/back' }, 403],
    ['a script', { redirect_url: 'javascript:alert(1)' }, 403],
    ['no protocol', { redirect_url: '//app.example.com/back' }, 403],
    ['an empty address', { redirect_url: '' }, 400],
    ['no challenge', { code_challenge: '' }, 400],
    ['a short challenge', { code_challenge: 'x'.repeat(42) }, 400],
    ['a plain challenge', { code_challenge_method: 'plain' }, 400],
    ['a state that is too long', { state: 'x'.repeat(501) }, 400],
    ['two projects', { project_id: 'proj_x' }, 400],
    ['NULs', { state: 'a\u0000b' }, 400],
  ])('begins nothing for %s, and leads nowhere [F01, F16, bug 52]', async (_, query, status) => {
    const { reply } = await socialBrowser(world, kit.flux).begin('github', query);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('location')).toBeNull();
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const value of Object.values(query).filter((one) => one.length > 3))
      expect(reply.text).not.toContain(value);
    expect(await attempts()).toBe(0);
  });

  it('begins nothing for parameters that stand there twice, a secret key, or no provider [F16]', async () => {
    const { client } = socialBrowser(world, kit.flux);
    const good = {
      key: kit.flux.keys.publishable.plain,
      redirect_url: APP_BACK,
      code_challenge: 'x'.repeat(43),
      state: 's',
    };
    for (const [name, value] of Object.entries(good)) {
      const reply = await client.get(
        `/flux/v1/oauth/github/start?${new URLSearchParams(good)}&${new URLSearchParams({ [name]: value })}`,
      );
      expect(reply.status, name).toBe(400);
    }
    const secret = new URLSearchParams({ ...good, key: kit.flux.keys.secret.plain });
    expect((await client.get(`/flux/v1/oauth/github/start?${secret}`)).status).toBe(401);
    const sent = new URLSearchParams(good);
    for (const provider of ['facebook', 'Github', 'github%00', '..'])
      expect((await client.get(`/flux/v1/oauth/${provider}/start?${sent}`)).status).toBeGreaterThanOrEqual(
        400,
      );
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
      const reply = await client.send(`/flux/v1/oauth/github/start?${sent}`, { method });
      expect(reply.status, method).toBe(404);
    }
    expect(await attempts()).toBe(0);
  });

  it('begins by the project’s id as well, for our own pages', async () => {
    const { client } = socialBrowser(world, kit.flux);
    const asked = (project_id: string) =>
      client.get(
        `/flux/v1/oauth/github/start?${new URLSearchParams({ project_id, redirect_url: APP_BACK, code_challenge: 'x'.repeat(43) })}`,
      );
    const reply = await asked(kit.flux.id);
    expect(reply.status).toBe(302);
    expect(reply.headers.get('location')).toContain(github.url);
    expect((await asked('proj_unknown')).status).toBe(401);
  });

  it('gives the app’s own state back as it was, and leaves it out where there was none', async () => {
    for (const state of [HOSTILE, '', '𝄞 é', 'x'.repeat(500)]) {
      const browser = socialBrowser(world, kit.flux);
      const begun = await browser.begin('github', { state });
      const reply = await browser.comeBack('github', github.visit(begun.url, githubber(newEmail())));
      const location = new URL(reply.headers.get('location') ?? '');
      expect(`${location.origin}${location.pathname}`).toBe(APP_BACK);
      expect(location.searchParams.getAll('state')).toEqual([state]);
      expect(location.searchParams.getAll('code')).toHaveLength(1);
      expect(location.hash).toBe('');
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
  });

  describe('the callback that a provider is told of', () => {
    const SHARED = '/flux/v1/oauth/github/callback';
    const tokensAsked = () => github.asked.filter(({ path }) => path === '/login/oauth/access_token').length;

    it('is the project’s own where the project says where the provider is: no other takes its answers [FX-05, G01]', async () => {
      const other = await createSocialKit(world, { github: { settings: github.credentials } });
      const browser = socialBrowser(world, kit.flux);
      const begun = await browser.begin('github');
      const own = callbackPathOf(kit.flux.id, 'github');
      expect(new URL(begun.url).searchParams.get('redirect_uri')).toBe(world.baseUrl + own);
      const query = github.visit(begun.url, githubber(newEmail()));
      const before = tokensAsked();
      for (const path of [
        SHARED,
        callbackPathOf(other.flux.id, 'github'),
        callbackPathOf('proj_x', 'github'),
      ]) {
        const reply = await browser.comeBack('github', query, path);
        expect(reply.status, path).toBe(401);
        expect(reply.headers.get('location'), path).toBeNull();
      }
      // Whoever runs that provider was not handed the code, which may be of another.
      expect(tokensAsked()).toBe(before);
      expect((await browser.comeBack('github', query)).headers.get('location')).toContain('code=');
    });

    it('is the same for all projects at the genuine provider, and no project’s own takes its answers', async () => {
      const credentials = { client_id: 'Iv1.genuine', client_secret: 'a secret' };
      const genuine = await createSocialKit(world, { github: { settings: credentials } });
      const browser = socialBrowser(world, genuine.flux);
      const begun = await browser.begin('github');
      const { origin, searchParams } = new URL(begun.url);
      expect(origin).toBe('https://github.com');
      expect(searchParams.get('redirect_uri')).toBe(world.baseUrl + SHARED);
      const query = `?${new URLSearchParams({ error: 'access_denied', state: searchParams.get('state') ?? '' })}`;
      expect((await browser.comeBack('github', query)).status).toBe(401);
      const back = await browser.comeBack('github', query, SHARED);
      expect(back.headers.get('location')).toContain('error=access_denied');
    });

    it('is not that of all projects for what was begun before the project said another address', async () => {
      const credentials = { client_id: 'Iv1.genuine', client_secret: 'a secret' };
      const moved = await createSocialKit(world, { github: { settings: credentials } });
      const browser = socialBrowser(world, moved.flux);
      const state = new URL((await browser.begin('github')).url).searchParams.get('state') ?? '';
      await moved.set('github', github.credentials);
      const before = tokensAsked();
      const query = `?${new URLSearchParams({ code: 'of the genuine provider', state })}`;
      expect((await browser.comeBack('github', query, SHARED)).status).toBe(401);
      expect(tokensAsked()).toBe(before);
    });
  });

  describe('a browser that comes back', () => {
    async function onItsWay() {
      const browser = socialBrowser(world, kit.flux);
      const begun = await browser.begin('github');
      return { browser, begun, query: github.visit(begun.url, githubber(newEmail())) };
    }

    it.each<[string, (query: string) => string]>([
      ['without a state', (query) => query.replace(/state=[^&]*/, '')],
      ['with an empty state', (query) => query.replace(/state=[^&]*/, 'state=')],
      ['with another state', (query) => `${query}x`],
      ['with two states', (query) => `${query}&${/state=[^&]*/.exec(query)}`],
      ['with a list', (query) => query.replace('state=', 'state[]=')],
      ['with nothing', () => ''],
    ])('%s is not led anywhere, and its attempt is as it was [G01, FX-16]', async (_, change) => {
      const { browser, query } = await onItsWay();
      const reply = await browser.comeBack('github', change(query));
      expect(reply.status).toBe(401);
      expect(reply.headers.get('location')).toBeNull();
      expect(reply.text).toContain('Nobody was signed in');
      expect(await kit.usersNow()).toEqual([]);
      expect((await browser.comeBack('github', query)).headers.get('location')).toContain('code=');
    });

    it('must be the one that went [G01, bug 27, bug 45]', async () => {
      const { browser, query } = await onItsWay();
      const other = socialBrowser(world, kit.flux);
      expect((await other.comeBack('github', query)).status).toBe(401);
      await other.begin('github');
      expect((await other.comeBack('github', query)).status).toBe(401);
      for (const cookie of ['', 'x', `${browser.cookie}x`, browser.cookie?.toUpperCase() ?? '']) {
        other.cookie = cookie;
        expect((await other.comeBack('github', query)).status, cookie).toBe(401);
      }
      expect(await kit.usersNow()).toEqual([]);
      expect((await browser.comeBack('github', query)).headers.get('location')).toContain('code=');
    });

    it('must come from the provider that it went to [G01, bug 39, bug 45]', async () => {
      const { browser, query } = await onItsWay();
      for (const provider of ['google', 'microsoft'] as const)
        expect((await browser.comeBack(provider, query)).status).toBe(401);
      expect(await kit.usersNow()).toEqual([]);
    });

    it('says nothing of who somebody is: that is the provider’s word alone [G02, bug 42]', async () => {
      const { user } = await kit.flux.signUp();
      await kit.verify(user.id);
      const { browser, query } = await onItsWay();
      const claimed = new URLSearchParams({ sub: user.id, id: '1', user_id: user.id, email: user.email });
      const reply = await browser.comeBack('github', `${query}&${claimed}&email_verified=true`);
      expect(reply.headers.get('location')).toContain('code=');
      expect(await kit.usersNow()).toHaveLength(2);
      expect(await kit.trail('identity.joined')).toEqual([]);
    });

    it('comes back once, and within ten minutes [B02]', async () => {
      const { browser, query } = await onItsWay();
      expect((await browser.comeBack('github', query)).headers.get('location')).toContain('code=');
      expect((await browser.comeBack('github', query)).status).toBe(401);
      const late = await onItsWay();
      world.clock.advance(10 * MINUTE);
      expect((await late.browser.comeBack('github', late.query)).status).toBe(401);
      expect(await kit.usersNow()).toHaveLength(1);
    });

    it('with the code of another attempt signs nobody in: the verifier is not the code’s [FX-16]', async () => {
      const [one, two] = [await onItsWay(), await onItsWay()];
      const code = new URLSearchParams(two.query).get('code') ?? '';
      const state = new URLSearchParams(one.query).get('state') ?? '';
      const reply = await one.browser.comeBack('github', `?${new URLSearchParams({ code, state })}`);
      expect(reply.headers.get('location')).toContain('error=sign_in_failed');
      // One answer is one try.
      expect((await one.browser.comeBack('github', one.query)).status).toBe(401);
      expect(await kit.usersNow()).toEqual([]);
    });

    it.each([
      ['two codes', (query: string) => `${query}&code=x`],
      ['no code', (query: string) => query.replace(/code=[^&]*/, '')],
      ['an issuer that is not the provider', (query: string) => `${query}&iss=https%3A%2F%2Fevil.example`],
      ['an error beside the code', (query: string) => `${query}&error=invalid_scope`],
      ['much besides', (query: string) => `${query}&x=${'y'.repeat(15_000)}`],
    ])('with %s is told of a failure at the most [G03, F16]', async (name, change) => {
      const { browser, query } = await onItsWay();
      const reply = await browser.comeBack('github', change(query));
      if (name === 'much besides') expect(reply.headers.get('location')).toContain('code=');
      else expect(reply.headers.get('location')).toContain('error=sign_in_failed');
      expect(await kit.usersNow()).toHaveLength(name === 'much besides' ? 1 : 0);
    });

    it('is led to no address that was taken off the list meanwhile', async () => {
      const { browser, query } = await onItsWay();
      await kit.flux.change({ redirect_urls: ['https://app.example.com/other'] });
      const reply = await browser.comeBack('github', query);
      expect([reply.status, reply.headers.get('location')]).toEqual([403, null]);
      expect(await kit.usersNow()).toEqual([]);
    });

    it('brings a code that only its own project and verifier open [FX-05]', async () => {
      const { browser, begun, query } = await onItsWay();
      const reply = await browser.comeBack('github', query);
      const code = new URL(reply.headers.get('location') ?? '').searchParams.get('code');
      const other = await createFluxProject(world);
      const body = { code, code_verifier: begun.verifier };
      expect((await other.page('/sessions/exchange', body)).status).toBe(401);
      const wrong = { code, code_verifier: 'v'.repeat(43) };
      expect((await kit.flux.page('/sessions/exchange', wrong)).status).toBe(401);
      expect((await kit.flux.page('/sessions/exchange', body)).status).toBe(401);
    });
  });
});
