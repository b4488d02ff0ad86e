import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  createHostileProvider,
  createSocialKit,
  createWorld,
  DIALECTS,
  type HostileProvider,
  type ProviderPerson,
  socialBrowser,
  somebody,
  type World,
} from '../../testing/index.ts';

const ONE = '11111111-2222-4333-8444-555555555555';
const OTHER = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';

describe.each(DIALECTS)('signing in at Microsoft on %s', (dialect) => {
  let world: World;
  let provider: HostileProvider;
  let kit: Awaited<ReturnType<typeof createSocialKit>>;
  const template = () => `${provider.issuer}/{tenantid}/v2.0`;
  const issuerOf = (tid: string) => `${provider.issuer}/${tid}/v2.0`;

  /** As Microsoft does: one document for all tenants, and tokens that name their own. */
  const tenants = (): void =>
    provider.play({ discovery: (document) => Object.assign(document, { issuer: template() }) });
  const single = (tid: string): void =>
    provider.play({ discovery: (document) => Object.assign(document, { issuer: issuerOf(tid) }) });

  const setTenant = (tenant: string) =>
    kit.set('microsoft', { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: template(), tenant });
  const from = (tid: string, claims: Record<string, unknown> = {}): ProviderPerson =>
    somebody({ tid, iss: issuerOf(tid), email_verified: undefined, ...claims });
  const through = async (person: ProviderPerson) =>
    (await kit.through('microsoft', (url) => provider.approve(url, person))).query;
  const signIn = (person: ProviderPerson) => kit.signIn('microsoft', (url) => provider.approve(url, person));

  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    provider = await createHostileProvider({ clock: world.clock.now });
  });
  beforeEach(async () => {
    tenants();
    kit = await createSocialKit(world, {
      microsoft: {
        settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: template() },
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  it('takes people of every tenant, each known by tenant and subject [FX-15, G02]', async () => {
    const person = from(ONE);
    const first = await signIn(person);
    expect(first.session.authentication_method).toBe('microsoft');
    expect(first.user.email).toBe(person['email']);
    expect((await signIn(person)).user.id).toBe(first.user.id);
    const namesake = await signIn(from(OTHER, { sub: person.sub }));
    expect(namesake.user.id).not.toBe(first.user.id);
    expect((await signIn(from(CONSUMERS))).user.id).toBeDefined();
    const { path } = provider.asked.find((one) => one.path.endsWith('openid-configuration')) ?? {};
    expect(path).toBe('/common/v2.0/.well-known/openid-configuration');
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['names no tenant', () => ({ tid: undefined })],
    ['names a tenant that is none', () => ({ tid: '../evil', iss: issuerOf('../evil') })],
    ['names a tenant in capitals', () => ({ tid: OTHER.toUpperCase(), iss: issuerOf(OTHER.toUpperCase()) })],
    ['names one tenant and is of another', () => ({ tid: OTHER })],
    ['is of all tenants', () => ({ iss: template() })],
    ['is of another issuer', () => ({ iss: 'https://evil.example/v2.0' })],
    ['is of an issuer below', () => ({ iss: `${issuerOf(ONE)}/` })],
    ['is for another audience', () => ({ aud: 'another' })],
    ['answers another attempt', () => ({ nonce: 'another' })],
    ['is over', () => ({ exp: 1 })],
  ])('refuses a token that %s [G03, G04, bug 36]', async (_, claims) => {
    const query = await through(from(ONE, claims()));
    expect(query).toEqual({ error: 'sign_in_failed', state: expect.any(String) });
    expect(await kit.usersNow()).toEqual([]);
  });

  it('refuses a token that somebody else has signed, though its tenant fits [G04]', async () => {
    provider.play({
      discovery: (document) => Object.assign(document, { issuer: template() }),
      compact: (_, { parts, signWith, stranger }) => signWith(parts, stranger),
    });
    expect(await through(from(ONE))).toMatchObject({ error: 'sign_in_failed' });
    expect(await kit.usersNow()).toEqual([]);
  });

  it.each<[string, string, () => Record<string, unknown>, boolean]>([
    ['every tenant’s', 'common', () => ({ issuer: template() }), true],
    ['the tenant’s own', 'common', () => ({ issuer: issuerOf(ONE) }), true],
    ['that of people without a tenant', 'common', () => ({ issuer: issuerOf(CONSUMERS) }), false],
    ['another tenant’s', 'common', () => ({ issuer: issuerOf(OTHER) }), false],
    ['one for elsewhere', 'common', () => ({ issuer: 'https://evil.example/{tenantid}/v2.0' }), false],
    ['one for no issuer that can be read', 'common', () => ({ issuer: [issuerOf(ONE)] }), false],
    ['every tenant’s, to the one', ONE, () => ({ issuer: template() }), true],
    ['that of people without a tenant, to the one', ONE, () => ({ issuer: issuerOf(CONSUMERS) }), false],
  ])('takes a key as good for its own issuer: %s, asked at %s [G04]', async (_, tenant, says, isGood) => {
    const named = tenant === 'common' ? template() : issuerOf(tenant);
    await setTenant(tenant);
    provider.play({
      discovery: (document) => Object.assign(document, { issuer: named }),
      jwk: (key) => Object.assign(key, says()),
    });
    world.logLines.length = 0;
    const query = await through(from(ONE));
    expect(query['error'] ?? null).toBe(isGood ? null : 'sign_in_failed');
    expect(await kit.usersNow()).toHaveLength(isGood ? 1 : 0);
    expect(world.logLines.join('').includes('signed by a key of another issuer')).toBe(!isGood);
  });

  it('shows nobody the code that came in the name of no tenant that may come [G03]', async () => {
    const askedNow = () => provider.asked.filter(({ path }) => path === '/token').length;
    const named = async (iss: string) => {
      const person = from(ONE);
      const { query } = await kit.through(
        'microsoft',
        (url) => `${provider.approve(url, person)}&iss=${encodeURIComponent(iss)}`,
      );
      return query;
    };
    const before = askedNow();
    for (const iss of [
      'https://accounts.example.com',
      `https://evil.example/${ONE}/v2.0`,
      template(),
      issuerOf('common'),
      issuerOf(OTHER.toUpperCase()),
      `${issuerOf(ONE)}/`,
    ])
      expect(await named(iss), iss).toMatchObject({ error: 'sign_in_failed' });
    await setTenant('organizations');
    expect(await named(issuerOf(CONSUMERS))).toMatchObject({ error: 'sign_in_failed' });
    expect(askedNow()).toBe(before);
    expect(await named(issuerOf(OTHER))).toMatchObject({ error: 'sign_in_failed' });
    expect(await kit.usersNow()).toEqual([]);
    expect(await named(issuerOf(ONE))).toHaveProperty('code');
    expect(askedNow()).toBe(before + 2);
  });

  it.each<[string, object, number]>([
    ['the provider answered invalid_client', { error: 'invalid_client' }, 401],
    ['the provider answered invalid_grant', { error: 'invalid_grant' }, 400],
    ['invalid response encountered', { access_token: 'x', token_type: 'Bearer' }, 200],
  ])('tells the operator that %s, and not of tenants', async (reason, body, status) => {
    world.logLines.length = 0;
    const { query } = await kit.through('microsoft', (url) => {
      provider.play({
        answer(path, response) {
          const headers = { 'content-type': 'application/json' };
          if (path === '/token') response.writeHead(status, headers).end(JSON.stringify(body));
          return path === '/token';
        },
      });
      return provider.approve(url, from(ONE));
    });
    expect(query).toMatchObject({ error: 'sign_in_failed' });
    const log = world.logLines.join('');
    expect(log).toContain(reason);
    expect(log).not.toContain('tenant');
  });

  it('exchanges a code once, though the answer is looked at twice', async () => {
    const before = provider.asked.filter(({ path }) => path === '/token').length;
    await signIn(from(ONE));
    expect(provider.asked.filter(({ path }) => path === '/token')).toHaveLength(before + 1);
  });

  it.each([
    ['organizations', CONSUMERS, 'sign_in_failed'],
    ['organizations', ONE, null],
  ])('of %s takes those of %s: %s', async (tenant, tid, error) => {
    await setTenant(tenant);
    expect((await through(from(tid)))['error'] ?? null).toBe(error);
  });

  it('of one tenant takes no other', async () => {
    for (const [tenant, tid] of [
      [ONE, ONE],
      ['consumers', CONSUMERS],
    ] as const) {
      single(tid);
      await setTenant(tenant);
      expect(await through(from(OTHER))).toMatchObject({ error: 'sign_in_failed' });
      // The issuer decides, whatever else stands in the token.
      expect(await through(from(OTHER, { tid }))).toMatchObject({ error: 'sign_in_failed' });
      expect(await through(from(tid))).toHaveProperty('code');
    }
  });

  it('asks nobody who calls himself by another name [G03]', async () => {
    for (const [tenant, named] of [
      ['common', issuerOf(ONE)],
      ['common', 'https://evil.example/{tenantid}/v2.0'],
      [ONE, issuerOf(OTHER)],
      [ONE, template()],
    ] as const) {
      await setTenant(tenant);
      provider.play({ discovery: (document) => Object.assign(document, { issuer: named }) });
      const { url } = await socialBrowser(world, kit.flux).begin('microsoft');
      expect(url, `${tenant} ${named}`).toContain('error=provider_unavailable');
    }
  });

  describe('with an address that somebody here has verified', () => {
    it.each<[string, string, Record<string, unknown>, boolean]>([
      ['any tenant', 'common', {}, false],
      ['any tenant, called verified', 'common', { email_verified: true }, false],
      ['any tenant, as its user name', 'common', { preferred_username: 'same', upn: 'same' }, false],
      ['any tenant, whose domain is not its own', 'common', { xms_edov: false }, false],
      ['any tenant, in a text', 'common', { xms_edov: 'false' }, false],
      ['any tenant, by a zero', 'common', { xms_edov: '0' }, false],
      ['any tenant, by a list', 'common', { xms_edov: [true] }, false],
      ['any tenant that owns the domain', 'common', { xms_edov: true }, true],
      ['any tenant that owns the domain, by a number', 'common', { xms_edov: 1 }, true],
      ['the one tenant of the project', ONE, {}, true],
      ['people without a tenant', 'consumers', {}, false],
    ])('of %s joins only what can be relied on [G05, bug 37, bug 48]', async (_, tenant, claims, joins) => {
      const { user } = await kit.flux.signUp();
      await kit.verify(user.id);
      await setTenant(tenant);
      const tid = tenant === 'consumers' ? CONSUMERS : ONE;
      if (tenant !== 'common') single(tid);
      const same = Object.entries(claims).map(([name, value]) => [
        name,
        value === 'same' ? user.email : value,
      ]);
      const query = await through(from(tid, { email: user.email, ...Object.fromEntries(same) }));
      expect(query['error'] ?? null).toBe(joins ? null : 'account_exists');
      expect(await kit.usersNow()).toEqual([user.id]);
      expect(await kit.identities().execute()).toHaveLength(joins ? 1 : 0);
    });
  });
});
