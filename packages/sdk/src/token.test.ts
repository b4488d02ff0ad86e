import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Flux from './index.ts';
import { createWireServer, type Forgery, SECRET_KEY, type WireServer } from './testing/index.ts';

let server: WireServer;
let flux: Flux;
let good: string;
let forge: (forgery: Forgery) => string;

beforeAll(async () => {
  server = await createWireServer();
  flux = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl });
  ({ token: good, forge } = server.person());
  await flux.auth.verifySession(good);
});

afterAll(async () => {
  flux.close();
  await server.close();
});

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const nowSeconds = Math.floor(Date.now() / 1000);

/** The last character but one unused bit: the same bytes in another spelling. */
function respelled(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) ^ 1);
}

function withHeader(header: object): string {
  const [, body, signature] = good.split('.');
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), body, signature].join('.');
}

const BAD: [what: string, make: () => string, code?: string][] = [
  ['nothing', () => ''],
  ['a word', () => 'token'],
  ['a scheme word before it', () => `Bearer ${good}`],
  ['two parts', () => good.split('.').slice(0, 2).join('.')],
  ['four parts', () => `${good}.x`],
  ['a space after it', () => `${good} `],
  ['no signature', () => `${good.split('.').slice(0, 2).join('.')}.`],
  ['another key', () => forge({ key: other })],
  [
    'a changed body',
    () => forge({}).replace(/\.[^.]+\./, `.${forge({ claims: { sub: '9' } }).split('.')[1]}.`),
  ],
  ['a signature in another spelling', () => respelled(good)],
  ['a signature of zeros', () => `${good.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`],
  ['alg none', () => withHeader({ alg: 'none', kid: 'key_1', typ: 'session+jwt' })],
  ['alg HS256', () => withHeader({ alg: 'HS256', kid: 'key_1', typ: 'session+jwt' })],
  ['another typ, rightly signed', () => forge({ header: { typ: 'JWT' } })],
  ['a critical header, rightly signed', () => forge({ header: { crit: ['exp'] } })],
  ['a key of its own in the header', () => forge({ header: { jwk: {} } })],
  ['another issuer', () => forge({ claims: { iss: 'https://evil.example' } })],
  ['another project', () => forge({ claims: { aud: 'proj_2' } })],
  ['several projects', () => forge({ claims: { aud: ['proj_1', 'proj_2'] } })],
  ['no end', () => forge({ claims: { exp: undefined } })],
  ['an end as text', () => forge({ claims: { exp: '9999999999' } })],
  ['no session', () => forge({ claims: { sid: undefined } })],
  [
    'its time over',
    () => forge({ claims: { iat: nowSeconds - 20, exp: nowSeconds - 1 } }),
    'session_expired',
  ],
  [
    'an age beyond the life of tokens',
    () => forge({ claims: { iat: nowSeconds - 604_801 } }),
    'session_expired',
  ],
  ['ten thousand characters', () => `${good}${'A'.repeat(10_000)}`],
];

describe('a bad token never costs a call', () => {
  it.each(BAD)('%s', async (_what, make, code = 'invalid_session') => {
    const before = server.count('/sessions/verify');
    for (const options of [{}, { renew: false }]) {
      await expect(flux.auth.verifySession(make(), options)).rejects.toMatchObject({ code, status: 401 });
    }
    await expect(flux.auth.getSession(make())).rejects.toMatchObject({ code, status: 401 });
    expect(server.count('/sessions/verify')).toBe(before);
    expect(server.count('/sessions/get')).toBe(0);
  });

  it('nor do ten thousand with the same made-up key id: they share one look at the key set a second', async () => {
    const token = forge({ kid: 'key_99' });
    const before = server.count('/.well-known/jwks.json');
    const began = performance.now();
    const refused = await Promise.all(
      Array.from({ length: 10_000 }, () => flux.auth.verifySession(token).catch(({ code }) => code)),
    );
    expect(new Set(refused)).toEqual(new Set(['invalid_session']));
    const seconds = Math.ceil((performance.now() - began) / 1000);
    expect(server.count('/.well-known/jwks.json') - before).toBeLessThanOrEqual(seconds);
  });
});

describe('a key that is new', () => {
  it('is found at the first token that it signed, also right after another unknown one', async () => {
    await flux.auth.verifySession(forge({ kid: 'key_98' })).catch(() => {});
    const { kid, privateKey } = server.newKey();
    const token = forge({ kid, key: privateKey });
    expect((await flux.auth.verifySession(token)).email).toBe('a@example.com');
  });

  it('that was withdrawn signs nothing more once the stream said so', async () => {
    const token = forge({});
    server.newKey();
    await flux.auth.verifySession(token, { renew: false });
    while (server.streams() === 0) await new Promise((done) => setTimeout(done, 5));
    server.dropKey();
    server.dropKey();
    server.tell('keys.rotated', {});
    const answer = () =>
      flux.auth.verifySession(token, { renew: false }).then(
        () => 'yes',
        ({ code }) => code,
      );
    await expect.poll(answer).toBe('invalid_session');
  });
});
