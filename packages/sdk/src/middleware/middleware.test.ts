import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Flux from '../index.ts';
import { createWireServer, SECRET_KEY, type WireServer } from '../testing/index.ts';
import type { FluxUser } from '../user.ts';
import type { MiddlewareOptions, SessionVerifier } from './admission.ts';
import { fluxExpress } from './express.ts';
import { fluxFastify } from './fastify.ts';
import { withFlux } from './fetch.ts';
import { fluxHono } from './hono.ts';

let server: WireServer;
let flux: Flux;
const closing: (() => Promise<unknown> | undefined)[] = [];

beforeEach(async () => {
  server = await createWireServer();
  flux = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl, retries: 0 });
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  flux.close();
  await server.close();
});

type Send = (headers: Record<string, string>) => Promise<Response>;
type StartApp = (verifier: SessionVerifier, options: MiddlewareOptions) => Promise<Send>;

const emailOf = (user: FluxUser | null | undefined) => ({
  email: user?.email ?? null,
  sid: user?.session.id,
});

async function listening(listener: RequestListener): Promise<Send> {
  const app = createServer(listener);
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  closing.push(async () => {
    app.closeAllConnections();
    await new Promise((closed) => app.close(closed));
  });
  return (headers) => fetch(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`, { headers });
}

/** Fastify is itself; Express's part is run by Node's own server, whose request and response Express extends. */
const FRAMEWORKS: [name: string, start: StartApp][] = [
  [
    'Fastify',
    async (verifier, options) => {
      const app = fastify();
      await app.register(fluxFastify(verifier, options));
      app.get('/', (request) => {
        const { user, session } = request as unknown as {
          user: FluxUser | null;
          session: { id: string } | null;
        };
        expect(session?.id).toBe(user?.session.id);
        return emailOf(user);
      });
      await app.listen({ port: 0, host: '127.0.0.1' });
      closing.push(() => app.close());
      return (headers) =>
        fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, { headers });
    },
  ],
  [
    'the call shape of Express',
    (verifier, options) => {
      const middleware = fluxExpress(verifier, options);
      return listening((request, response) => {
        response.setHeader('set-cookie', 'theme=dark');
        middleware(request, response, (error) => {
          const { user } = request as IncomingMessage & { user?: FluxUser };
          response.statusCode = error ? 500 : 200;
          response.end(JSON.stringify(error ? {} : emailOf(user)));
        });
      });
    },
  ],
  [
    'Hono',
    async (verifier, options) => {
      const app = new Hono<{ Variables: { user: FluxUser | null } }>();
      app.use(fluxHono(verifier, options));
      app.get('/', (context) => context.json(emailOf(context.get('user'))));
      app.onError((_error, context) => context.json({}, 500));
      return async (headers) => await app.request('/', { headers });
    },
  ],
  [
    'fetch handlers',
    async (verifier, options) => {
      const handler = withFlux(
        verifier,
        (_request, { user }, extra: string) => {
          expect(extra).toBe('env');
          return Response.json(emailOf(user));
        },
        { ...options, required: options.required as true },
      );
      return (headers) =>
        handler(new Request('http://app.example/', { headers }), 'env').catch(() =>
          Response.json({}, { status: 500 }),
        );
    },
  ],
];

describe.each(FRAMEWORKS)('middleware for %s', (_name, start) => {
  it('takes a token from the header, and puts the renewed one in X-Flux-Session (FX-38, FX-63)', async () => {
    const send = await start(flux, {});
    const { token, session } = server.person();
    const answer = await send({ authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ email: 'a@example.com', sid: session.id });
    const renewed = answer.headers.get('x-flux-session') ?? '';
    expect(renewed).not.toBe(token);
    expect(answer.headers.get('set-cookie') ?? '').not.toContain('flux_session');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await send({ authorization: `bearer ${renewed}` })).status).toBe(200);
  });

  it('takes a token from the cookie, and puts the renewed one back there', async () => {
    const send = await start(flux, {});
    const { token } = server.person();
    const answer = await send({ cookie: `other=1; flux_session=${token}; x=y` });
    expect(answer.status).toBe(200);
    const [set = ''] = answer.headers.getSetCookie().filter((one) => one.startsWith('flux_session='));
    expect(set).toMatch(/^flux_session=eyJ[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    expect(set).not.toContain(token);
    expect(answer.headers.get('x-flux-session')).toBeNull();
  });

  it('refuses who has not signed in by 401, and drops a cookie that opens nothing', async () => {
    const send = await start(flux, {});
    const { token } = server.person();
    for (const headers of [{}, { authorization: 'Basic eDp5' }, { cookie: 'flux_session=' }]) {
      const answer = await send(headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await answer.json()).toMatchObject({ error: { code: 'invalid_session' } });
    }
    await flux.auth.revokeSession(token);
    const answer = await send({ cookie: `flux_session=${token}` });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'session_revoked' } });
    expect(answer.headers.getSetCookie().join()).toContain('flux_session=; Max-Age=0');
  });

  it('lets everybody on where no session is required, as nobody', async () => {
    const send = await start(flux, { required: false });
    const { token } = server.person();
    expect(await (await send({})).json()).toEqual({ email: null });
    expect(await (await send({ authorization: 'Bearer x.y.z' })).json()).toEqual({ email: null });
    expect(await (await send({ authorization: `Bearer ${token}` })).json()).toMatchObject({
      email: 'a@example.com',
    });
  });

  it('hands out nothing new where renewal is off, and reads the cookie it is told', async () => {
    const send = await start(flux, { renew: false, cookie: '__Host-app' });
    const { token } = server.person();
    expect((await send({ cookie: `flux_session=${token}` })).status).toBe(401);
    const answer = await send({ cookie: `__Host-app=${token}` });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).not.toContain('__Host-app');
    expect(answer.headers.get('cache-control')).toBeNull();
    expect((await (await start(flux, { cookie: false }))({ cookie: `flux_session=${token}` })).status).toBe(
      401,
    );
  });

  it('answers an outage by 503, never by 401, and leaves the cookie', async () => {
    const send = await start(flux, { required: false });
    const { token } = server.person();
    await send({ authorization: `Bearer ${token}` });
    server.meddle((_path, response) => Boolean(response.writeHead(503, { 'retry-after': '7' }).end('')));
    const answer = await send({ cookie: `flux_session=${token}` });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.json()).toMatchObject({ error: { code: 'unavailable' } });
    expect(answer.headers.getSetCookie().join()).not.toContain('flux_session');
  });

  it.each(['mfa_required', 'forbidden'])('passes a 403 of the server on: %s', async (code) => {
    const { token } = server.person();
    await flux.auth.verifySession(token);
    server.meddle(
      (path, response) =>
        path === '/sessions/verify' &&
        Boolean(response.writeHead(403).end(JSON.stringify({ error: { code, message: 'No.' } }))),
    );
    const cookie = `flux_session=${token}`;
    const answer = await (await start(flux, {}))({ cookie });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code } });
    expect(answer.headers.getSetCookie().join()).not.toContain('flux_session');
    const open = await (await start(flux, { required: false }))({ cookie });
    expect(await open.json()).toEqual({ email: null });
  });

  it("leaves the app's own mistakes to the app", async () => {
    const wrong = Flux.init('flux_sk_wrong', { baseUrl: server.baseUrl });
    const send = await start(wrong, { required: false });
    const { token } = server.person();
    expect((await send({ authorization: `Bearer ${token}` })).status).toBe(500);
    wrong.close();
  });
});

it('keeps cookies that were set before', async () => {
  const [, start] = FRAMEWORKS[1] as [string, StartApp];
  const { token } = server.person();
  const answer = await (await start(flux, {}))({ cookie: `flux_session=${token}` });
  expect(answer.headers.getSetCookie()).toHaveLength(2);
});
