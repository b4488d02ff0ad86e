import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createIdentityProvider,
  createWorld,
  DIALECTS,
  type FlectoLogin,
  flectoSteps,
  type IdentityProviderServer,
  newEmail,
  openidBrowser,
  PassingClock,
  type ProviderPerson,
  somebody,
  type World,
  whither,
} from '../../testing/index.ts';

const AS_JSON = { accept: 'application/json' };

describe.each(DIALECTS)("Flecto's OpenID on %s", (dialect) => {
  let world: World;
  let provider: IdentityProviderServer;
  let steps: ReturnType<typeof flectoSteps>;

  beforeAll(async () => {
    provider = await createIdentityProvider({
      isCallback: (address) => address === `${world.baseUrl}/auth/openid/callback`,
    });
    world = await createWorld({
      dialect,
      clock: new PassingClock(),
      env: {
        ...provider.settings,
        FLUXGATE_OPENID_NAME: 'House & Garden',
        FLUXGATE_OPENID_ICON: 'keycloak',
        FLUXGATE_OPENID_ROLES_CLAIM: 'realm_access.roles',
        // Each test is a browser of its own, and some need many.
        FLUXGATE_RATE_LIMITS: 'off',
      },
    });
    steps = flectoSteps(world);
  });

  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  async function signIn(person: ProviderPerson, headers = AS_JSON): Promise<FlectoLogin> {
    const browser = openidBrowser(world);
    const { authUrl } = await browser.begin();
    return steps.good(await browser.comeBack(await provider.visit(authUrl, person), headers));
  }

  const refusedAs = (code: string) => ({ status: 307, path: '/login', query: { error: code }, fragment: {} });

  describe('asked whether it is there', () => {
    it('says where to go, and gives the browser its half of the state (case 29)', async () => {
      const { reply, authUrl, state } = await openidBrowser(world).begin();
      expect(reply.json).toEqual({ enabled: true, name: 'House & Garden', icon: 'keycloak', authUrl });
      expect(state).toMatch(/^[A-Za-z0-9_-]{43}=$/);
      expect(reply.headers.getSetCookie()).toEqual([
        `openid_state=${state}; Max-Age=300; Path=/; HttpOnly; SameSite=Lax`,
      ]);
      const asked = Object.fromEntries(new URL(authUrl).searchParams);
      expect(asked).toMatchObject({
        response_type: 'code',
        client_id: 'fluxgate',
        redirect_uri: `${world.baseUrl}/auth/openid/callback`,
        scope: 'openid profile email',
        code_challenge_method: 'S256',
      });
      expect(asked['nonce']).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(asked['code_challenge']).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(reply.headers.get('cache-control')).toBe('no-store');
    });

    it('begins nothing when it is looked at by HEAD', async () => {
      const { db } = world.instance.storage;
      const begun = async () => (await db.selectFrom('sso_attempt').select('hash').execute()).length;
      const before = await begun();
      const head = await world.client().send('/auth/openid', { method: 'HEAD' });
      expect([head.status, head.text, head.headers.getSetCookie()]).toEqual([405, '', []]);
      expect(await begun()).toBe(before);
    });

    it('says something new each time [G01]', async () => {
      const all = await Promise.all(Array.from({ length: 5 }, () => openidBrowser(world).begin()));
      for (const name of ['state', 'nonce', 'code_challenge']) {
        const values = all.map(({ authUrl }) => new URL(authUrl).searchParams.get(name));
        expect(new Set(values).size).toBe(5);
      }
    });
  });

  describe('where the provider sends the browser back to', () => {
    it('hands out tokens in the address, which nobody keeps (case 30: good)', async () => {
      const browser = openidBrowser(world);
      const { authUrl } = await browser.begin();
      const reply = await browser.comeBack(await provider.visit(authUrl, somebody()));
      const { query, ...at } = whither(reply);
      expect(at).toEqual({ status: 307, path: '/login/callback', fragment: {} });
      expect(Object.keys(query)).toEqual(['access_token', 'refresh_token']);
      expect(await steps.knock(query['access_token'] ?? '')).toBe(404);
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
      expect(browser.cookie).toBeNull();
      expect(world.logLines.join('')).not.toContain(query['refresh_token']);
      expect(world.logLines.join('')).not.toContain('code=');
    });

    it('answers like a log-in whoever would rather have JSON, and stays openid over a refresh', async () => {
      const person = somebody();
      const { user, tokens } = await signIn(person);
      expect(user).toEqual({
        id: expect.any(Number),
        username: person['email'],
        firstname: 'Ada',
        lastname: 'Lovelace',
      });
      expect(steps.claims(tokens.accessToken)).toMatchObject({ authType: 'openid', type: 'access' });
      expect(steps.claims(tokens.accessToken)).not.toHaveProperty('roles');
      const renewed = await steps.renew(tokens.refreshToken);
      expect(steps.claims(renewed.tokens.accessToken)).toMatchObject({ authType: 'openid' });
      expect(renewed.user).toEqual(user);
    });

    it('has one name of somebody, split at its first blank, and calls by it who has no address', async () => {
      const given_name = 'Mary Ann';
      const { user } = await signIn(somebody({ email: undefined, given_name, family_name: 'S'.repeat(40) }));
      expect(user).toMatchObject({
        username: expect.stringMatching(/^Mary_Ann_S{23}#\d{4}$/),
        firstname: 'Mary',
        lastname: `Ann ${'S'.repeat(23)}`,
      });
    });

    it('finds somebody again by the subject, whatever the address is now (case 30: first-time user) [G02]', async () => {
      const person = somebody();
      const first = await signIn(person);
      const second = await signIn({ ...person, email: newEmail(), given_name: 'Augusta' });
      expect(second.user).toEqual(first.user);
    });

    it('refuses a foreign state, no state, no cookie, and neither (case 30: wrong and missing state) [G01]', async () => {
      const browser = openidBrowser(world);
      const { authUrl, state } = await browser.begin();
      const query = await provider.visit(authUrl, somebody());
      const other = (await openidBrowser(world).begin()).state;
      const code = new URLSearchParams(query).get('code') ?? '';
      const tries: [string | null, string][] = [
        [other, query],
        [null, query],
        ['', query],
        ['""', query],
        [state, `?code=${code}`],
        [state, `?code=${code}&state=`],
        [state, `?code=${code}&state=${encodeURIComponent(other)}`],
        [state, `?code=${code}&state=${encodeURIComponent(state)}&state=${encodeURIComponent(state)}`],
        [null, `?code=${code}`],
        [null, `?code=${code}&state=`],
        ['', `?code=${code}&state=`],
      ];
      for (const [cookie, tried] of tries) {
        browser.cookie = cookie;
        expect([cookie, tried, whither(await browser.comeBack(tried))]).toEqual([
          cookie,
          tried,
          refusedAs('invalid_state'),
        ]);
      }
      // None of them has cost the person anything.
      browser.cookie = state;
      expect(whither(await browser.comeBack(query)).path).toBe('/login/callback');
      browser.cookie = state;
      expect(whither(await browser.comeBack(query))).toEqual(refusedAs('invalid_state'));
    });

    it('lets in one of 50 browsers that bring the same answer [G01]', async () => {
      const browser = openidBrowser(world);
      const { authUrl, state } = await browser.begin();
      const query = await provider.visit(authUrl, somebody());
      const cookie = `openid_state=${state}`;
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => openidBrowser(world).comeBack(query, { cookie })),
      );
      const paths = replies.map((reply) => whither(reply).path);
      expect(paths.filter((path) => path === '/login/callback')).toHaveLength(1);
      expect(paths.filter((path) => path === '/login')).toHaveLength(49);
    });

    it('refuses an attempt that is five minutes old', async () => {
      const browser = openidBrowser(world);
      const { authUrl } = await browser.begin();
      const query = await provider.visit(authUrl, somebody());
      world.clock.advance(5 * 60_000);
      expect(whither(await browser.comeBack(query))).toEqual(refusedAs('invalid_state'));
    });

    it("copies the provider's own error through, escaped (case 30: provider error)", async () => {
      const browser = openidBrowser(world);
      const { authUrl } = await browser.begin();
      const query = await provider.visit(authUrl, null);
      const reply = await browser.comeBack(query);
      expect(reply.headers.get('location')).toBe(
        '/login?error=access_denied&error_description=Not+today+%26+never',
      );
      const nasty = await openidBrowser(world).comeBack(
        '?error=a%26b%0d%0ax%3a1&error_description=%22%3Cb%3E',
      );
      expect(whither(nasty).query).toEqual({ error: 'a&bx:1', error_description: '<b>' });
      expect(whither(await openidBrowser(world).comeBack(''))).toEqual(refusedAs('missing_code'));
      expect(whither(await openidBrowser(world).comeBack('?code='))).toEqual(refusedAs('missing_code'));
    });

    it('refuses in JSON whoever would rather have JSON', async () => {
      const browser = openidBrowser(world);
      expect(steps.refusal(await browser.comeBack('', AS_JSON))).toBe('400 missing_code');
      expect(steps.refusal(await browser.comeBack('?code=a&state=b', AS_JSON))).toBe('400 invalid_state');
      const { state } = await browser.begin();
      const wrongCode = `?code=nonsense&state=${encodeURIComponent(state)}`;
      expect(steps.refusal(await browser.comeBack(wrongCode, AS_JSON))).toBe('401 auth_failed');
    });

    it('is not looked at by HEAD, which would spend the answer', async () => {
      const browser = openidBrowser(world);
      const { authUrl, state } = await browser.begin();
      const query = await provider.visit(authUrl, somebody());
      const head = await world.client().send(`/auth/openid/callback${query}`, {
        method: 'HEAD',
        headers: { cookie: `openid_state=${state}` },
      });
      expect(head.status).toBe(405);
      expect(whither(await browser.comeBack(query)).path).toBe('/login/callback');
    });

    it('lets nobody in who is inactive here (case 30: inactive user)', async () => {
      const person = somebody();
      const { user, tokens } = await signIn(person);
      const { project, users } = world.instance;
      const actor = { userId: null, sessionId: null, origin: null };
      const found = await users.findByNumber(project.id, user.id);
      await users.suspend({ projectId: project.id, id: found?.id ?? '', reason: null, actor });
      const browser = openidBrowser(world);
      const query = await provider.visit((await browser.begin()).authUrl, person);
      expect(whither(await browser.comeBack(query))).toEqual(refusedAs('user_inactive'));
      expect(await steps.knock(tokens.accessToken)).toBe(401);
    });
  });

  describe('roles of the provider', () => {
    const roles = { admin: [], resources: [{ namespace: 'ns', site: 'p', resource: '*', action: 'read' }] };
    /** 403 without the right; with it the API says that there is no such project. */
    async function mayRead(token: string): Promise<boolean> {
      const path = '/api/namespace/ns/project/p/version';
      const { status } = await world.client().get(path, steps.bearer(token));
      expect([403, 404]).toContain(status);
      return status !== 403;
    }

    it('hold while they are there, by name, from a nested claim (case 30: roles_claim nested)', async () => {
      const { project, roles: named } = world.instance;
      const actor = { userId: null, sessionId: null, origin: null };
      const person = somebody({ realm_access: { roles: ['readers', 'nobody-knows'] } });
      const { tokens } = await signIn(person);
      expect(steps.claims(tokens.accessToken)['roles']).toEqual(['readers', 'nobody-knows']);
      expect(await mayRead(tokens.accessToken)).toBe(false);
      await named.create({ projectId: project.id, code: 'readers', permissions: roles, actor });
      expect(await mayRead(tokens.accessToken)).toBe(true);
      const renewed = await steps.renew(tokens.refreshToken);
      expect(steps.claims(renewed.tokens.accessToken)['roles']).toEqual(['readers', 'nobody-knows']);
      expect(await mayRead(renewed.tokens.accessToken)).toBe(true);
      // Not kept with the user: the next sign-in has what the provider says then.
      const without = await signIn({ ...person, realm_access: { roles: 'readers' } });
      expect(await mayRead(without.tokens.accessToken)).toBe(false);
      await named.delete({ projectId: project.id, code: 'readers', actor });
      expect(await mayRead(renewed.tokens.accessToken)).toBe(false);
    });

    it('leave a token that can be read, whatever they are called', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(100, '流'));
      const { tokens } = await signIn(somebody({ realm_access: { roles: names } }));
      expect(steps.claims(tokens.accessToken)['roles']).toEqual(names.slice(0, 9));
      expect(await steps.knock(tokens.accessToken)).toBe(404);
      await steps.renew(tokens.refreshToken);
    });

    it('end with the setting that let them in, on sign-ins that are alive, too [J08]', async () => {
      const { project, roles: named } = world.instance;
      const actor = { userId: null, sessionId: null, origin: null };
      await named.create({ projectId: project.id, code: 'guests', permissions: roles, actor });
      const person = somebody({ realm_access: { roles: ['guests'] } });
      const { accessToken } = (await signIn(person)).tokens;
      const { databaseUrl, dataDir, clock } = world;
      for (const env of [{ FLUXGATE_OPENID_ENABLED: 'off' }, { FLUXGATE_OPENID_ROLES_CLAIM: '' }]) {
        const other = await createWorld({
          ...{ dialect, clock, database: { databaseUrl, dataDir } },
          env: { ...provider.settings, FLUXGATE_OPENID_ROLES_CLAIM: 'realm_access.roles', ...env },
        });
        const bearer = steps.bearer(accessToken);
        const asked = [
          '/api/namespace/ns/project/p/version',
          '/auth/verify?namespace=ns&project=p&resource=page&action=read',
        ];
        for (const path of asked) expect((await other.client().get(path, bearer)).status, path).toBe(403);
        // The sign-in itself goes on.
        expect((await other.client().get('/auth/verify', bearer)).status).toBe(200);
        await other.close();
      }
      expect(await mayRead(accessToken)).toBe(true);
    });
  });
});

