import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CREDENTIAL_KINDS,
  callersOf,
  claimsOf,
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  type World,
} from '../../testing/index.ts';

const DAY = 86_400_000;
const ACTOR = { userId: null, sessionId: null, origin: null };
const KEYS = '/flux/v1/.well-known/jwks.json';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = (token: string) => token.split('.') as [string, string, string];

interface KeySet {
  keys: { kid: string; kty: string; x: string; y: string; crv: string }[];
}

describe.each(DIALECTS)("tokens of Flux's sessions on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { projectId: world.instance.project.id });
  });
  afterAll(() => world.close());

  const keySet = async () => (await world.direct.get(KEYS)).json as KeySet;

  it('can be checked by anybody with the published keys, which are public alone [FX-70, E08]', async () => {
    const reply = await world.direct.get(KEYS, { origin: 'https://elsewhere.example' });
    expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    for (const key of (reply.json as KeySet).keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);

    const { token, user } = await flux.signUp();
    const issuer = `${world.config.publicUrl}/flux/v1/projects/${flux.id}`;
    const checked = await jwtVerify(token, createLocalJWKSet(reply.json as never), {
      ...{ issuer, audience: flux.id, typ: 'session+jwt', algorithms: ['ES256'] },
      currentDate: new Date(world.clock.now()),
    });
    expect(checked.payload.sub).toBe(user.id);
    const settings = await world.direct.get('/flux/v1/settings', flux.asPage);
    expect(settings.json).toMatchObject({ issuer, jwks_uri: `${world.config.publicUrl}${KEYS}` });
  });

  it('are refused when anything about them is not ours [FX-37, FX-69, E01, E02, E03, E05, E07]', async () => {
    const { token } = await flux.signUp();
    const [header, payload, signature] = parts(token);
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const claims = claimsOf(token);
    const jwk = (await keySet()).keys.find((key) => key.kid === kid);
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const hs256 = (secret: string, fields: object) => {
      const signed = `${encoded({ alg: 'HS256', kid, typ: 'session+jwt', ...fields })}.${payload}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    };
    const es256 = (fields: object, body: string = payload) => {
      const signed = `${encoded({ alg: 'ES256', kid, typ: 'session+jwt', ...fields })}.${body}`;
      const key = { key: own.privateKey, dsaEncoding: 'ieee-p1363' as const };
      return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    };
    const last = signature.at(-1) ?? '';
    // The last character of 86 holds four bits that mean nothing: other spellings of the same bytes.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const lenient = alphabet[alphabet.indexOf(last) ^ 1] ?? '';
    const forged: Record<string, string> = {
      'another user': `${header}.${encoded({ ...claims, sub: '1' })}.${signature}`,
      'a later end': `${header}.${encoded({ ...claims, exp: 9_999_999_999 })}.${signature}`,
      none: `${encoded({ alg: 'none', typ: 'session+jwt' })}.${payload}.`,
      'none with our kid': `${encoded({ alg: 'none', kid, typ: 'session+jwt' })}.${payload}.${signature}`,
      'no signature': `${header}.${payload}.`,
      'two parts': `${header}.${payload}`,
      'four parts': `${token}.${signature}`,
      'HS256 with the public PEM': hs256(pem, {}),
      'HS256 with the public JWK': hs256(JSON.stringify(jwk), {}),
      'HS256 with x': hs256(jwk?.x ?? '', {}),
      'a key of its own': es256({}),
      'a key of its own in the header': es256({ jwk: own.publicKey.export({ format: 'jwk' }) }),
      'a key elsewhere': es256({ jku: 'https://elsewhere.example/jwks.json' }),
      'a foreign kid': es256({ kid: 'sig_none' }),
      'a path for a kid': es256({ kid: '../../dev/null' }),
      'SQL for a kid': es256({ kid: "' or 1=1 --" }),
      'typ of an access token': `${encoded({ alg: 'ES256', kid, typ: 'at+jwt' })}.${payload}.${signature}`,
      'the header in another order': `${encoded({ typ: 'session+jwt', kid, alg: 'ES256' })}.${payload}.${signature}`,
      'another case of alg': `${encoded({ alg: 'es256', kid, typ: 'session+jwt' })}.${payload}.${signature}`,
      'a signature in another spelling': `${header}.${payload}.${signature.slice(0, -1)}${lenient}`,
      'a padded signature': `${token}==`,
      'a DER signature': `${header}.${payload}.${Buffer.alloc(70, 1).toString('base64url')}`,
      'a signature of zeros': `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      'a truncated token': token.slice(0, -1),
      'a longer token': `${token}A`,
      'a space': ` ${token}`,
      'a line feed': `${token}\n`,
      'nothing but dots': '..',
      'far too long': `${header}.${'A'.repeat(8_000)}.${signature}`,
    };
    for (const [name, text] of Object.entries(forged)) {
      expect(text, name).not.toBe(token);
      for (const path of ['/sessions/verify', '/sessions/get', '/sessions/revoke']) {
        const reply = await flux.app(path, { token: text });
        expect([reply.status, codeOf(reply)], `${name} at ${path}`).toEqual([401, 'invalid_session']);
        expect(reply.text, name).not.toContain(text);
      }
    }
    // What is no text for anybody is no token either, and is told from one that was made up.
    for (const text of [`${token}\u0000`, `${token}\ud800`]) {
      const reply = await flux.app('/sessions/verify', { token: text });
      expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request']);
    }
    expect((await flux.verify(token)).status).toBe(200);
  });

  it('are refused with claims of another kind, even when our key signed them [E04, E05, E06, E07]', async () => {
    const { token } = await flux.signUp();
    const claims = claimsOf(token);
    const { signingKeys } = world.instance;
    const iat = claims['iat'] as number;
    expect((await flux.verify(await signingKeys.sign(claims))).status).toBe(200);
    const wrong: Record<string, object> = {
      'another issuer': { ...claims, iss: 'https://elsewhere.example' },
      'the issuer without the project': { ...claims, iss: world.config.publicUrl },
      'another audience': { ...claims, aud: 'proj_none' },
      'a list of audiences': { ...claims, aud: [flux.id] },
      'no audience': { ...claims, aud: undefined },
      'no end': { ...claims, exp: undefined },
      'an end that is a text': { ...claims, exp: String(claims['exp']) },
      'a fraction': { ...claims, iat: iat + 0.5 },
      'issued in the future': { ...claims, iat: iat + 120 },
      'not yet': { ...claims, nbf: iat + 120 },
      'no session': { ...claims, sid: undefined },
      'no user': { ...claims, sub: '' },
      'mfa as a text': { ...claims, mfa: 'true' },
    };
    for (const [name, said] of Object.entries(wrong))
      expect(codeOf(await flux.verify(await signingKeys.sign(said))), name).toBe('invalid_session');
    const ended = await signingKeys.sign({ ...claims, exp: iat });
    expect(codeOf(await flux.verify(ended))).toBe('session_expired');
    const ofNobody = await signingKeys.sign({ ...claims, sid: 'sess_none' });
    expect(codeOf(await flux.verify(ofNobody))).toBe('session_revoked');
    const ofAnother = await signingKeys.sign({ ...claims, sub: '1' });
    expect(codeOf(await flux.verify(ofAnother))).toBe('invalid_session');
  });

  it('of one wire open nothing of another’s, either way round [E05]', async () => {
    const callers = callersOf(world);
    const { token } = await flux.signUp();
    for (const kind of CREDENTIAL_KINDS.filter((one) => one !== 'Flux session token')) {
      const { secret } = await callers.of(kind);
      for (const path of ['/sessions/verify', '/sessions/get', '/sessions/revoke'])
        expect(codeOf(await flux.app(path, { token: secret })), kind).toBe('invalid_session');
      const reply = await world.direct.get('/flux/v1/settings', { authorization: `Bearer ${secret}` });
      expect([reply.status, codeOf(reply)], kind).toEqual([401, 'invalid_api_key']);
    }
    for (const path of [
      '/v1/users/@me',
      '/v1/auth/sessions',
      '/api/namespaces',
      '/admin/v1/me',
      '/admin/v1/users',
      '/flux/v1/settings',
      '/flux/v1/events',
    ])
      for (const headers of [
        { authorization: token },
        { authorization: `Bearer ${token}` },
        { cookie: `fluxer_session=${token}; fluxgate=${token}` },
      ] as Record<string, string>[])
        expect((await world.direct.get(path, headers)).status, path).toBe(401);
  });

  describe('when the signing key is rotated', () => {
    it('go on, and the next key is published before it signs [E08]', async () => {
      const { signingKeys } = world.instance;
      const kidOf = (token: string) =>
        (JSON.parse(Buffer.from(parts(token)[0], 'base64url').toString()) as { kid: string }).kid;
      const { token } = await flux.signUp();
      const before = (await keySet()).keys.map(({ kid }) => kid);
      const next = await signingKeys.rotate(ACTOR);
      expect((await keySet()).keys.map(({ kid }) => kid).sort()).toEqual([...before, next].sort());
      world.clock.advance(9 * 60_000);
      expect(kidOf(handed(await flux.verify(token)).token)).toBe(kidOf(token));
      world.clock.advance(2 * 60_000);
      const renewed = handed(await flux.verify(token)).token;
      expect(kidOf(renewed)).toBe(next);
      for (const one of [token, renewed]) expect((await flux.verify(one)).status).toBe(200);
    });

    it('verify without one failure while keys are rotated under load [FX-70, E08]', async () => {
      const { signingKeys } = world.instance;
      let { token } = await flux.signUp();
      const failed: string[] = [];
      let verified = 0;
      for (let round = 0; round < 5; round++) {
        const load = Array.from({ length: 60 }, async () => {
          const reply = await flux.verify(token);
          if (reply.status === 200) verified++;
          else failed.push(reply.text);
          return reply;
        });
        await Promise.all([signingKeys.rotate(ACTOR), ...load]);
        world.clock.advance(11 * 60_000);
        ({ token } = handed(await flux.verify(token)));
      }
      expect(failed).toEqual([]);
      expect(verified).toBe(300);
    });

    it('is rotated once by parallel nodes, and by the cleaning when it is old [E08]', async () => {
      const { signingKeys, storage } = world.instance;
      const count = async () =>
        (await storage.db.selectFrom('signing_key').select('number').execute()).length;
      const before = await count();
      const second = await createWorld({
        dialect,
        clock: world.clock,
        database: { databaseUrl: world.databaseUrl, dataDir: world.dataDir },
      });
      await Promise.all([second, world].map(({ instance }) => instance.signingKeys.rotateIfDue()));
      expect(await count()).toBe(before);
      const { token } = await flux.signUp();
      world.clock.advance(91 * DAY);
      await Promise.all(
        [world, second, world, second].map(({ instance }) => instance.signingKeys.rotateIfDue()),
      );
      expect(await count()).toBe(before + 1);
      expect(codeOf(await flux.verify(token))).toBe('session_expired');
      // Everything they signed has ended.
      world.clock.advance(91 * DAY);
      await world.instance.clean();
      world.clock.advance(370 * DAY);
      await world.instance.clean();
      expect(await count()).toBeLessThan(before + 3);
      expect((await signingKeys.published()).length).toBe(await count());
      expect((await flux.verify((await flux.signUp()).token)).status).toBe(200);
      await second.close();
    });

    it('keeps the private halves sealed', async () => {
      const rows = await world.instance.storage.db.selectFrom('signing_key').selectAll().execute();
      for (const { sealed } of rows)
        expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(
          '\x06\x07*\x86H\xce=\x02\x01',
        );
    });
  });
});
