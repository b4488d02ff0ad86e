import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createHostileProvider,
  createWorld,
  DIALECTS,
  type HostileProvider,
  newEmail,
  openidBrowser,
  type ProviderPerson,
  type World,
  whither,
} from '../../testing/index.ts';

type Mischief = Parameters<HostileProvider['play']>[0];

const AUTH_FAILED = { status: 307, path: '/login', query: { error: 'auth_failed' }, fragment: {} };

let lastPerson = 0;
const somebody = (): ProviderPerson => ({
  sub: `h-${++lastPerson}`,
  email: newEmail(),
  email_verified: true,
  given_name: 'Mallory',
  family_name: 'Craft',
});

const claim = (name: string, value: unknown): Mischief => ({
  token: ({ claims }) => Object.assign(claims, { [name]: value }),
});
const later = (name: string): Mischief => ({
  token: ({ claims }) => Object.assign(claims, { [name]: Number(claims['iat']) + 120 }),
});
const without = (name: string): Mischief => ({ token: ({ claims }) => void delete claims[name] });

/** One thing wrong at a time, with a token that is otherwise as good as any (G04). */
const TOKENS: Record<string, Mischief> = {
  'a signature of another key': { compact: (_, { parts, signWith, stranger }) => signWith(parts, stranger) },
  'a changed payload': {
    compact: (token, { base64, parts }) => {
      const [header, , signature] = token.split('.');
      return `${header}.${base64({ ...parts.claims, sub: 'somebody-else' })}.${signature}`;
    },
  },
  'an empty signature': { compact: (token) => `${token.split('.').slice(0, 2).join('.')}.` },
  'no algorithm': {
    compact: (_, { base64, parts }) => `${base64({ alg: 'none' })}.${base64(parts.claims)}.`,
  },
  'no algorithm, spelt otherwise, and a signature': {
    token: ({ header }) => Object.assign(header, { alg: 'None' }),
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
  'the name of a key nobody has': { token: ({ header }) => Object.assign(header, { kid: 'unknown' }) },
  'a critical header nobody knows': {
    token: ({ header }) => Object.assign(header, { crit: ['exotic'], exotic: true }),
  },
  'another audience': claim('aud', 'another-client'),
  'no audience': without('aud'),
  'an empty audience': claim('aud', []),
  'two audiences and no authorized party': claim('aud', ['fluxgate', 'another']),
  'two audiences and another authorized party': {
    token: ({ claims }) => Object.assign(claims, { aud: ['fluxgate', 'another'], azp: 'another' }),
  },
  'another authorized party': claim('azp', 'another'),
  'another issuer': claim('iss', 'https://accounts.example.com'),
  'the issuer with a slash more': {
    token: ({ claims }) => Object.assign(claims, { iss: `${claims['iss']}/` }),
  },
  'no issuer': without('iss'),
  'an end that is past': {
    token: ({ claims }) => Object.assign(claims, { exp: Number(claims['iat']) - 60 }),
  },
  'no end': without('exp'),
  'an end that is text': claim('exp', '9999999999'),
  'a beginning in the future': later('iat'),
  'no beginning': without('iat'),
  'a time before which it is not good': later('nbf'),
  'no nonce': without('nonce'),
  'another nonce': claim('nonce', 'a-nonce-of-another-sign-in'),
  'no subject': without('sub'),
  'an empty subject': claim('sub', ''),
  'a subject that is a number': claim('sub', 7),
  'a subject that is too long': claim('sub', 'x'.repeat(256)),
  'a subject with a NUL': claim('sub', 'a\u0000b'),
  'two subjects': { payload: (text) => text.replace('{', '{"sub":"somebody-else",') },
  'two subjects, one spelt in escapes': {
    payload: (text) => text.replace('{', '{"\\u0073ub":"somebody-else",'),
  },
  'a payload that is no object': { payload: () => '[]' },
  'a payload that is no JSON': { payload: () => '{' },
  'four parts': { compact: (token) => `${token}.more` },
  'no dots': { compact: () => 'nothing' },
};

/** What answers instead of the provider, at one of its addresses (G08). */
const ANSWERS: Record<string, (path: string, response: ServerResponse) => void> = {
  'sends on': (path, response) =>
    response.writeHead(302, { location: `https://169.254.169.254${path}` }).end(),
  'sends on to itself': (path, response) => response.writeHead(307, { location: `${path}?again` }).end(),
  'says far too much': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ padding: 'x'.repeat(300_000) })),
  'breaks down': (_, response) => response.writeHead(500).end(),
  'hangs up': (_, response) => response.destroy(),
  'answers no JSON': (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'),
  'answers HTML': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{}'),
};

