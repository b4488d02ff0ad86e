import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createHostileProvider,
  createWorld,
  DIALECTS,
  flectoSteps,
  type HostileProvider,
  newEmail,
  openidBrowser,
  PASSWORD,
  type ProviderPerson,
  somebody,
  type World,
  whither,
} from '../../testing/index.ts';

const AUTH_FAILED = { status: 307, path: '/login', query: { error: 'auth_failed' }, fragment: {} };

/** Signs in through a provider that keeps to the protocol; `at` is the server that the browser comes back to. */
function ways(world: World, provider: HostileProvider, address?: string) {
  const browser = () => openidBrowser(world, address);

  return {
    async signIn(person: ProviderPerson) {
      const one = browser();
      return whither(await one.comeBack(provider.approve((await one.begin()).authUrl, person)));
    },
    /** The token of one who got in. */
    async enter(person: ProviderPerson): Promise<string> {
      const { path, query } = await this.signIn(person);
      expect(path).toBe('/login/callback');
      return query['access_token'] ?? '';
    },
  };
}

async function lastRefusal({ instance }: World): Promise<string | null | undefined> {
  const row = await instance.storage.db
    .selectFrom('audit_record')
    .select(['outcome', 'method'])
    .where('event', '=', 'sign-in.refused')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  expect(row?.method).toBe('upstream-oidc');
  return row?.outcome;
}

