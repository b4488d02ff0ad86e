import { createHmac } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHs256, secretWithChecksum } from '../../crypto/index.ts';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  type FlectoLogin,
  flectoSteps,
  PASSWORD,
  PageClient,
  type World,
} from '../../testing/index.ts';

const SECRET = 'f7c1c1b9a7e64b0c9d0e5a8f3b2d1c0a9e8f7d6c5b4a39281706f5e4d3c2b1a0';
const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)("a credential at Flecto's API on %s", (dialect) => {
  let world: World;
  let steps: ReturnType<typeof flectoSteps>;
  let email: string;
  let login: FlectoLogin;
  let apiToken: string;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_FLECTO_JWT_SECRET: SECRET },
    });
    steps = flectoSteps(world);
    email = (await world.person()).email;
    login = await steps.signIn(email);
    const { apiTokens, project } = world.instance;
    const made = await apiTokens.create({
      projectId: project.id,
      name: 'agent',
      expiresAt: null,
      permissions: { admin: [], resources: [] },
      actor: ACTOR,
    });
    apiToken = made.plain;
  });
  afterAll(() => world.close());

  /** The text of the 401, if it is one of the framework's shape and nothing else. */
  async function refused(headers: Record<string, string>): Promise<string> {
    const reply = await world.client().get('/api/nothing', headers);
    expect(reply.headers.has('www-authenticate')).toBe(false);
    const { message, ...more } = reply.json as Record<string, unknown>;
    expect(more).toEqual({});
    return `${reply.status} ${message}`;
  }

  /** The claims of the access token, changed, and signed with the very secret. */
  const resigned = (change: Record<string, unknown>) =>
    createHs256(Buffer.from(SECRET)).sign({ ...steps.claims(login.tokens.accessToken), ...change });

  it('to refresh by goes on with nobody but its own user [J04, E05]', async () => {
    const { tokens } = await steps.signIn(email);
    const somebody = await steps.signIn((await world.person()).email);
    const claims = steps.claims(tokens.refreshToken);
    const sign = (uid: unknown) => createHs256(Buffer.from(SECRET)).sign({ ...claims, uid });
    const reply = await steps.refresh(sign(steps.claims(somebody.tokens.accessToken)['uid']));
    expect([reply.status, reply.json]).toEqual([
      401,
      { error: 'invalid_token', message: 'Refresh token has been revoked' },
    ]);
    // Neither was anything spent.
    await steps.renew(sign(claims['uid']));
  });

  it('is one bearer token in one header, spelled exactly (case 13)', async () => {
    const { accessToken } = login.tokens;
    const missing = '401 missing or invalid Authorization header';
    expect(await refused({})).toBe(missing);
    for (const value of [
      `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}`,
      `bearer ${accessToken}`,
      `BEARER ${accessToken}`,
      accessToken,
      `Bearer${accessToken}`,
      `Token ${accessToken}`,
      'Bearer',
      'Bearer ',
    ])
      expect(await refused({ authorization: value }), value).toBe(missing);
    for (const value of [
      'Bearer garbage',
      'Bearer a.b.c',
      `Bearer  ${accessToken}`,
      `Bearer ${accessToken},${accessToken}`,
      `Bearer ${accessToken}, Bearer ${accessToken}`,
      `Bearer ${'x'.repeat(9_000)}`,
    ])
      expect(await refused({ authorization: value }), value).toBe('401 invalid Authorization token');
    expect(await refused({ cookie: `fluxer_session=${accessToken}; fluxgate=${accessToken}` })).toBe(missing);
    const inQuery = await world.client().get(`/api/nothing?access_token=${accessToken}&token=${apiToken}`);
    expect(inQuery.status).toBe(401);
    expect(await steps.knock(accessToken)).toBe(404);
    expect(await steps.knock(apiToken)).toBe(404);
  });

  it('is signed here, by one algorithm and under one name of an issuer (case 13) [E01, E02, E03, E06]', async () => {
    expect(await steps.knock(resigned({}))).toBe(404);
    const [, payload = ''] = login.tokens.accessToken.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hmac = (alg: string, hash: string, key: string) => {
      const text = `${encode({ alg, typ: 'JWT' })}.${payload}`;
      return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
    };
    for (const token of [
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.AAAA`,
      hmac('HS256', 'sha256', `${SECRET}x`),
      hmac('HS256', 'sha256', ''),
      hmac('HS384', 'sha384', SECRET),
      hmac('HS512', 'sha512', SECRET),
      hmac('RS256', 'sha256', SECRET),
      resigned({ iss: 'someone-else' }),
      resigned({ iss: undefined }),
      resigned({ aud: 'someone-else' }),
      resigned({ aud: ['flecto-manager'] }),
    ])
      expect(await steps.knock(token), token).toBe(401);
  });

  it('can be checked by any other library that has the secret', async () => {
    const { payload } = await jwtVerify(login.tokens.accessToken, Buffer.from(SECRET), {
      algorithms: ['HS256'],
      issuer: 'flecto-manager',
      typ: 'JWT',
      subject: email,
      currentDate: new Date(world.clock.now()),
    });
    expect(payload).toEqual(steps.claims(login.tokens.accessToken));
  });

  it('is refused in two hundred shapes, and breaks nothing in any [bug 72, E10]', async () => {
    const parts = [
      'Bearer ',
      'flecto_',
      'eyJhbGciOiJIUzI1NiJ9',
      '.',
      '..',
      '=',
      '%00',
      '\u00ff',
      ' ',
      ',',
      '"',
      '{}',
    ];
    parts.push(
      login.tokens.accessToken.slice(0, 60),
      login.tokens.accessToken,
      apiToken.slice(0, -1),
      'x'.repeat(99),
    );
    const shapes = Array.from({ length: 200 }, (_, index) => {
      const pick = (place: number) => parts[(index * (place + 7) + place * place) % parts.length] ?? '';
      return `Bearer ${Array.from({ length: 1 + (index % 5) }, (_part, place) => pick(place)).join('')}`;
    }).filter((shape) => shape.trimEnd() !== `Bearer ${login.tokens.accessToken}`);
    for (const authorization of shapes) {
      const reply = await world.client().get('/api/nothing', { authorization });
      expect(reply.status, authorization).toBe(401);
    }
    for (let length = 0; length < apiToken.length; length++)
      expect(await steps.knock(apiToken.slice(0, length))).toBe(401);
    const flipped = apiToken.replace(/[a-zA-Z](?=[^a-zA-Z]*$)/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    for (const changed of [flipped, `${apiToken}A`, `Flecto_${apiToken.slice(7)}`])
      expect(await steps.knock(changed)).toBe(401);
  });

  it('says all it has to say, and each thing in its type [E07]', async () => {
    for (const name of ['sid', 'jti', 'uid', 'username', 'authType', 'type', 'iat', 'exp']) {
      for (const value of [undefined, null, '', [], {}, true])
        if (!(name === 'username' && value === ''))
          expect(await steps.knock(resigned({ [name]: value })), `${name} ${JSON.stringify(value)}`).toBe(
            401,
          );
    }
    for (const change of [
      { type: 'token' },
      { type: 'id' },
      { authType: 'token' },
      { exp: 1e300 },
      { exp: '9999999999' },
      { uid: '1' },
      { uid: -1 },
      { sid: 'sess_nobody' },
      { roles: 'admin' },
    ])
      expect(await steps.knock(resigned(change)), JSON.stringify(change)).toBe(401);
    const text = JSON.stringify(steps.claims(login.tokens.accessToken));
    const twice = `${text.slice(0, -1)},"sub":"admin"}`;
    const signed = `${login.tokens.accessToken.split('.')[0]}.${Buffer.from(twice).toString('base64url')}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('base64url');
    expect(await steps.knock(`${signed}.${signature}`)).toBe(401);
  });

  it('is good from its making to its last second, by our clock (case 13) [E04]', async () => {
    const { tokens } = await steps.signIn(email);
    const now = Math.floor(world.clock.now() / 1000);
    const sid = steps.claims(tokens.accessToken)['sid'];
    const knock = (change: object) => steps.knock(resigned({ sid, ...change }));
    expect(await knock({ iat: now + 60, exp: now + 900 })).toBe(404);
    expect(await knock({ iat: now + 62, exp: now + 900 })).toBe(401);
    expect(await knock({ nbf: now + 60 })).toBe(404);
    expect(await knock({ nbf: now + 62 })).toBe(401);
    // However long it says it lives, it does not live longer than such tokens do.
    expect(await knock({ iat: now - 901, exp: now + 9_000 })).toBe(401);
    expect(await knock({ exp: now + 9_000_000 })).toBe(404);
    world.clock.advance(899_000);
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    world.clock.advance(1_000);
    expect(await steps.knock(tokens.accessToken)).toBe(401);
    login = await steps.signIn(email);
  });

  it('opens nothing where another kind is asked for, whichever kind it is [E05]', async () => {
    const person = await world.person();
    const kit = createFactorKit(world);
    const { tokens } = await steps.signIn(person.email);
    const app = await kit.totp(person);
    const sudo = (await kit.sudo(person, app))['x-fluxer-sudo-mode-jwt'] ?? '';
    const owed = (await steps.login(person.email)).json as { ticket: string };
    const pages = new PageClient(world.baseUrl);
    await pages.form('/login', { email, password: PASSWORD });
    await world.client().post('/v1/auth/forgot', { email: person.email });
    const kinds: Record<string, string> = {
      "Fluxer's session token": person.client.token ?? '',
      'session of the pages': pages.cookies.get('fluxgate') ?? '',
      'proof of sudo mode': sudo,
      ticket: owed.ticket,
      'mailed token': (await world.newestMail(person.email, 'password_reset')).token,
      'id of a session': String(steps.claims(tokens.refreshToken)['sid']),
      'secret of a session': String(steps.claims(tokens.refreshToken)['jti']),
      'id of a user': person.userId,
      'recovery code': app.backupCodes[0] ?? '',
      'a secret of ours': secretWithChecksum('flecto_', () => new Uint8Array(32)),
    };
    expect(Object.values(kinds).every((text) => text.length > 5)).toBe(true);
    for (const [kind, text] of Object.entries(kinds)) {
      expect(await steps.knock(text), kind).toBe(401);
      expect((await steps.logout(text)).status, kind).toBe(401);
      expect(steps.refusal(await steps.refresh(text)), kind).toBe('401 invalid_token');
      if (kind === 'ticket') continue;
      const proof = { ticket: text, method: 'totp', code: app.code() };
      const reply = await world.client().post('/auth/login/mfa', proof);
      expect(steps.refusal(reply), kind).toBe('401 invalid_ticket');
    }
    expect(await steps.knock(tokens.accessToken)).toBe(404);
  });

  it("of this API's opens no other [E05]", async () => {
    const { accessToken, refreshToken } = login.tokens;
    const { sid, jti } = steps.claims(refreshToken);
    for (const text of [accessToken, refreshToken, apiToken, String(sid), String(jti)]) {
      for (const authorization of [text, `Bearer ${text}`])
        expect((await world.client().get('/v1/users/@me', { authorization })).status).toBe(401);
      const cookie = `fluxer_session=${text}; fluxgate=${text}`;
      expect((await world.client().get('/v1/users/@me', { cookie })).status).toBe(401);
      expect((await world.client().get('/admin/v1/me', { cookie })).status).toBe(401);
      expect([401, 403]).toContain(
        (await world.client().get('/admin/v1/me', { authorization: `Bearer ${text}` })).status,
      );
      expect([302, 303]).toContain((await world.client().get('/account', { cookie })).status);
    }
    const { client } = await world.person();
    for (const token of [accessToken, refreshToken]) {
      const headers = { 'x-fluxer-sudo-mode-jwt': token };
      const reply = await client.post('/v1/users/@me/disable', {}, headers);
      expect(reply.status).toBe(403);
    }
  });

  it('of a stolen database is none: it holds hashes of what is signed besides', async () => {
    const rows = await world.instance.storage.db
      .selectFrom('session')
      .selectAll()
      .where('surface', '=', 'flecto')
      .execute();
    expect(rows.length).toBeGreaterThan(0);
    const stored = JSON.stringify(rows);
    for (const text of [login.tokens.accessToken, login.tokens.refreshToken])
      for (const secret of [text, String(steps.claims(text)['jti'])]) expect(stored).not.toContain(secret);
  });
});

describe.each(DIALECTS)("the header of Flecto's API, named otherwise, on %s", (dialect) => {
  it('is read, and Authorization is not (case 28)', async () => {
    const world = await createWorld({
      dialect,
      env: { FLUXGATE_FLECTO_HEADER_NAME: 'X-Flecto-Auth' },
    });
    const steps = flectoSteps(world);
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    const good = `Bearer ${tokens.accessToken}`;
    expect((await world.client().get('/api/nothing', { authorization: good })).status).toBe(401);
    expect((await world.client().get('/api/nothing', { 'x-flecto-auth': good })).status).toBe(404);
    const preflight = await world.client().send('/api/nothing', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET' },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Flecto-Auth');
    await world.close();
  });
});