/** That answer at every address that begins so. */
function answering(how: string, where = '/'): Mischief {
  return {
    answer(path, response) {
      if (path.startsWith(where)) ANSWERS[how]?.(path, response);
      return path.startsWith(where);
    },
  };
}

describe.each(DIALECTS)('a provider that lies, on %s', (dialect) => {
  let world: World;
  let provider: HostileProvider;

  beforeAll(async () => {
    provider = await createHostileProvider({ clock: () => world.clock.now() });
    world = await createWorld({ dialect, env: { ...provider.settings, FLUXGATE_RATE_LIMITS: 'off' } });
  });

  beforeEach(() => provider.play({}));

  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  async function comeBack(person: ProviderPerson, more = ''): Promise<ReturnType<typeof whither>> {
    const browser = openidBrowser(world);
    const { authUrl } = await browser.begin();
    return whither(await browser.comeBack(provider.approve(authUrl, person) + more));
  }

  const counted = async () => {
    const { db } = world.instance.storage;
    const rows = async (table: 'user' | 'external_identity' | 'session') =>
      (await db.selectFrom(table).select('created_at').execute()).length;
    return [await rows('user'), await rows('external_identity'), await rows('session')];
  };

  it('is believed as long as it does not, and is shown the secret and the code verifier', async () => {
    expect((await comeBack(somebody())).path).toBe('/login/callback');
    const exchange = provider.asked.find(({ path }) => path === '/token');
    expect(exchange?.authorization).toMatch(/^Basic /);
    expect(new URLSearchParams(exchange?.body).get('code_verifier')).toMatch(/^[\w-]{43}$/);
    provider.play(claim('azp', 'fluxgate'));
    expect((await comeBack(somebody())).path).toBe('/login/callback');
    provider.play({
      token: ({ claims }) => Object.assign(claims, { aud: ['fluxgate', 'another'], azp: 'fluxgate' }),
    });
    expect((await comeBack(somebody())).path).toBe('/login/callback');
  });

  it.each(Object.keys(TOKENS))('is not believed with %s [G04, bug 36]', async (name) => {
    const before = await counted();
    provider.play(TOKENS[name] ?? {});
    expect(await comeBack(somebody())).toEqual(AUTH_FAILED);
    expect(await counted()).toEqual(before);
  });

  it('is not believed when another provider answers in its name [G03]', async () => {
    const before = await counted();
    const iss = encodeURIComponent('https://accounts.example.com');
    expect(await comeBack(somebody(), `&iss=${iss}`)).toEqual(AUTH_FAILED);
    expect(await comeBack(somebody(), `&iss=${encodeURIComponent(provider.issuer)}&iss=${iss}`)).toEqual(
      AUTH_FAILED,
    );
    expect(await comeBack(somebody(), '&code=another')).toMatchObject({ path: '/login' });
    expect(await comeBack(somebody(), '&error=access_denied')).toEqual(AUTH_FAILED);
    expect(await counted()).toEqual(before);
    const own = encodeURIComponent(provider.issuer);
    expect((await comeBack(somebody(), `&iss=${own}`)).path).toBe('/login/callback');
  });

  it('gets nobody in with what it says to another sign-in: each answer is good for its own [G01]', async () => {
    const [mine, theirs] = [openidBrowser(world), openidBrowser(world)];
    const { state } = await mine.begin();
    const stolen = new URLSearchParams(provider.approve((await theirs.begin()).authUrl, somebody()));
    stolen.set('state', state);
    expect(whither(await mine.comeBack(`?${stolen}`))).toEqual(AUTH_FAILED);
  });

  it('tells in the log why, and no word of what it said', async () => {
    const person = somebody();
    provider.play(claim('aud', 'another-client'));
    world.logLines.length = 0;
    await comeBack(person);
    const log = world.logLines.join('');
    expect(log).toContain('nobody was signed in at the OpenID provider');
    expect(log).toContain('aud');
    for (const secret of [person.sub, String(person['email']), 'another-client', 'eyJ'])
      expect(log).not.toContain(secret);
    const { rows } = await auditOf(world);
    expect(rows.at(-1)).toMatchObject({
      event: 'sign-in.refused',
      method: 'upstream-oidc',
      outcome: 'wrong',
    });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'an error in words of its own',
      (response) =>
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end('{"error":"secret word\\n{}","error_description":"secret word"}'),
    ],
    [
      'what is no JSON',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('secret word'),
    ],
  ])('does not get into the log with %s', async (_, say) => {
    provider.play({
      answer(path, response) {
        if (path === '/token') say(response);
        return path === '/token';
      },
    });
    world.logLines.length = 0;
    expect(await comeBack(somebody())).toEqual(AUTH_FAILED);
    expect(world.logLines.join('')).toContain('An answer of the provider was not believed');
    expect(world.logLines.join('')).not.toContain('secret word');
  });

  describe.each(['/token', '/keys'])('that at %s', (where) => {
    it.each(Object.keys(ANSWERS))(
      '%s, lets nobody in, and is asked again the next time [G08]',
      async (how) => {
        const fresh = await createWorld({ dialect: 'sqlite', env: provider.settings });
        const browser = openidBrowser(fresh);
        provider.play(answering(how, where));
        const query = provider.approve((await browser.begin()).authUrl, somebody());
        expect(whither(await browser.comeBack(query))).toEqual(AUTH_FAILED);
        provider.play({});
        const second = provider.approve((await browser.begin()).authUrl, somebody());
        expect(whither(await browser.comeBack(second)).path).toBe('/login/callback');
        await fresh.close();
      },
    );
  });
});

