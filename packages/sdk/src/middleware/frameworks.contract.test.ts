import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express, { type Request } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  type FluxProject,
  newEmail,
  PASSWORD,
  type World,
} from '../../../server/src/testing/index.ts';
import Flux from '../index.ts';
import type { FluxUser } from '../user.ts';
import type { MiddlewareOptions } from './admission.ts';
import { fluxExpress, type Signed } from './express.ts';
import { fluxFastify } from './fastify.ts';
import { fluxHono } from './hono.ts';

type Variables = { user: FluxUser | null; session: Signed['session'] | null };

/** What each app answers at `/me`, and what `POST /me` adds: a body that a later parser reads. */
const meOf = (user: FluxUser | null | undefined, body: unknown = null) => ({
  email: user?.email ?? null,
  mfa: user?.session.mfaVerified ?? null,
  body,
});

type Started = { url: string; close(): Promise<unknown> };
const urlOf = (address: unknown) => `http://127.0.0.1:${(address as AddressInfo).port}`;

/** An app of each framework as its own guide writes one, with a cookie of its own and a route without sign-in. */
const FRAMEWORKS: [name: string, start: (flux: Flux, options: MiddlewareOptions) => Promise<Started>][] = [
  [
    'Express',
    async (flux, options) => {
      const app = express();
      app.get('/open', (_request, response) => void response.json({}));
      app.use((_request, response, next) => {
        response.cookie('theme', 'dark');
        next();
      });
      app.use(fluxExpress(flux, options));
      app.use(express.json());
      app.all('/me', (request: Request & Partial<Signed>, response) => {
        response.json(meOf(request.user, request.body));
      });
      app.get('/own', (_request, response) => void response.writeHead(200, { 'x-own': '1' }).end('own'));
      const server = app.listen(0, '127.0.0.1');
      await new Promise((done) => server.once('listening', done));
      return { url: urlOf(server.address()), close: () => new Promise((done) => server.close(done)) };
    },
  ],
  [
    'Hono',
    async (flux, options) => {
      const app = new Hono<{ Variables: Variables }>();
      app.get('/open', (context) => context.json({}));
      app.use(async (context, next) => {
        context.header('set-cookie', 'theme=dark', { append: true });
        await next();
      });
      app.use(fluxHono(flux, options));
      app.all('/me', async (context) => {
        const body = context.req.method === 'POST' ? await context.req.json() : null;
        return context.json(meOf(context.get('user'), body));
      });
      app.get('/own', () => new Response('own', { headers: { 'x-own': '1' } }));
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
      await new Promise((done) => server.once('listening', done));
      return { url: urlOf(server.address()), close: () => new Promise((done) => server.close(done)) };
    },
  ],
  [
    'Fastify',
    async (flux, options) => {
      const app = fastify();
      app.get('/open', async () => ({}));
      await app.register(async (guarded) => {
        guarded.addHook(
          'onRequest',
          async (_request, reply) => void reply.header('set-cookie', 'theme=dark'),
        );
        await guarded.register(fluxFastify(flux, options));
        guarded.all('/me', async (request: FastifyRequest) =>
          meOf((request as FastifyRequest & Partial<Signed>).user, request.body),
        );
        guarded.get('/own', async () => new Response('own', { headers: { 'x-own': '1' } }));
      });
      await app.listen({ port: 0, host: '127.0.0.1' });
      return { url: urlOf(app.server.address()), close: () => app.close() };
    },
  ],
];