describe.each(DIALECTS)('people of a provider, on %s', (dialect) => {
  let world: World;
  let provider: HostileProvider;
  let go: ReturnType<typeof ways>;

  beforeAll(async () => {
    provider = await createHostileProvider({ clock: () => world.clock.now() });
    world = await createWorld({
      dialect,
      env: {
        ...provider.settings,
        FLUXGATE_RATE_LIMITS: 'off',
        FLUXGATE_OPENID_ROLES_CLAIM: 'groups',
      },
    });
    go = ways(world, provider);
  });

  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  const db = () => world.instance.storage.db;
  const usersThere = async () => (await db().selectFrom('user').select('id').execute()).length;
  const contactOf = (address: string) =>
    db().selectFrom('contact').selectAll().where('address_normal', '=', address.toLowerCase()).execute();
  const identitiesOf = (userId: string) =>
    db().selectFrom('external_identity').selectAll().where('user_id', '=', userId).execute();

  describe('an e-mail address that comes with somebody new', () => {
    /** What a provider may say of it, and whether that proves anything. */
    const FLAGS: [string, unknown, boolean][] = [
      ['true', true, true],
      ['false', false, false],
      ['nothing', undefined, false],
      ['the text "true"', 'true', false],
      ['the number 1', 1, false],
      ['a list', [true], false],
    ];

    it.each(FLAGS)('is kept, and proved only by true: %s [G05]', async (_, email_verified, isProved) => {
      const person = somebody({ email_verified });
      await go.enter(person);
      const [contact] = await contactOf(String(person['email']));
      expect(contact?.verified_at !== null).toBe(isProved);
    });

    const ACCOUNTS: Record<string, () => Promise<{ email: string; userId: string }>> = {
      'with a password, not proved': async () => {
        const { email, json } = await world.register(world.client());
        return { email, userId: (json as { user_id: string }).user_id };
      },
      'with a password, proved': () => world.person(),
      'with a second factor': async () => {
        const person = await world.person();
        await createFactorKit(world).totp(person);
        return person;
      },
      'with neither, proved by the same provider': async () => {
        const person = somebody();
        await go.enter(person);
        const [contact] = await contactOf(String(person['email']));
        return { email: String(person['email']), userId: contact?.user_id ?? '' };
      },
      'with neither, not proved': async () => {
        const person = somebody({ email_verified: false });
        await go.enter(person);
        const [contact] = await contactOf(String(person['email']));
        return { email: String(person['email']), userId: contact?.user_id ?? '' };
      },
    };

    it.each(
      Object.keys(ACCOUNTS).flatMap((kind) =>
        FLAGS.slice(0, 4).map(([flag, value]) => [kind, flag, value] as const),
      ),
    )('opens no account %s, with the word %s [G05, bug 36]', async (kind, _, email_verified) => {
      const { email, userId } = (await ACCOUNTS[kind]?.()) ?? { email: '', userId: '' };
      const before = {
        users: await usersThere(),
        contact: await contactOf(email),
        own: await identitiesOf(userId),
      };
      for (const spelling of [email, email.toUpperCase()]) {
        expect(await go.signIn(somebody({ email: spelling, email_verified }))).toEqual(AUTH_FAILED);
        expect(await lastRefusal(world)).toBe('address-taken');
      }
      expect({
        users: await usersThere(),
        contact: await contactOf(email),
        own: await identitiesOf(userId),
      }).toEqual(before);
    });

    it.each(['nonsense', 'a@b', '"a b"@example.com', 'ä@example.com', `${'a'.repeat(250)}@example.com`])(
      'makes no account when it is none: %s',
      async (email) => {
        const before = await usersThere();
        expect(await go.signIn(somebody({ email }))).toEqual(AUTH_FAILED);
        expect(await lastRefusal(world)).toBe('address-malformed');
        expect(await usersThere()).toBe(before);
      },
    );

    it('may be missing', async () => {
      const token = await go.enter(somebody({ email: undefined }));
      expect(await flectoSteps(world).knock(token)).toBe(404);
    });
  });

  describe('the name of somebody new', () => {
    it.each<[Record<string, unknown>, string]>([
      [{ given_name: 'Grace', family_name: 'Hopper' }, 'Grace Hopper'],
      [{ name: 'Grace Brewster Hopper' }, 'Grace Brewster Hopper'],
      [{ name: 'Grace Hopper', given_name: 'Amazing' }, 'Amazing Hopper'],
      [{ given_name: ' Grace\u0007', family_name: 'Hop\nper ' }, 'Grace Hop per'],
      [{ given_name: 'G'.repeat(40), family_name: 'Hopper' }, 'G'.repeat(32)],
    ])('of %j is %s', async (claims, shown) => {
      const token = await go.enter(
        somebody({ given_name: undefined, family_name: undefined, name: undefined, ...claims }),
      );
      const { uid } = flectoSteps(world).claims(token) as { uid: number };
      const { project, users } = world.instance;
      expect((await users.findByNumber(project.id, uid))?.profile.globalName).toBe(shown);
    });

    it.each<[Record<string, unknown>]>([
      [{}],
      [{ name: 'Grace' }],
      [{ given_name: 'Grace' }],
      [{ given_name: '', family_name: 'Hopper' }],
      [{ given_name: 7, family_name: ['Hopper'] }],
    ])('makes no account where it is not whole: %j', async (claims) => {
      const before = await usersThere();
      const nameless = { given_name: undefined, family_name: undefined, name: undefined };
      expect(await go.signIn(somebody({ ...nameless, ...claims }))).toEqual(AUTH_FAILED);
      expect(await lastRefusal(world)).toBe('name-missing');
      expect(await usersThere()).toBe(before);
    });

    it('is not needed by somebody who has come before', async () => {
      const person = somebody();
      const first = await go.enter(person);
      const second = await go.enter({ sub: person.sub });
      const { claims } = flectoSteps(world);
      expect(claims(second)['uid']).toBe(claims(first)['uid']);
    });
  });

  it('makes one account of somebody who comes for the first time in ten browsers at once', async () => {
    const before = await usersThere();
    const person = somebody();
    const all = await Promise.all(Array.from({ length: 10 }, () => go.signIn(person)));
    const inside = all.filter(({ path }) => path === '/login/callback');
    expect(inside.length).toBeGreaterThan(0);
    const { claims } = flectoSteps(world);
    expect(new Set(inside.map(({ query }) => claims(query['access_token'] ?? '')['uid'])).size).toBe(1);
    for (const one of all) if (one.path !== '/login/callback') expect(one).toEqual(AUTH_FAILED);
    expect(await usersThere()).toBe(before + 1);
  });

  describe('and a second factor', () => {
    /** Somebody of the provider's who has set one up here. */
    async function careful() {
      const person = somebody({ groups: ['admins'] });
      await go.enter(person);
      const email = String(person['email']);
      const client = world.client();
      await client.post('/v1/auth/forgot', { email });
      const { token } = await world.newestMail(email, 'password_reset');
      const reset = await client.post('/v1/auth/reset', { token, password: PASSWORD });
      client.token = (reset.json as { token: string }).token;
      const app = await createFactorKit(world).totp({ client, email, userId: '', password: PASSWORD });
      return { person, app };
    }

    it('is owed here as everywhere, and the ticket is nowhere that a server sees it [B09]', async () => {
      const { person, app } = await careful();
      const { path, query, fragment } = await go.signIn(person);
      expect([path, query['error']]).toEqual(['/login', 'mfa_required']);
      expect(fragment).toEqual({
        ticket: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
        methods: 'totp,recovery-code',
        expiresAt: expect.stringMatching(/^\d{10}$/),
      });
      expect(JSON.stringify(query)).not.toContain(fragment['ticket']);
      const steps = flectoSteps(world);
      const proof = { ticket: fragment['ticket'], method: 'totp' };
      const wrong = await world.client().post('/auth/login/mfa', { ...proof, code: app.wrong() });
      expect(steps.refusal(wrong)).toBe('401 invalid_code');
      const { tokens } = steps.good(
        await world.client().post('/auth/login/mfa', { ...proof, code: app.code() }),
      );
      // Who vouched first, and with which roles, is still known after the second step.
      for (const token of [tokens.accessToken, (await steps.renew(tokens.refreshToken)).tokens.accessToken])
        expect(steps.claims(token)).toMatchObject({ authType: 'openid', roles: ['admins'] });
    });

    it('is owed in JSON, too', async () => {
      const { person } = await careful();
      const browser = openidBrowser(world);
      const query = provider.approve((await browser.begin()).authUrl, person);
      const reply = await browser.comeBack(query, { accept: 'application/json' });
      expect([reply.status, reply.json]).toMatchObject([
        403,
        { error: 'mfa_required', methods: ['totp', 'recovery-code'] },
      ]);
    });

    it('is not met by whatever the provider says it asked for [G06]', async () => {
      const { person } = await careful();
      const said = { ...person, acr: 'urn:mace:incommon:iap:silver', amr: ['mfa', 'otp', 'hwk'] };
      expect((await go.signIn(said)).query['error']).toBe('mfa_required');
    });
  });

  it('goes from an account whose mailbox turns out to be somebody else’s [bug 38]', async () => {
    const stranger = somebody({ email_verified: false });
    const before = await go.enter(stranger);
    const email = String(stranger['email']);
    const owner = world.client();
    await owner.post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    expect((await owner.post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(200);
    expect(await flectoSteps(world).knock(before)).toBe(401);
    expect(await go.signIn(stranger)).toEqual(AUTH_FAILED);
    expect(await lastRefusal(world)).toBe('address-taken');
  });

  it('is known by issuer and subject together: the same subject elsewhere is somebody else [G02]', async () => {
    const other = await createHostileProvider({ clock: () => world.clock.now() });
    const { databaseUrl, dataDir, clock } = world;
    const elsewhere = await createWorld({
      dialect,
      database: { databaseUrl, dataDir },
      clock,
      env: { ...other.settings, FLUXGATE_RATE_LIMITS: 'off' },
    });
    const person = somebody();
    const { claims } = flectoSteps(world);
    const here = claims(await go.enter(person))['uid'];
    const there = ways(elsewhere, other);
    const uid = claims(await there.enter({ ...person, email: newEmail() }))['uid'];
    expect(uid).not.toBe(here);
    expect(await there.signIn({ ...somebody(), email: person['email'] })).toEqual(AUTH_FAILED);

    // G01: what was begun with one provider ends with no other.
    const browser = openidBrowser(world);
    await browser.begin();
    const mixed = openidBrowser(elsewhere);
    mixed.cookie = browser.cookie;
    const query = `?code=code-1&state=${encodeURIComponent(browser.cookie ?? '')}`;
    const asked = other.asked.length;
    expect(whither(await mixed.comeBack(query)).query).toEqual({ error: 'invalid_state' });
    expect(other.asked.length).toBe(asked);
    await elsewhere.close();
    await other.close();
  });

  it('stops at the callback when the provider is switched off meanwhile [G07, bug 43]', async () => {
    const { databaseUrl, dataDir, clock } = world;
    const browser = openidBrowser(world);
    const query = provider.approve((await browser.begin()).authUrl, somebody());
    const off = await createWorld({ dialect, database: { databaseUrl, dataDir }, clock });
    const returning = openidBrowser(off);
    returning.cookie = browser.cookie;
    expect((await returning.comeBack(query)).status).toBe(404);
    await off.close();
  });
});

describe.each(DIALECTS)('people of a provider, where more is asked of everybody, on %s', (dialect) => {
  let provider: HostileProvider;
  let world: World;

  async function open(env: Record<string, string>) {
    provider = await createHostileProvider({ clock: () => world.clock.now() });
    world = await createWorld({ dialect, env: { ...provider.settings, ...env } });
  }

  async function close() {
    await world.close();
    await provider.close();
  }

  it('set up a second factor first', async () => {
    await open({ FLUXGATE_REQUIRE_MFA: 'on' });
    const { path, query } = await ways(world, provider).signIn(somebody());
    expect([path, query['error']]).toEqual(['/login', 'mfa_enrollment_required']);
    expect(query['error_description']).toContain(`${world.baseUrl}/login`);
    await close();
  });

  it('approve a new place by mail', async () => {
    await open({ FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' });
    const person = somebody();
    await ways(world, provider, '10.1.1.1').enter(person);
    const elsewhere = await ways(world, provider, '10.2.2.2').signIn(person);
    expect([elsewhere.path, elsewhere.query['error']]).toEqual(['/login', 'place_approval_required']);
    expect((await world.newestMail(String(person['email']), 'ip_authorization')).token).not.toBe('');
    await ways(world, provider, '10.1.1.1').enter(person);
    await close();
  });
});