describe("Flecto's OpenID over https", () => {
  it('is answered only in the browser that began, whatever a neighbouring host has planted there [D02, bug 27]', async () => {
    const publicUrl = 'https://auth.example.com';
    const provider = await createIdentityProvider({
      isCallback: (address) => address === `${publicUrl}/auth/openid/callback`,
    });
    const env = { ...provider.settings, FLUXGATE_PUBLIC_URL: publicUrl };
    const world = await createWorld({ dialect: 'sqlite', clock: new PassingClock(), env });
    const client = world.client();
    async function begun() {
      const reply = await client.get('/auth/openid');
      const { authUrl } = reply.json as { authUrl: string };
      const [shared = '', own = ''] = reply.headers.getSetCookie();
      const state = new URL(authUrl).searchParams.get('state');
      expect(shared).toBe(`openid_state=${state}; Max-Age=300; Path=/; HttpOnly; Secure; SameSite=Lax`);
      expect(own).toBe(`__Host-${shared}`);
      return { state, query: await provider.visit(authUrl, somebody()) };
    }
    const comeBack = (query: string, cookie: string) =>
      client.get(`/auth/openid/callback${query}`, { ...AS_JSON, cookie });
    const attackers = await begun();
    const victims = await begun();
    for (const cookie of [
      `openid_state=${attackers.state}`,
      `openid_state=${attackers.state}; __Host-openid_state=${victims.state}`,
      `openid_state=${attackers.state}; __Host-openid_state=`,
    ])
      expect((await comeBack(attackers.query, cookie)).json).toMatchObject({ error: 'invalid_state' });
    const back = await comeBack(victims.query, `openid_state=planted; __Host-openid_state=${victims.state}`);
    expect(back.status).toBe(200);
    const ended = back.headers.getSetCookie();
    expect(ended.map((line) => line.replace(/;.*/, ''))).toEqual(['openid_state=', '__Host-openid_state=']);
    await world.close();
    await provider.close();
  });
});

describe.each(DIALECTS)("Flecto's OpenID that nobody set up, on %s", (dialect) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ dialect });
  });

  afterAll(() => world.close());

  it('says that it is off, and nothing else (case 29)', async () => {
    const reply = await world.client().get('/auth/openid');
    expect([reply.status, reply.text]).toEqual([200, '{"enabled":false}\n']);
    expect(reply.headers.getSetCookie()).toEqual([]);
  });

  it('has no callback', async () => {
    const reply = await world.client().get('/auth/openid/callback?code=a&state=b');
    expect([reply.status, reply.json]).toEqual([404, { message: 'Not Found' }]);
  });
});
