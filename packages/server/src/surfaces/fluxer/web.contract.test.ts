import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announced, decode, rawRequest, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const APP = 'https://app.example.com';
const MARKETING = 'https://www.example.com';
const FOREIGN = 'https://evil.example';

/** Requests on one connection, one right behind the other, and all that comes back. */
async function pipelined(baseUrl: string, requests: string[]): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  socket.write(requests.join(''));
  let text = '';
  for await (const chunk of socket) text += chunk as string;
  return text;
}

describe.each(DIALECTS)('the web around /v1 on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_CORS_ORIGINS: `${APP}, ${MARKETING}` },
    });
  });
  afterAll(() => world.close());

  const raw = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    rawRequest(world.baseUrl, { method, path, headers, ...(body !== undefined && { body }) });

  describe('CORS', () => {
    const preflight = (origin: string, path = '/v1/auth/login', method = 'POST') =>
      raw('OPTIONS', path, {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,x-fluxer-sudo-mode-jwt',
      });

    it.each([APP, MARKETING, 'BASE'])('lets %s read answers, with credentials', async (written) => {
      const origin = written.replace('BASE', world.baseUrl);
      for (const path of ['/v1/users/@me', '/v1/auth/sessions', '/v1/nothing']) {
        const { headers } = await raw('GET', path, { origin });
        expect(headers.get('access-control-allow-origin')).toBe(origin);
        expect(headers.get('access-control-allow-credentials')).toBe('true');
        expect(headers.get('vary')?.toLowerCase()).toContain('origin');
        const exposed = headers.get('access-control-expose-headers')?.toLowerCase() ?? '';
        for (const name of ['x-fluxer-sudo-mode-jwt', 'retry-after', 'x-ratelimit-remaining', 'x-request-id'])
          expect(exposed).toContain(name);
      }
    });

    it.each([
      ['/v1/auth/login', 'POST'],
      ['/v1/users/@me', 'PATCH'],
      ['/v1/users/@me', 'GET'],
    ])('answers the preflight of %s %s', async (path, method) => {
      const { status, headers } = await preflight(APP, path, method);
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(APP);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('access-control-allow-methods')).toContain(method);
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
      for (const name of ['authorization', 'content-type', 'x-fluxer-sudo-mode-jwt'])
        expect(allowed).toContain(name);
    });

    it.each([FOREIGN, 'null', `${APP}.evil.example`, `${APP}:8443`, 'http://app.example.com', '*'])(
      'gives %s nothing',
      async (origin) => {
        for (const reply of [
          await preflight(origin),
          await raw('GET', '/v1/users/@me', { origin }),
          await raw('POST', '/v1/auth/forgot', { origin }, '{}'),
        ]) {
          expect(reply.headers.has('access-control-allow-origin')).toBe(false);
        }
      },
    );

    it('answers errors so that the web app can read them', async () => {
      const reply = await raw('POST', '/v1/auth/login', { origin: APP }, '{}');
      expect(refusal(reply)).toMatch(/^400 INVALID_FORM_BODY/);
      expect(reply.headers.get('access-control-allow-origin')).toBe(APP);
    });
  });

  describe('paths', () => {
    it.each([
      ['/v1/auth/reset/a%00b', 400],
      ['/v1/auth/handoff/ABCD%00EFG/status', 400],
      ['/account%00', 404],
      ['/v1/auth/ip-authorization/poll?ticket=%00', 400],
    ])('with a NUL are refused before anything looks at them: %s', async (path, status) => {
      expect((await raw('GET', path)).status).toBe(status);
    });

    it.each([
      '/v1/auth/login/',
      '/v1//auth/login',
      '/v1/auth//login',
      '/v1/./auth/login',
      '/v1/auth/./login',
      '/v1/auth/x/../login',
      '/v1/%2e/auth/login',
      '/v1/auth/%2e%2e/auth/login',
      '/v1/auth%2flogin',
      '/v1/auth/login;x=1',
      '/v1/auth/login%00',
      '/v1/auth/login%20',
      '/v1/auth/LOGIN',
      '/v1/Auth/login',
      '/v1/auth/login.json',
      '/v1/auth',
      '/v1/auth/',
      '/v1/',
      '/v1/auth/\\login',
      '/v1/auth/mfa/none',
      '/v1/users/@ME',
      '/v1/users/me',
    ])('that are not exactly one of the contract are 404: %s [I07]', async (path) => {
      const { email } = await world.person();
      const body = JSON.stringify({ email, password: PASSWORD });
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
        const reply = await raw(method, path, {}, method === 'GET' ? undefined : body);
        expect(refusal(reply)).toBe('404 NOT_FOUND');
        expect(reply.headers.has('set-cookie')).toBe(false);
      }
    });

    it.each(['//v1/auth/login', '/V1/auth/login', '/auth/register', '/%76%31/auth/LOGIN'])(
      'outside of /v1 open nothing of it: %s [I07]',
      async (path) => {
        const { email } = await world.person();
        const reply = await raw('POST', path, {}, JSON.stringify({ email, password: PASSWORD }));
        expect(reply.status).toBe(404);
        expect(reply.headers.has('set-cookie')).toBe(false);
      },
    );

    it.each([
      ['GET', '/v1/auth/login'],
      ['PUT', '/v1/auth/login'],
      ['PATCH', '/v1/auth/login'],
      ['DELETE', '/v1/auth/login'],
      ['GET', '/v1/auth/logout'],
      ['HEAD', '/v1/auth/logout'],
      ['OPTIONS', '/v1/auth/login'],
      ['OPTIONS', '/v1/nothing'],
      ['POST', '/v1/auth/sessions'],
      ['DELETE', '/v1/auth/sessions'],
      ['GET', '/v1/auth/forgot'],
      ['GET', '/v1/auth/verify'],
      ['PUT', '/v1/users/@me'],
      ['POST', '/v1/users/@me'],
      ['DELETE', '/v1/users/@me'],
    ])('take no other method: %s %s is 404 and does nothing [I03]', async (method, path) => {
      const { client } = await world.person();
      const reply = await raw(method, path, { authorization: client.token ?? '' });
      expect(reply.status).toBe(404);
      if (method !== 'HEAD') expect(refusal(reply)).toBe('404 NOT_FOUND');
      expect(reply.headers.has('allow')).toBe(false);
      decode.user(await client.get('/v1/users/@me'));
    });

    it.each([
      ['POST', '/v1/nothing'],
      ['PUT', '/v1/auth/login'],
      ['DELETE', '/v1/auth/sessions'],
      ['POST', '/v1/internal/nothing'],
    ])('that are not there are 404 whatever the body is: %s %s', async (method, path) => {
      const type = 'application/x-www-form-urlencoded';
      const bodies = ['a=1&b=2', '{"a":', '--x', '\u0000', 'x'.repeat(300_000)];
      for (const body of bodies)
        expect(refusal(await raw(method, path, { 'content-type': type }, body))).toBe('404 NOT_FOUND');
      const chunked = { 'transfer-encoding': 'chunked' };
      expect(refusal(await raw(method, path, chunked, 'x'.repeat(300_000)))).toBe('404 NOT_FOUND');
    });

    it('that are not there wait for no body, and read none of it as another request', async () => {
      expect(refusal(await announced(world.baseUrl, '/v1/nothing', { 'content-length': '10000000' }))).toBe(
        '404 NOT_FOUND',
      );
      const hidden = 'GET /v1/_health HTTP/1.1\r\nHost: x\r\n\r\n';
      const answers = await pipelined(world.baseUrl, [
        `POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
        'GET /v1/users/@me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      ]);
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 401']);
    });

    it('take no TRACE [I09]', async () => {
      const reply = await raw('TRACE', '/v1/auth/login', { 'x-secret': 'echo me' }).catch(() => null);
      expect(reply?.status ?? 404).toBeGreaterThanOrEqual(400);
      expect(reply?.text ?? '').not.toContain('echo me');
    });

    it('take a query nobody asked for', async () => {
      const { email } = await world.person();
      const body = JSON.stringify({ email, password: PASSWORD });
      decode.token(await raw('POST', '/v1/auth/login?a=1&a=2&__proto__=x', {}, body));
    });
  });

  describe('headers', () => {
    it('of every answer keep it out of caches and frames, and guess no types [I02, I05]', async () => {
      const { client } = await world.person();
      for (const reply of [
        await client.get('/v1/users/@me'),
        await client.get('/v1/nothing'),
        await client.post('/v1/auth/login', {}),
        await client.post('/v1/auth/logout'),
      ]) {
        expect(reply.headers.get('cache-control')).toContain('no-store');
        expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
        expect(reply.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        expect(reply.headers.has('server')).toBe(false);
        expect(reply.headers.has('x-powered-by')).toBe(false);
      }
    });

    it('echo a harmless request id and make one up else [M05]', async () => {
      const idOf = async (id: string) =>
        (await raw('GET', '/v1/users/@me', { 'x-request-id': id })).headers.get('x-request-id');
      expect(await idOf('abc-123.X_y')).toBe('abc-123.X_y');
      for (const hostile of ['a b', 'x'.repeat(500), '{"a":1}', '<script>', '\u001b[31m'.slice(1)]) {
        const id = await idOf(hostile);
        expect(id).not.toBe(hostile);
        expect(id).toMatch(/^[\w.-]{8,128}$/);
      }
      expect((await raw('GET', '/v1/users/@me')).headers.get('x-request-id')).toMatch(/^[\w.-]{8,}$/);
    });

    it.each<[string, Record<string, string>]>([
      ['Host', { host: 'evil.example' }],
      ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
      ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
      ['Forwarded', { forwarded: 'host=evil.example;proto=https' }],
      [
        'X-Original-URL and others',
        { 'x-original-url': 'https://evil.example/', 'x-forwarded-server': 'evil.example' },
      ],
      ['Origin and Referer', { referer: 'https://evil.example/', origin: 'ORIGIN' }],
    ])('never change the links of a mail: %s [I08, bug 64]', async (_what, poison) => {
      const { email } = await world.person();
      const headers = Object.fromEntries(
        Object.entries(poison).map(([name, value]) => [name, value.replace('ORIGIN', world.baseUrl)]),
      );
      decode.empty(await raw('POST', '/v1/auth/forgot', headers, JSON.stringify({ email })));
      const mail = await world.newestMail(email, 'password_reset');
      expect(mail.links.length).toBeGreaterThan(0);
      for (const link of mail.links) expect(new URL(link).origin).toBe(world.baseUrl);
      expect(JSON.stringify(mail)).not.toContain('evil.example');
      const discovery = await raw('GET', '/.well-known/fluxer', headers);
      expect(discovery.text).not.toContain('evil.example');
    });
  });
});
