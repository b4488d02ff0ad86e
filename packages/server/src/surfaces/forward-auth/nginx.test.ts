import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rawRequest } from '../../testing/fluxer-decoder.ts';
import {
  type Caller,
  CREDENTIAL_KINDS,
  callersOf,
  createEchoServer,
  createWorld,
  DIALECTS,
  type EchoServer,
  type Nginx,
  startNginx,
  type World,
} from '../../testing/index.ts';

const PAGE = readFileSync(new URL('../../../../../docs/forward-auth.md', import.meta.url), 'utf8');
const QUERY = '?namespace=web&project=shop&resource=page&action=read';
const RIGHTS = { resources: [{ namespace: 'web', site: 'shop', resource: 'page', action: 'read' }] };
const OURS = ['x-auth-user', 'x-auth-method', 'x-auth-name', 'x-auth-email', 'x-auth-token-name'];

/** The page's own snippet with the addresses of this test in it, and without TLS. */
function snippet(replacements: Record<string, string>): string {
  let text = /```nginx\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
  for (const [from, to] of Object.entries(replacements)) {
    expect(text.split(from), from).toHaveLength(2);
    text = text.replace(from, to);
  }
  return text.replace(/^.*ssl_certificate.*$/gm, '');
}

describe.each(DIALECTS)('a real nginx, set up as docs/forward-auth.md says, on %s', (dialect) => {
  let world: World;
  let app: EchoServer;
  let callers: ReturnType<typeof callersOf>;
  /** Asks for a permission, as the page's snippet does. */
  let nginx: Nginx;
  /** The same without a permission. */
  let open: Nginx;
  const entitled = {} as Record<(typeof CREDENTIAL_KINDS)[number], Caller>;

  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    callers = callersOf(world);
    app = await createEchoServer();
    const { address, family, port } = world.server.app.server.address() as AddressInfo;
    const addresses = {
      '127.0.0.1:8080': `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
      '127.0.0.1:9000': app.address,
    };
    const listening = (own: number) => ({ ...addresses, 'listen 443 ssl': `listen 127.0.0.1:${own}` });
    nginx = await startNginx((own) => snippet(listening(own)));
    open = await startNginx((own) => snippet({ ...listening(own), [QUERY]: '' }));
    for (const kind of CREDENTIAL_KINDS) entitled[kind] = await callers.of(kind, RIGHTS);
  });
  afterAll(async () => {
    await nginx.close();
    await open.close();
    await app.close();
    await world.close();
  });
  beforeEach(() => void app.reached.splice(0));

  const ask = async (
    headers: Record<string, string | string[]> = {},
    { path = '/', at = nginx, ...rest }: { path?: string; at?: Nginx; method?: string; body?: string } = {},
  ) => (await rawRequest(at.baseUrl, { path, headers, ...rest })).status;

  /** What the app was told of the caller; every header whose name could be read as one of ours. */
  function heard(): Record<string, string[]> {
    expect(app.reached).toHaveLength(1);
    const { headers = {} } = app.reached[0] ?? {};
    return Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^x.?auth/.test(name.replaceAll('_', '-'))),
    );
  }

  const expected = ({ userId, email, name }: Caller, method: string): Record<string, string[]> =>
    userId === null
      ? { 'x-auth-method': ['token'], 'x-auth-token-name': [name ?? ''] }
      : {
          'x-auth-user': [userId],
          'x-auth-method': [method],
          'x-auth-name': ['Ada%20Lovelace'],
          'x-auth-email': [email ?? ''],
        };

  it('lets nobody through who shows nothing, or something bad', async () => {
    const token = entitled['API token'].secret;
    for (const at of [nginx, open]) {
      expect(await ask({}, { at })).toBe(401);
      expect(await ask({ authorization: `Bearer ${token}x` }, { at })).toBe(401);
      expect(await ask({ authorization: 'Basic YTpi' }, { at })).toBe(401);
      expect(await ask({ cookie: 'fluxer_session=flx_nothing' }, { at })).toBe(401);
    }
    expect(app.reached).toEqual([]);
  });

  it.each(CREDENTIAL_KINDS)(
    'lets through by %s with the permission and not without, and tells the app whose it is',
    async (kind) => {
      const caller = entitled[kind];
      const method = kind === 'Flecto access token' || kind === 'Flux session token' ? 'jwt' : 'session';
      expect(await ask(caller.headers)).toBe(200);
      expect(heard()).toEqual(expected(caller, method));
      expect(app.reached[0]?.headers['authorization']).toBeUndefined();
      app.reached.splice(0);
      const other = await callers.of(kind);
      expect(await ask(other.headers)).toBe(403);
      expect(app.reached).toEqual([]);
      expect(await ask(other.headers, { at: open })).toBe(200);
      expect(heard()).toEqual(expected(other, method));
    },
  );

  it('lets no header of the client speak for the caller, in whatever spelling [I08, J04]', async () => {
    const caller = entitled['API token'];
    const forged = (spell: (name: string) => string) =>
      Object.fromEntries([...OURS, 'x-auth-nothing'].map((name) => [spell(name), 'forged']));
    const titled = (name: string) => name.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase());
    const spellings: Record<string, string | string[]>[] = [
      forged((name) => name),
      forged((name) => name.toUpperCase()),
      forged(titled),
      forged((name) => titled(name).replaceAll('-', '_')),
      forged((name) => name.replace('-', '_')),
      Object.fromEntries(OURS.map((name) => [name, ['forged', 'twice']])),
      { ...forged((name) => name), connection: 'close, X-Auth-Method, X-Auth-Token-Name' },
    ];
    for (const headers of spellings) {
      expect(await ask({ ...caller.headers, ...headers })).toBe(200);
      const { 'x-auth-nothing': _, ...told } = heard();
      expect(told).toEqual(expected(caller, ''));
      app.reached.splice(0);
      expect(await ask(headers)).toBe(401);
      expect(app.reached).toEqual([]);
    }
  });

  it('lets no header and no address of the client choose the permission [J01, J04]', async () => {
    const { headers } = await callers.of('API token', { admin: [{ section: 'users', action: 'read' }] });
    const wanted = '?section=users&action=read';
    const claims = {
      'x-original-uri': `/auth/verify${wanted}`,
      'x-original-url': `/auth/verify${wanted}`,
      'x-rewrite-url': `/auth/verify${wanted}`,
      'x-forwarded-uri': wanted,
      'x-forwarded-method': 'GET',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-for': '127.0.0.1',
      'x-http-method-override': 'HEAD',
    };
    for (const path of [
      '/',
      `/${wanted}`,
      `/?a=1&${wanted.slice(1)}`,
      `/auth/verify${wanted}`,
      `/%3f${wanted}`,
    ])
      expect([path, await ask({ ...headers, ...claims }, { path })]).toEqual([path, 403]);
    expect(app.reached).toEqual([]);
    expect(await ask({ ...entitled['API token'].headers, ...claims }, { path: `/${wanted}` })).toBe(200);
    expect(app.reached[0]?.url).toBe(`/${wanted}`);
  });

  it.each([
    '/fluxgate-verify',
    '//fluxgate-verify',
    '/./fluxgate-verify',
    '/x/../fluxgate-verify',
    '/%66luxgate-verify',
    '/fluxgate-verify?section=users&action=read',
  ])('opens the question itself to nobody at %s', async (path) => {
    for (const headers of [{}, entitled['API token'].headers])
      expect([401, 404]).toContain(await ask(headers, { path }));
    expect(app.reached).toEqual([]);
  });

  it.each([
    '//',
    '/../',
    '/%2e%2e/%2e%2e/',
    '/public/..%2fadmin',
    '/admin;.css',
    '/a%00b',
    '/a%0d%0aX-Auth-User:%201',
    '/auth/verify',
    'http://127.0.0.1/',
    '*',
  ])('asks at %s as everywhere', async (path) => {
    expect([400, 401, 404]).toContain(await ask({}, { path }));
    expect(app.reached).toEqual([]);
  });

  it.each([
    [
      'a length and chunks at once',
      'Content-Length: 40\r\nTransfer-Encoding: chunked\r\n',
      '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    [
      'two lengths',
      'Content-Length: 0\r\nContent-Length: 40\r\n',
      'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    [
      'an odd kind of chunks',
      'Transfer-Encoding: xchunked\r\n',
      '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    [
      'a header that goes on in the next line',
      'X-Auth-User: 1\r\n\tforged\r\n',
      'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    ['a blank before the colon', 'X-Auth-User : forged\r\n', 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('lets nothing through behind %s [I09]', async (_what, headers, rest) => {
    const { headers: own } = entitled['API token'];
    const request = `POST / HTTP/1.1\r\nHost: app.example.com\r\nAuthorization: ${own['authorization']}\r\n${headers}\r\n${rest}`;
    await exchanged(nginx, request);
    // What it has to say of the first request is its own affair; a second without a credential gets nowhere.
    expect(app.reached.filter(({ url }) => url !== '/')).toEqual([]);
    for (const { headers: told } of app.reached) {
      expect(told['x-auth-user']).toBeUndefined();
      expect(told['x-auth-token-name']).toEqual([entitled['API token'].name]);
    }
  });

  it('refuses two credentials in one header of two values', async () => {
    const [one, two] = [entitled['API token'], entitled['Fluxer token']];
    const authorization = [one, two].map(({ headers }) => headers['authorization'] ?? '');
    expect([400, 401]).toContain(await ask({ authorization }));
    expect(app.reached).toEqual([]);
  });

  it('asks for every method, and hands the body to the app alone', async () => {
    const { headers } = entitled['API token'];
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const body = method === 'POST' || method === 'PUT' ? 'x'.repeat(300_000) : undefined;
      expect([method, await ask(headers, { method, ...(body && { body }) })]).toEqual([method, 200]);
      expect(app.reached.splice(0)).toMatchObject([{ method, body: body ?? '' }]);
      expect(await ask({}, { method })).toBe(401);
      expect(app.reached).toEqual([]);
    }
  });

  it.each(CREDENTIAL_KINDS)(
    'lets nobody through by %s at the next request after it was ended [D05, bug 30]',
    async (kind) => {
      const caller = await callers.of(kind, RIGHTS);
      expect(await ask(caller.headers)).toBe(200);
      await caller.revoke();
      app.reached.splice(0);
      expect(await ask(caller.headers)).toBe(401);
      expect(await ask(caller.headers, { at: open })).toBe(401);
      expect(app.reached).toEqual([]);
    },
  );

  it('lets nobody through while Fluxgate is away, and has told of nothing odd until then', async () => {
    expect(nginx.errorLog()).not.toMatch(/\[(alert|crit|emerg)\]/);
    await world.server.stop();
    for (const kind of CREDENTIAL_KINDS) expect(await ask(entitled[kind].headers)).toBe(500);
    expect(app.reached).toEqual([]);
  });
});

/** Sends these bytes and waits until nginx has hung up, or has said all it has to say. */
async function exchanged(nginx: Nginx, bytes: string): Promise<string> {
  const { hostname, port } = new URL(nginx.baseUrl);
  return await new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}
