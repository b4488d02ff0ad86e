import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const HOUR = 3_600_000;
const PAGE = 'https://app.example.com';
const SERVER_ROUTES = [
  ['POST', '/sessions/verify'],
  ['POST', '/sessions/get'],
  ['POST', '/sessions/revoke'],
  ['POST', '/users/1/sessions/revoke'],
  ['GET', '/events'],
] as const;
const BROWSER_ROUTES = [
  ['POST', '/sign_up'],
  ['POST', '/sign_in/password'],
  ['POST', '/sign_out'],
] as const;

describe.each(DIALECTS)('project keys at Flux’s API on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: { allowed_origins: [PAGE] } });
  });
  afterAll(() => world.close());

  const ask = (method: string, path: string, headers: Record<string, string>): Promise<Reply> =>
    world.direct.send(`/flux/v1${path}`, { method, headers, ...(method === 'POST' && { body: {} }) });

  it('are asked for at every route, of the right kind, before the body is read [FX-01, FX-02]', async () => {
    const { asApp, asPage } = flux;
    const secret = flux.keys.secret.plain;
    const publishable = flux.keys.publishable.plain;
    const wrong: Record<string, string>[] = [
      {},
      { authorization: secret },
      { authorization: `bearer ${secret}` },
      { authorization: `Bearer  ${secret}` },
      { authorization: `Bearer ${secret.slice(0, -1)}` },
      { authorization: `Bearer ${secret}x` },
      { authorization: `Bearer ${secret.toUpperCase()}` },
      { authorization: `Bearer ${publishable}` },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
      { 'x-flux-publishable-key': secret },
      { 'x-flux-publishable-key': publishable.slice(0, -1) },
    ];
    for (const [method, path] of [...SERVER_ROUTES, ...BROWSER_ROUTES])
      for (const headers of wrong) {
        const reply = await ask(method, path, { ...headers, 'content-type': 'application/json' });
        expect([reply.status, codeOf(reply)], `${path} ${JSON.stringify(headers)}`).toEqual([
          401,
          'invalid_api_key',
        ]);
      }
    for (const [method, path] of SERVER_ROUTES)
      expect(codeOf(await ask(method, path, asPage)), path).toBe('invalid_api_key');
    for (const [method, path] of BROWSER_ROUTES)
      expect(codeOf(await ask(method, path, asApp)), path).toBe('invalid_api_key');
    for (const headers of [asApp, asPage])
      expect((await ask('GET', '/settings', headers)).json).toMatchObject({ project: { id: flux.id } });
    expect(codeOf(await ask('GET', '/settings', { ...asApp, ...asPage }))).toBe('invalid_api_key');
  });

  it('open nothing once they are revoked, or rotated and past the overlap [FX-02]', async () => {
    const { projectKeys } = world.instance;
    const common = { projectId: flux.id, actor: ACTOR };
    const made = await projectKeys.create({ ...common, kind: 'secret', name: 'old' });
    const as = ({ plain }: { plain: string }) => ({ authorization: `Bearer ${plain}` });
    expect((await ask('GET', '/settings', as(made))).status).toBe(200);
    const next = await projectKeys.rotate({ ...common, id: made.key.id, overlapSeconds: 3_600 });
    for (const key of [made, next]) expect((await ask('GET', '/settings', as(key))).status).toBe(200);
    world.clock.advance(HOUR);
    expect(codeOf(await ask('GET', '/settings', as(made)))).toBe('invalid_api_key');
    await projectKeys.revoke({ ...common, id: next.key.id });
    expect(codeOf(await ask('GET', '/settings', as(next)))).toBe('invalid_api_key');
  });

  it('refuse in one shape that names the request [FX-37]', async () => {
    const reply = await world.direct.send('/flux/v1/sessions/verify', {
      method: 'POST',
      body: {},
      headers: { 'x-request-id': 'my-request' },
    });
    expect(reply.json).toEqual({
      error: { code: 'invalid_api_key', message: expect.any(String), request_id: 'my-request' },
    });
    expect(reply.headers.get('x-request-id')).toBe('my-request');
    for (const body of ['{"token":1}', '{"token":"a","token":"b"}', '{', '[]', 'null', '"x"']) {
      const malformed = await world.direct.post('/flux/v1/sessions/verify', body, flux.asApp);
      expect([malformed.status, codeOf(malformed)], body).toEqual([400, 'invalid_request']);
    }
    const large = await world.direct.post(
      '/flux/v1/sessions/verify',
      { token: 'x'.repeat(70_000) },
      flux.asApp,
    );
    expect([large.status, codeOf(large)]).toEqual([413, 'invalid_request']);
    const text = await world.direct.post('/flux/v1/sessions/verify', 'token=1', {
      ...flux.asApp,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(codeOf(text)).toBe('invalid_request');
    for (const path of ['/flux/v1', '/flux/v1/', '/flux/v1/none', '/flux/v1/sessions/verify/x'])
      expect(codeOf(await world.direct.get(path, flux.asApp)), path).toBe('not_found');
  });

  describe('of pages', () => {
    const signUp = (headers: Record<string, string>) =>
      world.direct.post(
        '/flux/v1/sign_up',
        { email: newEmail(), password: PASSWORD },
        { ...flux.asPage, ...headers },
      );

    it('are taken from the project’s origins and our own, and from no other [bug 68]', async () => {
      const taken = await signUp({ origin: PAGE });
      expect(taken.status).toBe(200);
      expect(taken.headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(taken.headers.get('access-control-allow-credentials')).toBeNull();
      expect(taken.headers.get('vary')).toContain('Origin');
      expect((await signUp({ origin: new URL(world.config.publicUrl).origin })).status).toBe(200);
      for (const origin of [
        'null',
        'http://app.example.com',
        'https://app.example.com.evil.example',
        'https://evil.example',
        'https://app.example.com:8443',
        'https://sub.app.example.com',
        'https://APP.example.com',
        `${PAGE}/`,
        '*',
      ]) {
        const refused = await signUp({ origin });
        expect([refused.status, codeOf(refused)], origin).toEqual([403, 'origin_not_allowed']);
        expect(refused.headers.get('access-control-allow-origin'), origin).toBeNull();
      }
      await flux.change({ allowed_origins: [] });
      expect(codeOf(await signUp({ origin: PAGE }))).toBe('origin_not_allowed');
      await flux.change({ allowed_origins: [PAGE] });
    });

    it('get refusals they may read, and an answer to the question before the question', async () => {
      const wrong = await world.direct.post(
        '/flux/v1/sign_in/password',
        { email: newEmail(), password: PASSWORD },
        { ...flux.asPage, origin: PAGE },
      );
      expect(codeOf(wrong)).toBe('invalid_credentials');
      expect(wrong.headers.get('access-control-allow-origin')).toBe(PAGE);
      const asked = await world.direct.send('/flux/v1/sign_up', {
        method: 'OPTIONS',
        headers: {
          origin: PAGE,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type, x-flux-publishable-key',
        },
      });
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-headers')).toContain('x-flux-publishable-key');
      expect(asked.headers.get('access-control-allow-headers')).not.toContain('authorization');
    });

    it('of a server route are never answered so that a page could read it', async () => {
      const reply = await world.direct.post(
        '/flux/v1/sessions/verify',
        { token: 'x' },
        { ...flux.asApp, origin: PAGE },
      );
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  it('are the only way in to each route that the documents name, and each is documented', async () => {
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    const doc = readFileSync(new URL('../../../../../docs/flux-wire.md', import.meta.url), 'utf8');
    const ours = Object.entries(paths).filter(([path]) => path.startsWith('/flux/v1'));
    expect(ours.length).toBeGreaterThan(8);
    for (const [path, methods] of ours) {
      expect(doc, path).toContain(path.replace('{id}', '{id}'));
      // The key set is everybody's; a browser that comes by itself sends no header.
      for (const { security } of Object.values(methods))
        if (path !== '/flux/v1/.well-known/jwks.json' && !path.includes('/oauth/'))
          expect(security?.length, path).toBeGreaterThan(0);
    }
  });
});

describe('the traffic of one key', () => {
  it('is limited by address for pages, and for wrong keys', async () => {
    const world = await createWorld({ dialect: 'sqlite' });
    const flux = await createFluxProject(world);
    const client = world.client();
    const settings = (headers: Record<string, string>) => client.get('/flux/v1/settings', headers);
    const codes = new Map<string, number>();
    for (let time = 0; time < 130; time++) {
      const reply = await settings(flux.asPage);
      const code = reply.status === 200 ? 'ok' : codeOf(reply);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (reply.status === 429) expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect([...codes.keys()]).toEqual(['ok', 'rate_limited']);
    // The app's own server is another matter.
    expect((await settings(flux.asApp)).status).toBe(200);
    await world.close();
  });
});
