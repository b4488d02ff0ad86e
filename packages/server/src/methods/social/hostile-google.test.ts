import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  callbackPathOf,
  createHostileProvider,
  createSocialKit,
  createWorld,
  DIALECTS,
  type HostileProvider,
  newEmail,
  socialBrowser,
  somebody,
  type World,
} from '../../testing/index.ts';

type Mischief = Parameters<HostileProvider['play']>[0];

const claim = (name: string, value: unknown): Mischief => ({
  token: ({ claims }) => Object.assign(claims, { [name]: value }),
});
const shifted = (name: string, seconds: number): Mischief => ({
  token: ({ claims }) => Object.assign(claims, { [name]: Number(claims['iat']) + seconds }),
});
const without = (name: string): Mischief => ({ token: ({ claims }) => void delete claims[name] });
const says = (path: RegExp, say: (response: ServerResponse) => void): Mischief => ({
  answer(asked, response) {
    if (!path.test(asked)) return false;
    say(response);
    return true;
  },
});
const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** One thing wrong at a time, with a token that is otherwise as good as any (G04). */
const TOKENS: Record<string, Mischief> = {
  'a signature of another key': { compact: (_, { parts, signWith, stranger }) => signWith(parts, stranger) },
  'an empty signature': { compact: (token) => `${token.split('.').slice(0, 2).join('.')}.` },
  'no algorithm': {
    compact: (_, { base64, parts }) => `${base64({ alg: 'none' })}.${base64(parts.claims)}.`,
  },
  'the public key taken for a shared secret': {
    compact: (_, { base64, parts, publicPem, hmac }) => {
      const input = `${base64({ alg: 'HS256', kid: 'own' })}.${base64(parts.claims)}`;
      return `${input}.${hmac(input, publicPem)}`;
    },
  },
  'the client secret taken for a key': {
    compact: (_, { base64, parts, clientSecret }) => {
      const input = `${base64({ alg: 'HS256' })}.${base64(parts.claims)}`;
      return `${input}.${createHmac('sha256', clientSecret).update(input).digest('base64url')}`;
    },
  },
  'a key of its own in the header': {
    compact: (_, { parts, signWith, stranger, strangerJwk }) =>
      signWith({ ...parts, header: { alg: 'RS256', jwk: strangerJwk } }, stranger),
  },
  'another audience': claim('aud', 'another-client'),
  'no audience': without('aud'),
  'another authorized party': claim('azp', 'another'),
  'another issuer': claim('iss', 'https://accounts.google.com'),
  'no issuer': without('iss'),
  'another nonce': claim('nonce', 'another'),
  'no nonce': without('nonce'),
  'an end that has passed': shifted('exp', -3_600),
  'no end': without('exp'),
  'a beginning to come': shifted('iat', 3_600),
  'no subject': without('sub'),
  'an empty subject': claim('sub', ''),
  'a number for a subject': claim('sub', 7),
  'a subject with a line break': claim('sub', 'a\nb'),
  'two subjects': { payload: (text) => text.replace('{', '{"sub":"victim",') },
};

