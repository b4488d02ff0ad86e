import { type Handler, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Flux from '../index.ts';
import { createWireServer, SECRET_KEY, type WireServer } from '../testing/index.ts';
import { fluxHono } from './hono.ts';

let server: WireServer;
let flux: Flux;

beforeEach(async () => {
  server = await createWireServer();
  flux = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl, retries: 0 });
});

afterEach(async () => {
  flux.close();
  await server.close();
});

/** Answers that owe nothing to `context.header`. */
const ANSWERS: [name: string, status: number, handle: Handler][] = [
  ['a Response of its own', 200, () => new Response('own', { headers: { 'cache-control': 'public' } })],
  ['what fetch has brought', 200, () => fetch(`${server.baseUrl}/flux/v1/.well-known/jwks.json`)],
  ['a redirect', 302, () => Response.redirect('https://shop.example/')],
  ['an error', 500, () => Promise.reject(new Error('no'))],
  [
    'an error with a Response',
    418,
    () => Promise.reject(new HTTPException(418, { res: new Response('own', { status: 418 }) })),
  ],
  ['nothing of that name', 404, (context) => context.notFound()],
];

function appOf(handle: Handler, required = true): Hono {
  const app = new Hono();
  app.use(fluxHono(flux, { required }));
  app.get('/', handle);
  app.notFound(() => new Response('', { status: 404 }));
  app.onError((error) =>
    error instanceof HTTPException ? error.getResponse() : new Response('', { status: 500 }),
  );
  return app;
}

describe.each(ANSWERS)('a handler of Hono that answers with %s', (_name, status, handle) => {
  it('hands the renewed token out in the header, and lets nobody store it (FX-63)', async () => {
    const { token } = server.person();
    const answer = await appOf(handle).request('/', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-flux-session')).toMatch(/^eyJ/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('hands the renewed token out in the cookie', async () => {
    const { token } = server.person();
    const answer = await appOf(handle).request('/', { headers: { cookie: `flux_session=${token}` } });
    expect(answer.headers.getSetCookie().at(-1)).toMatch(/^flux_session=eyJ/);
  });

  it('drops a cookie that opens nothing where no session is required', async () => {
    const { token } = server.person();
    await flux.auth.revokeSession(token);
    const answer = await appOf(handle, false).request('/', { headers: { cookie: `flux_session=${token}` } });
    expect(answer.status).toBe(status);
    expect(answer.headers.getSetCookie().at(-1)).toMatch(/^flux_session=; Max-Age=0/);
  });
});

it("leaves a handler's own cookies and body as they are", async () => {
  const app = appOf(() => new Response('own', { headers: { 'set-cookie': 'own=1' } }));
  const answer = await app.request('/', { headers: { cookie: `flux_session=${server.person().token}` } });
  expect(answer.headers.getSetCookie()).toEqual(['own=1', expect.stringMatching(/^flux_session=eyJ/)]);
  expect(await answer.text()).toBe('own');
});

it('leaves a connection alone that has become a WebSocket', async () => {
  // Node cannot make a Response of this status, as workers do.
  const upgraded = Object.defineProperty(new Response(null), 'status', { value: 101 });
  const { token } = server.person();
  const answer = await appOf(() => upgraded).request('/', { headers: { authorization: `Bearer ${token}` } });
  expect(answer).toBe(upgraded);
});
