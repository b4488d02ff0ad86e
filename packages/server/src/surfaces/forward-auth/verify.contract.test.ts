import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../../testing/fluxer-decoder.ts';
import {
  type Caller,
  CREDENTIAL_KINDS,
  callersOf,
  createWorld,
  DIALECTS,
  flectoSteps,
  type Reply,
  setRights,
  type World,
} from '../../testing/index.ts';

const PAGES_OF_SHOP = 'namespace=web&project=shop&resource=page&action=read';
const ONE_ROW = { resources: [{ namespace: 'web', site: 'shop', resource: 'page', action: 'read' }] };

/** Every header that speaks of the caller. */
function told({ headers }: Reply): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-auth-')));
}

function refused({ status, json, headers }: Reply): string {
  expect(told({ headers } as Reply)).toEqual({});
  return `${status} ${(json as { error: string }).error}`;
}

describe.each(DIALECTS)('/auth/verify on %s', (dialect) => {
  let world: World;
  let callers: ReturnType<typeof callersOf>;
  const made = {} as Record<(typeof CREDENTIAL_KINDS)[number], Caller>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    callers = callersOf(world);
    for (const kind of CREDENTIAL_KINDS) made[kind] = await callers.of(kind);
  });
  afterAll(() => world.close());

  const verify = (headers: Record<string, string | string[]> = {}, query = '', method = 'GET') =>
    rawRequest(world.baseUrl, { method, path: `/auth/verify${query}`, headers });

  it.each(CREDENTIAL_KINDS)(
    'lets whoever shows a live %s pass where nothing is asked for, and says whose it is',
    async (kind) => {
      const { headers, userId, email, name } = made[kind];
      const expected =
        kind === 'API token'
          ? { 'x-auth-method': 'token', 'x-auth-token-name': name }
          : {
              'x-auth-method':
                kind === 'Flecto access token' || kind === 'Flux session token' ? 'jwt' : 'session',
              'x-auth-user': userId,
              'x-auth-name': 'Ada%20Lovelace',
              'x-auth-email': email,
            };
      for (const method of ['GET', 'HEAD']) {
        const reply = await verify(headers, '', method);
        expect([reply.status, reply.text, told(reply)]).toEqual([200, '', expected]);
        expect(reply.headers.get('cache-control')).toBe('no-store');
        expect(reply.headers.get('content-length')).toBe('0');
        expect(reply.headers.getSetCookie()).toEqual([]);
      }
    },
  );

  it('turns away whoever shows nothing, and says in which way to do better', async () => {
    const reply = await verify();
    expect(refused(reply)).toBe('401 unauthenticated');
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="fluxgate"');
    const bad = await verify({ authorization: 'Bearer flecto_nothing' });
    expect(refused(bad)).toBe('401 invalid_token');
    expect(bad.headers.get('www-authenticate')).toBe('Bearer realm="fluxgate", error="invalid_token"');
    const head = await verify({}, '', 'HEAD');
    expect([head.status, head.text]).toEqual([401, '']);
  });

  it('takes each kind of credential where it belongs and nowhere else [E05]', async () => {
    const steps = flectoSteps(world);
    const { email } = await world.person();
    const { refreshToken, accessToken } = (await steps.signIn(email)).tokens;
    const secrets = {
      flx: made['Fluxer token'].secret,
      pages: made["pages' cookie"].secret,
      access: accessToken,
      refresh: refreshToken,
      flux: made['Flux session token'].secret,
      api: made['API token'].secret,
    };
    const places: Record<string, (secret: string) => Record<string, string>> = {
      raw: (authorization) => ({ authorization }),
      bearer: (secret) => ({ authorization: `Bearer ${secret}` }),
      'fluxer cookie': (secret) => ({ cookie: `fluxer_session=${secret}` }),
      'pages cookie': (secret) => ({ cookie: `fluxgate=${secret}` }),
      'other header': (secret) => ({ 'x-api-key': secret, 'x-flecto-authorization': `Bearer ${secret}` }),
    };
    const open: string[] = [];
    for (const [what, secret] of Object.entries(secrets)) {
      for (const [where, headers] of Object.entries(places)) {
        const { status } = await verify(headers(secret));
        expect([200, 401]).toContain(status);
        if (status === 200) open.push(`${what} as ${where}`);
      }
      expect((await verify({}, `?access_token=${secret}`)).status).toBe(400);
    }
    expect(open.sort()).toEqual([
      'access as bearer',
      'api as bearer',
      'flux as bearer',
      'flx as bearer',
      'flx as fluxer cookie',
      'flx as raw',
      'pages as pages cookie',
    ]);
  });

  it.each([
    ['Basic', () => `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['nothing', () => ''],
    ['Bearer alone', () => 'Bearer'],
    ['small letters', (token: string) => `bearer ${token}`],
    ['two blanks', (token: string) => `Bearer  ${token}`],
    ['a bot prefix', (token: string) => `Bot ${token}`],
    ['a character more', (token: string) => `Bearer ${token}A`],
    ['a character less', (token: string) => `Bearer ${token.slice(0, -1)}`],
    ['other case', (token: string) => `Bearer ${token.toUpperCase()}`],
    ['two unlike values', (token: string) => `Bearer ${token}, Bearer flecto_other`],
    ['a NUL in percent form', (token: string) => `Bearer ${token}%00`],
    ['4,000 characters', () => `Bearer ${'a.'.repeat(2_000)}`],
  ])(
    'refuses a header with %s, however good the cookies are [E10, bug 34, bug 72]',
    async (_what, written) => {
      for (const kind of ['Fluxer token', 'Flecto access token', 'API token'] as const) {
        const authorization = written(made[kind].secret);
        for (const cookies of [{}, made["pages' cookie"].headers, made['Fluxer cookie'].headers]) {
          const reply = await verify({ authorization, ...cookies });
          expect([reply.status, told(reply)]).toEqual([401, {}]);
        }
      }
    },
  );

  it('takes the header for the one that is meant, and passes over cookies', async () => {
    const token = made['API token'];
    const reply = await verify({ ...token.headers, ...made["pages' cookie"].headers });
    expect(told(reply)).toEqual({ 'x-auth-method': 'token', 'x-auth-token-name': token.name });
  });

  it('takes a header that came twice with one value, and refuses two that differ', async () => {
    const [one, two] = [made['API token'].headers, made['Fluxer token'].headers];
    const a = one['authorization'] ?? '';
    const b = two['authorization'] ?? '';
    expect((await verify({ authorization: [a, a] })).status).toBe(200);
    expect((await verify({ authorization: `${b}, ${b}` })).status).toBe(200);
    // Node reads the first alone, and the service behind the proxy may read the last.
    expect(refused(await verify({ authorization: [a, b] }))).toBe('401 ambiguous_credentials');
    expect(refused(await verify({ authorization: [b, 'flx_nobody'] }))).toBe('401 ambiguous_credentials');
  });

  it('passes over cookies that have ended, and refuses live ones of different people [D02]', async () => {
    const person = await world.person();
    const pages = (await callers.credentialOf(person, "pages' cookie")).headers['cookie'] ?? '';
    const own = `fluxer_session=${person.client.token}`;
    const planted = made['Fluxer cookie'].headers['cookie'] ?? '';
    const userIn = async (cookie: string) => told(await verify({ cookie }))['x-auth-user'];
    expect(await userIn(`fluxer_session=flx_${'a'.repeat(36)}; ${pages}`)).toBe(person.userId);
    expect(await userIn(`${pages}; ${own}`)).toBe(person.userId);
    expect(await userIn(`fluxer_session=; ${own}`)).toBe(person.userId);
    for (const cookie of [`${planted}; ${pages}`, `${own}; ${planted}`, `${pages}; ${planted}`])
      expect(refused(await verify({ cookie }))).toBe('401 ambiguous_credentials');
    const many = Array.from({ length: 5 }, (_, n) => `fluxer_session=${n}`).join('; ');
    expect(refused(await verify({ cookie: many }))).toBe('401 ambiguous_credentials');
    expect(refused(await verify({ cookie: `xfluxer_session=${person.client.token}` }))).toBe(
      '401 unauthenticated',
    );
  });

  it.each(CREDENTIAL_KINDS)(
    'asks of the holder of a live %s the one permission in the query [J01]',
    async (kind) => {
      const rows: [rights: Parameters<typeof callers.of>[1], query: string, isAllowed: boolean][] = [
        [{}, PAGES_OF_SHOP, false],
        [ONE_ROW, PAGES_OF_SHOP, true],
        [ONE_ROW, PAGES_OF_SHOP.replace('page', 'any'), true],
        [ONE_ROW, PAGES_OF_SHOP.replace('page', 'redirect'), false],
        [ONE_ROW, PAGES_OF_SHOP.replace('read', 'write'), false],
        [ONE_ROW, PAGES_OF_SHOP.replace('shop', 'blog'), false],
        [ONE_ROW, PAGES_OF_SHOP.replace('web', 'Web'), false],
        [ONE_ROW, 'section=users&action=read', false],
        [{ admin: [{ section: 'users', action: 'read' }] }, 'action=read&section=users', true],
        [{ admin: [{ section: 'users', action: 'read' }] }, 'section=users&action=write', false],
        [{ admin: [{ section: '*', action: '*' }] }, PAGES_OF_SHOP, false],
        [{ admin: [{ section: '*', action: '*' }] }, 'section=audit&action=write', true],
      ];
      const byRights = new Map<unknown, Caller>();
      for (const [rights, query, isAllowed] of rows) {
        const caller = byRights.get(rights) ?? (await callers.of(kind, rights));
        byRights.set(rights, caller);
        const reply = await verify(caller.headers, `?${query}`);
        if (isAllowed) expect([query, reply.status, told(reply) !== null]).toEqual([query, 200, true]);
        else expect([query, refused(reply)]).toEqual([query, '403 forbidden']);
      }
    },
  );

  it('answers whoever shows nothing with 401 and not 403, whatever is asked for', async () => {
    expect(refused(await verify({}, `?${PAGES_OF_SHOP}`))).toBe('401 unauthenticated');
  });

  it('follows a change of rights at the next request [J06]', async () => {
    const token = await callers.token();
    const person = await callers.of('Flecto access token');
    const both = async () => [
      (await verify(token.headers, `?${PAGES_OF_SHOP}`)).status,
      (await verify(person.headers, `?${PAGES_OF_SHOP}`)).status,
    ];
    const { apiTokens, project } = world.instance;
    const set = async (rights: object) => {
      const permissions = { admin: [], resources: [], ...rights };
      const actor = { userId: null, sessionId: null, origin: null };
      await apiTokens.replacePermissions({
        projectId: project.id,
        id: token.tokenId ?? '',
        permissions,
        actor,
      });
      await setRights(world, person.userId ?? '', rights);
    };
    expect(await both()).toEqual([403, 403]);
    await set(ONE_ROW);
    expect(await both()).toEqual([200, 200]);
    await set({});
    expect(await both()).toEqual([403, 403]);
  });

  it.each([
    ['?'],
    ['?&'],
    ['?x'],
    ['?x=1'],
    ['?action=read'],
    ['?section=users'],
    ['?section=&action=read'],
    ['?section=users&action='],
    ['?section=users&action=delete'],
    ['?section=*&action=read'],
    ['?section=nothing&action=read'],
    ['?section=users&action=read&x=1'],
    ['?section=users&action=read&action=read'],
    ['?section=users&section=audit&action=read'],
    ['?section=users&action=read&namespace=web'],
    ['?section=users&%61ction=read&action=read'],
    ['?namespace=web&project=shop&resource=page'],
    ['?namespace=web&project=shop&action=read'],
    ['?namespace=web&resource=page&action=read'],
    ['?project=shop&resource=page&action=read'],
    ['?namespace=*&project=shop&resource=page&action=read'],
    ['?namespace=web&project=shop&resource=*&action=read'],
    ['?namespace=web&site=shop&resource=page&action=read'],
    ['?Namespace=web&project=shop&resource=page&action=read'],
    ['?namespace=web&project=shop%0a&resource=page&action=read'],
    ['?namespace=web&project=shop%00&resource=page&action=read'],
    ['?namespace=web;project=shop;resource=page;action=read'],
    [`?${PAGES_OF_SHOP}?section=users&action=read`],
    [`?${PAGES_OF_SHOP}&`.repeat(2)],
    [`?${PAGES_OF_SHOP}#`],
    [`#?${PAGES_OF_SHOP}`],
    ['#'],
    ['?__proto__=1'],
  ])('takes %s for a mistake of the operator, and never for no question', async (query) => {
    const reply = await verify(made['API token'].headers, query);
    expect(reply.status).toBe(400);
    const { error, message } = reply.json as { error: string; message: string };
    if (!query.includes('%00'))
      expect([error, message]).toEqual(['invalid_question', expect.stringContaining('Mend the address')]);
    expect(told(reply)).toEqual({});
  });

  it('tells the operator in its log of an address that asks wrongly, without a secret of it', async () => {
    const { secret } = made['API token'];
    await verify({ authorization: `Bearer ${secret}` }, '?action=read');
    const line = world.logLines.findLast((one) => one.includes('asks /auth/verify wrongly'));
    expect(line).toContain('Mend the address');
    expect(line).not.toContain(secret);
  });

  it('takes no word of a header for what is asked for [J04]', async () => {
    const { headers } = await callers.token(ONE_ROW);
    const claims = {
      'x-original-uri': `/?${PAGES_OF_SHOP}`,
      'x-original-url': `http://x/?${PAGES_OF_SHOP}`,
      'x-forwarded-uri': `/?${PAGES_OF_SHOP}`,
      'x-forwarded-method': 'GET',
      'x-rewrite-url': `/auth/verify?${PAGES_OF_SHOP}`,
      'x-http-method-override': 'POST',
      'x-auth-user': '1',
      'x-auth-method': 'session',
      namespace: 'web',
    };
    const narrow = '?section=users&action=write';
    expect(refused(await verify({ ...headers, ...claims }, narrow))).toBe('403 forbidden');
    expect(refused(await verify(claims, narrow))).toBe('401 unauthenticated');
    expect((await verify({ ...headers, ...claims }, '')).status).toBe(200);
    expect(
      (await verify({ ...headers, ...claims, 'x-forwarded-uri': '/?section=users&action=write' })).status,
    ).toBe(200);
  });

  it('is asked by GET and HEAD, and changes nothing by any other method', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await verify(made['API token'].headers, '', method)).status).toBe(404);
    for (const path of ['/auth/verify/', '/auth//verify', '/Auth/verify'])
      expect((await rawRequest(world.baseUrl, { path, headers: made['API token'].headers })).status).toBe(
        404,
      );
  });

  it('gives no page of another origin leave to read its answer', async () => {
    const reply = await verify({ ...made["pages' cookie"].headers, origin: 'https://evil.example' });
    expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('tells names that no header holds in the form of an address, and an unproved mailbox not at all [M05]', async () => {
    const odd = 'Zoë 💥 %0d "x"; a=b';
    const { client, userId } = await world.person({ global_name: odd });
    const reply = await verify({ authorization: client.token ?? '' });
    expect(decodeURIComponent(told(reply)['x-auth-name'] ?? '')).toBe(odd);
    expect(told(reply)['x-auth-name']).toMatch(/^[\x21-\x7e]+$/);
    const { db } = world.instance.storage;
    await db
      .updateTable('profile')
      .set({ global_name: 'a\r\nX-Auth-User: 1\ud800' })
      .where('user_id', '=', userId)
      .execute();
    await db
      .updateTable('contact')
      .set({ address: 'zoë@example.com' })
      .where('user_id', '=', userId)
      .execute();
    const late = await createWorld({ dialect, database: world, clock: world.clock });
    try {
      const seen = told(
        await rawRequest(late.baseUrl, {
          path: '/auth/verify',
          headers: { authorization: client.token ?? '' },
        }),
      );
      expect(Object.keys(seen).sort()).toEqual(['x-auth-method', 'x-auth-name', 'x-auth-user']);
      expect(seen['x-auth-user']).toBe(userId);
    } finally {
      await late.close();
    }
  });

  it('cannot be told by a token that it is somebody [E05]', async () => {
    const { userId } = made['Fluxer token'];
    const { apiTokens, project } = world.instance;
    const { plain } = await apiTokens.create({
      projectId: project.id,
      name: userId ?? '',
      expiresAt: null,
      permissions: { admin: [], resources: [] },
      actor: { userId: null, sessionId: null, origin: null },
    });
    expect(told(await verify({ authorization: `Bearer ${plain}` }))).toEqual({
      'x-auth-method': 'token',
      'x-auth-token-name': userId,
    });
  });
});