/** Answers of a provider that is away, as far as anybody can tell. */
const AWAY: Record<string, Mischief> = {
  'answers 500': says(/token$/, json({ error: 'server_error' }, 500)),
  'sends the client elsewhere': says(/token$/, (response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  ),
  'hangs up': says(/token$/, (response) => response.destroy()),
  'never stops talking': says(/token$/, (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"x":"${'y'.repeat(300_000)}"}`),
  ),
  'hides its keys': says(/keys$/, json({}, 503)),
  'has had enough of codes': says(/token$/, json({ error: 'temporarily_unavailable' }, 429)),
  'has had enough of being asked for keys': says(/keys$/, json({}, 429)),
  'forbids to look at its keys': says(/keys$/, json({}, 403)),
};

const NO_TOKENS: Record<string, Mischief> = {
  'no JSON': says(/token$/, (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'),
  ),
  'no token': says(/token$/, json({})),
  'no ID token': says(/token$/, json({ access_token: 'x', token_type: 'Bearer' })),
  'a refusal': says(/token$/, json({ error: 'invalid_client' }, 401)),
};

describe.each(DIALECTS)('a Google that cannot be believed, on %s', (dialect) => {
  let world: World;
  let provider: HostileProvider;
  let kit: Awaited<ReturnType<typeof createSocialKit>>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    provider = await createHostileProvider({ clock: world.clock.now });
  });
  beforeEach(async () => {
    provider.play({});
    kit = await createSocialKit(world, {
      google: { settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: provider.issuer } },
    });
  });
  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  async function through(mischief: Mischief, person = somebody()) {
    const { query } = await kit.through('google', (url) => {
      provider.play(mischief);
      return provider.approve(url, person);
    });
    return query;
  }

  it('is believed when nothing is wrong', async () => {
    expect(await through({})).toHaveProperty('code');
  });

  it.each(Object.keys(TOKENS))(
    'signs nobody in by a token with %s [G04, bug 36, bug 44, bug 46]',
    async (name) => {
      const { user } = await kit.flux.signUp();
      await kit.verify(user.id);
      const query = await through(TOKENS[name] ?? {}, somebody({ email: user.email }));
      expect(query).toEqual({ error: 'sign_in_failed', state: expect.any(String) });
      expect(await kit.usersNow()).toEqual([user.id]);
      expect(await kit.identities().execute()).toEqual([]);
    },
  );

  it.each(Object.keys(NO_TOKENS))('signs nobody in by %s', async (name) => {
    expect(await through(NO_TOKENS[name] ?? {})).toMatchObject({ error: 'sign_in_failed' });
    expect(await kit.usersNow()).toEqual([]);
  });

  it.each(Object.keys(AWAY))(
    'says that it is away when it %s, and waits for nobody else [G08, L05]',
    async (name) => {
      expect(await through(AWAY[name] ?? {})).toMatchObject({ error: 'provider_unavailable' });
      expect(await kit.usersNow()).toEqual([]);
      expect((await kit.flux.signUp()).user.id).toBeDefined();
    },
  );

  it.each<[string, Mischief]>([
    ['cannot be asked', says(/openid-configuration$/, json({}, 503))],
    [
      'calls itself by another name',
      { discovery: (it) => Object.assign(it, { issuer: 'https://evil.example' }) },
    ],
    ['names no token endpoint', { discovery: (it) => void delete it['token_endpoint'] }],
    [
      'counts the ways to show the secret',
      { discovery: (it) => Object.assign(it, { token_endpoint_auth_methods_supported: 5 }) },
    ],
    [
      'lists where to sign in',
      { discovery: (it) => Object.assign(it, { authorization_endpoint: ['https://a/'] }) },
    ],
    [
      'sends people to a script',
      { discovery: (it) => Object.assign(it, { authorization_endpoint: 'javascript:alert(1)' }) },
    ],
  ])('is not even begun with when it %s [G03]', async (_, mischief) => {
    provider.play(mischief);
    const begun = await socialBrowser(world, kit.flux).begin('google');
    expect(Object.fromEntries(new URL(begun.url).searchParams)).toEqual({
      error: 'provider_unavailable',
      state: begun.state,
    });
    expect(
      await world.instance.storage.db
        .selectFrom('social_attempt')
        .selectAll()
        .where('project_id', '=', kit.flux.id)
        .execute(),
    ).toEqual([]);
    // Nothing of it is kept: the next one to come goes there.
    provider.play({});
    expect(await through({})).toHaveProperty('code');
  });

  it.each([
    ['no e-mail address', { email: 'not an address' }],
    ['two addresses', { email: `${newEmail()},${newEmail()}` }],
    ['a line break', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['letters that are not what they seem', { email: 'a＠example.com' }],
  ])('makes nobody with %s [L01, bug 62]', async (_, claims) => {
    expect(await through({}, somebody(claims))).toMatchObject({ error: 'sign_in_failed' });
    expect(await kit.usersNow()).toEqual([]);
  });

  it.each(['\uff41da', 'a\uff44a', 'ad\u00aa'])(
    'joins nobody whose address %s@example.com only looks like [G05, bugs 37 and 62]',
    async (local) => {
      const { user } = await kit.flux.signUp('ada@example.com');
      await kit.verify(user.id);
      expect(await through({}, somebody({ email: `${local}@example.com` }))).toMatchObject({
        error: 'sign_in_failed',
      });
      expect(await kit.usersNow()).toEqual([user.id]);
      expect(await kit.identities().execute()).toEqual([]);
    },
  );

  it.each([
    ['everyone', null],
    ['System Message', null],
    [' Ada\u0000\u0007Lovelace ', 'Ada Lovelace'],
    ['x'.repeat(500), 'x'.repeat(32)],
    [{ first: 'Ada' }, 'Ada'],
  ])('gives a name that may be shown, of %j', async (name, shown) => {
    await through({}, somebody({ name }));
    const [id = ''] = await kit.usersNow();
    const row = await world.instance.storage.db
      .selectFrom('profile')
      .select('global_name')
      .where('user_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.global_name).toBe(shown);
  });

  it('tells the operator why, and no value out of a token', async () => {
    await through(claim('aud', 'a-secret-audience'), somebody({ sub: 'a-secret-subject' }));
    const log = world.logLines.join('');
    expect(log).toContain('An answer of google was not believed');
    for (const secret of ['a-secret-audience', 'a-secret-subject', CLIENT_SECRET])
      expect(log).not.toContain(secret);
  });

  it('asks with the credentials of now', async () => {
    await through({});
    await kit.set('google', { client_id: CLIENT_ID, client_secret: 'another', issuer: provider.issuer });
    await through({});
    const sent = provider.asked
      .filter(({ path }) => path === '/token')
      .map(({ authorization }) => authorization);
    const [before, after] = sent
      .slice(-2)
      .map((one) => decodeURIComponent(Buffer.from(one?.slice(6) ?? '', 'base64').toString()));
    expect(before).toBe(`${CLIENT_ID}:${CLIENT_SECRET}`);
    expect(after).toBe(`${CLIENT_ID}:another`);
  });
});

describe('a server that is not at localhost', () => {
  it('asks nobody on its own machine or network, whatever a project’s administrator writes [G08, bug 70]', async () => {
    const world = await createWorld({
      dialect: 'sqlite',
      env: { FLUXGATE_PUBLIC_URL: 'https://auth.example.com', FLUXGATE_RATE_LIMITS: 'off' },
    });
    const provider = await createHostileProvider({ clock: world.clock.now });
    const credentials = { client_id: CLIENT_ID, client_secret: CLIENT_SECRET };
    for (const issuer of [
      provider.issuer,
      'https://127.0.0.1',
      'https://[::ffff:127.0.0.1]',
      'https://169.254.169.254/latest',
      'https://10.0.0.1',
    ]) {
      const kit = await createSocialKit(world, { google: { settings: { ...credentials, issuer } } });
      const begun = await socialBrowser(world, kit.flux).begin('google');
      expect(begun.url, issuer).toContain('error=provider_unavailable');
    }
    const kit = await createSocialKit(world, {
      github: { settings: { ...credentials, web_url: provider.issuer } },
    });
    const { query, begun } = await kit.through(
      'github',
      (url) => `?${new URLSearchParams({ code: 'x', state: new URL(url).searchParams.get('state') ?? '' })}`,
    );
    expect(query).toMatchObject({ error: 'provider_unavailable' });
    expect(new URL(begun.url).searchParams.get('redirect_uri')).toBe(
      `https://auth.example.com${callbackPathOf(kit.flux.id, 'github')}`,
    );
    expect(begun.reply.headers.get('set-cookie')).toContain('; Secure');
    expect(provider.asked).toEqual([]);
    await provider.close();
    await world.close();
  });
});