describe.each(FRAMEWORKS)('an app of %s before the real server', (_name, start) => {
  let world: World;
  let project: FluxProject;
  let flux: Flux;
  const closing: (() => Promise<unknown>)[] = [];

  function clientOf({ keys }: FluxProject): Flux {
    const { secret, publishable } = keys;
    const client = Flux.init(secret.plain, { baseUrl: world.baseUrl, publishableKey: publishable.plain });
    closing.push(async () => client.close());
    return client;
  }

  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    project = await createFluxProject(world);
    flux = clientOf(project);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await world.close();
  });
  const apps: Started[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  async function startApp(options: MiddlewareOptions = {}, of = flux) {
    const app = await start(of, options);
    apps.push(app);
    return (headers: Record<string, string> = {}, init: RequestInit = {}) =>
      fetch(`${app.url}/me`, { headers: { connection: 'close', ...headers }, ...init });
  }

  const signUp = (of = flux) => of.auth.signUp({ email: newEmail(), password: PASSWORD });
  const cookieIn = (answer: Response) =>
    answer.headers.getSetCookie().find((one) => one.startsWith('flux_session=')) ?? '';

  it('tells who asks, and puts the renewed token in X-Flux-Session, which opens the same session [FX-38, FX-63]', async () => {
    const ask = await startApp();
    const { sessionToken, email } = await signUp();
    const answer = await ask({ authorization: `Bearer ${sessionToken}` });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ email, mfa: false });
    const renewed = answer.headers.get('x-flux-session') ?? '';
    expect(renewed).not.toBe(sessionToken);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^theme=dark/)]);
    const again = await ask({ authorization: `Bearer ${renewed}` });
    expect(await again.json()).toMatchObject({ email });
  });

  it("puts it back in the cookie it came in, beside the app's own cookies, and leaves bodies to later parsers", async () => {
    const ask = await startApp();
    const { sessionToken, email } = await signUp();
    const headers = { cookie: `a=b; flux_session=${sessionToken}`, 'content-type': 'application/json' };
    const answer = await ask(headers, { method: 'POST', body: '{"x":1}' });
    expect(await answer.json()).toMatchObject({ email, body: { x: 1 } });
    expect(cookieIn(answer)).toMatch(
      /^flux_session=eyJ[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(cookieIn(answer)).not.toContain(sessionToken);
    expect(answer.headers.getSetCookie().join()).toContain('theme=dark');
    expect(answer.headers.get('x-flux-session')).toBeNull();
  });

  it('brings the renewed token with an answer that a handler has made by hand, too [FX-63]', async () => {
    await startApp();
    const { sessionToken } = await signUp();
    const answer = await fetch(`${apps.at(-1)?.url}/own`, {
      headers: { connection: 'close', cookie: `flux_session=${sessionToken}` },
    });
    expect(await answer.text()).toBe('own');
    expect(answer.headers.get('x-own')).toBe('1');
    expect(cookieIn(answer)).toMatch(/^flux_session=eyJ/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('answers 401 in JSON without a token, and with one that was revoked, whose cookie it drops [FX-65]', async () => {
    const ask = await startApp();
    const none = await ask();
    expect(none.status).toBe(401);
    expect(none.headers.get('content-type')).toMatch(/^application\/json/);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect(await none.json()).toMatchObject({ error: { code: 'invalid_session' } });
    const { sessionToken } = await signUp();
    await flux.auth.revokeSession(sessionToken);
    const cookie = `flux_session=${sessionToken}`;
    for (const headers of [{ authorization: `Bearer ${sessionToken}` }, { cookie }]) {
      const answer = await ask(headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: 'session_revoked' } });
      expect(answer.headers.getSetCookie().join()).toContain('theme=dark');
    }
    expect(cookieIn(await ask({ cookie }))).toMatch(/^flux_session=; Max-Age=0;/);
  });

  it('lets nobody on as nobody where no session is required, and guards no route before it', async () => {
    const ask = await startApp({ required: false });
    const answer = await ask({ authorization: 'Bearer x.y.z' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ email: null, mfa: null });
    await startApp();
    expect((await fetch(`${apps.at(-1)?.url}/open`)).status).toBe(200);
  });

  it('marks an owed second factor, or refuses by 403 where the app wants that, and keeps the cookie [FX-48]', async () => {
    const strict = await createFluxProject(world, { settings: { mfa: { required: true } } });
    const client = clientOf(strict);
    const { sessionToken, email } = await signUp(client);
    const cookie = `flux_session=${sessionToken}`;
    const marked = await (await startApp({}, client))({ cookie });
    expect(await marked.json()).toMatchObject({ email, mfa: false });
    const ask = await startApp({ owedMfa: 'refuse' }, client);
    const refused = await ask({ cookie });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toMatch(/^application\/json/);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect(await refused.json()).toMatchObject({ error: { code: 'mfa_required' } });
    expect(cookieIn(refused)).not.toContain('Max-Age=0');
    // A project can want the same of every app.
    const refusing = clientOf(
      await createFluxProject(world, { settings: { mfa: { required: true, owed: 'refuse' } } }),
    );
    const { sessionToken: owing } = await signUp(refusing);
    const answer = await (await startApp({}, refusing))({ cookie: `flux_session=${owing}` });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'mfa_required' } });
    expect(cookieIn(answer)).toBe('');
    // Who owes nothing goes on.
    const free = await signUp();
    expect(
      (await (await startApp({ owedMfa: 'refuse' }))({ cookie: `flux_session=${free.sessionToken}` })).status,
    ).toBe(200);
  });
});