async function auditOf({ instance }: World) {
  const rows = await instance.storage.db.selectFrom('audit_record').selectAll().orderBy('id').execute();
  return { rows };
}

describe('a provider whose own description is no good', () => {
  let provider: HostileProvider;

  beforeAll(async () => {
    provider = await createHostileProvider({ clock: Date.now });
  });

  afterAll(() => provider.close());

  const DOCUMENTS: Record<string, Mischief> = {
    'names another issuer': {
      discovery: (document) => Object.assign(document, { issuer: 'https://example.com' }),
    },
    'names an issuer with a path more': {
      discovery: (document) => Object.assign(document, { issuer: `${document['issuer']}/tenant` }),
    },
    'names no issuer': { discovery: (document) => void delete document['issuer'] },
    'has no address to sign in at': {
      discovery: (document) => void delete document['authorization_endpoint'],
    },
    ...Object.fromEntries(
      [
        ['token_endpoint_auth_methods_supported', 5],
        ['token_endpoint_auth_methods_supported', [5]],
        ['id_token_signing_alg_values_supported', 'RS256'],
        ['id_token_signing_alg_values_supported', { RS256: true }],
        ['authorization_endpoint', ['https://a/']],
        ['authorization_endpoint', 'nowhere'],
        ['token_endpoint', { href: 'https://a/' }],
        ['token_endpoint', 7],
        ['jwks_uri', ['https://a/']],
        ['jwks_uri', null],
        ['authorization_response_iss_parameter_supported', 'yes'],
        ['issuer', 7],
      ].map(([name, value]) => [
        `says ${JSON.stringify(value)} for its ${name}`,
        { discovery: (document) => Object.assign(document, { [String(name)]: value }) } satisfies Mischief,
      ]),
    ),
    ...Object.fromEntries(Object.keys(ANSWERS).map((how) => [how, answering(how)])),
  };

  it.each(Object.keys(DOCUMENTS))(
    'is not gone to when it %s, and is asked again the next time [G03, G08]',
    async (name) => {
      const world = await createWorld({ dialect: 'sqlite', env: provider.settings });
      provider.play(DOCUMENTS[name] ?? {});
      const refused = await world.client().get('/auth/openid');
      expect([refused.status, refused.json]).toEqual([
        503,
        { error: 'service_unavailable', message: expect.any(String) },
      ]);
      expect(refused.headers.getSetCookie()).toEqual([]);
      const { db } = world.instance.storage;
      expect(await db.selectFrom('sso_attempt').select('hash').execute()).toEqual([]);
      provider.play({});
      expect((await world.client().get('/auth/openid')).status).toBe(200);
      await world.close();
    },
  );

  it.each([
    ['the metadata of a cloud machine', 'http://169.254.169.254/latest'],
    ['a private address', 'https://10.0.0.1/token'],
    ['an IPv4 address in IPv6 dress', 'https://[::ffff:a9fe:a9fe]/token'],
    ['plain http elsewhere', 'http://example.com/token'],
    ['a file', 'file:///etc/passwd'],
    ['this machine by another name', 'https://127.0.0.1/token'],
  ])('is asked nothing at %s that it names for its own [G08]', async (_, address) => {
    const world = await createWorld({ dialect: 'sqlite', env: provider.settings });
    provider.play({ discovery: (document) => Object.assign(document, { token_endpoint: address }) });
    const browser = openidBrowser(world);
    const query = provider.approve((await browser.begin()).authUrl, somebody());
    expect(whither(await browser.comeBack(query))).toEqual(AUTH_FAILED);
    await world.close();
  });
});
