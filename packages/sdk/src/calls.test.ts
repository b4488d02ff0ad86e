import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startUnstalledTime } from '../../server/src/testing/within-a-second.ts';
import Browser, { isRefusedSession as isRefusedInPage } from './browser.ts';
import Flux, { FluxError, isRefusedSession } from './index.ts';
import { createWireServer, PUBLISHABLE_KEY, SECRET_KEY, type WireServer } from './testing/index.ts';
import Web from './web.ts';

let server: WireServer;
const opened: { close(): void }[] = [];

beforeEach(async () => {
  server = await createWireServer();
});

afterEach(async () => {
  for (const flux of opened.splice(0)) flux.close();
  await server.close();
});

function client(options: object = {}, key = SECRET_KEY): Flux {
  const flux = Flux.init(key, { baseUrl: server.baseUrl, ...options });
  opened.push(flux);
  return flux;
}

const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => {
      throw new Error('It should have been refused.');
    },
    (error: FluxError) => error,
  );

/** Answers a path so many times with a status of its own. */
function fail(path: string, times: number, status: number, headers: Record<string, string> = {}): void {
  let left = times;
  server.meddle((asked, response) => {
    if (asked !== path || left-- <= 0) return false;
    const body = {
      error: {
        code: status === 503 ? 'unavailable' : 'internal_error',
        message: 'Out of order.',
        request_id: 'req_9',
      },
    };
    response.writeHead(status, headers).end(JSON.stringify(body));
    return true;
  });
}

const VERIFY = '/sessions/verify';

describe('a call', () => {
  it('is tried again after 503 and lost connections, and no more often than said', async () => {
    const { token } = server.person();
    const flux = client();
    fail(VERIFY, 2, 503);
    await flux.auth.verifySession(token);
    expect(server.count(VERIFY)).toBe(3);
    fail(VERIFY, 9, 503);
    expect(await failureOf(flux.auth.verifySession(token))).toMatchObject({
      code: 'unavailable',
      status: 503,
      requestId: 'req_9',
    });
    expect(server.count(VERIFY)).toBe(6);
    let losses = 2;
    server.meddle((path, response) => path === VERIFY && losses-- > 0 && Boolean(response.destroy()));
    await flux.auth.verifySession(token);
  });

  it('waits as Retry-After says, and gives up at once when that is longer than it may take', async () => {
    const { token } = server.person();
    fail(VERIFY, 1, 503, { 'retry-after': '1' });
    const began = performance.now();
    await client().auth.verifySession(token);
    expect(performance.now() - began).toBeGreaterThan(950);
    fail(VERIFY, 1, 503, { 'retry-after': '60' });
    const failure = await failureOf(client().auth.verifySession(token));
    expect(failure).toMatchObject({ code: 'unavailable', retryAfterSeconds: 60 });
  });

  it('is not tried again after other refusals, nor when twice would not be once', async () => {
    const { token } = server.person();
    fail(VERIFY, 1, 500);
    expect(await failureOf(client().auth.verifySession(token))).toMatchObject({ code: 'internal_error' });
    fail('/sign_up', 1, 503);
    const flux = client({}, PUBLISHABLE_KEY);
    await failureOf(flux.auth.signUp({ email: 'b@example.com', password: 'x' }));
    expect(server.count('/sign_up')).toBe(1);
  });

  it('ends when its time is over, and says so', async () => {
    const { token } = server.person();
    const flux = client({ timeoutMs: 200 });
    // Not too late for anything on the way there.
    await expect.poll(() => flux.auth.verifySession(token).catch(() => null)).not.toBeNull();
    server.meddle((path) => path === VERIFY);
    const time = startUnstalledTime();
    expect(await failureOf(flux.auth.verifySession(token))).toMatchObject({ code: 'timeout', status: 0 });
    expect(time.ms()).toBeLessThan(1_000);
    time.stop();
  });

  it('names a server that is not there', async () => {
    const { token } = server.person();
    const flux = Flux.init(SECRET_KEY, { baseUrl: 'http://127.0.0.1:1', retries: 0 });
    const failure = await failureOf(flux.auth.verifySession(token));
    expect(failure).toMatchObject({ code: 'network_error', name: 'FluxError' });
    expect(isRefusedInPage(failure)).toBe(false);
    expect(failure.message).toMatch(/http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED.*FLUX_URL/);
    expect(isRefusedSession(failure)).toBe(false);
  });

  it('names to a page the origin that may be missing, as browsers say nothing of it', async () => {
    const page = Browser.init(PUBLISHABLE_KEY, { baseUrl: 'http://127.0.0.1:1', retries: 0 });
    Object.assign(globalThis, { document: {} });
    try {
      const failure = await failureOf(page.auth.getSettings());
      expect(failure.message).toMatch(/^The Flux server at http:\/\/127\.0\.0\.1:1 .*allowed_origins/);
    } finally {
      Reflect.deleteProperty(globalThis, 'document');
    }
  });

  it.each([
    ['another page', 200, '<html>'],
    ['a proxy that is lost', 502, 'Bad gateway'],
    ['an answer of nothing', 200, ''],
    ['an answer without end', 200, 'x'.repeat(2_000_000)],
  ])('takes %s for no judgement of the token', async (_what, status, text) => {
    const { token } = server.person();
    server.meddle((path, response) => path === VERIFY && Boolean(response.writeHead(status).end(text)));
    const failure = await failureOf(client({ retries: 0 }).auth.verifySession(token));
    expect(['network_error', 'unavailable']).toContain(failure.code);
    expect(isRefusedSession(failure)).toBe(false);
  });

  it('keeps keys and tokens out of what it throws', async () => {
    const { token } = server.person();
    for (const flux of [
      client(),
      client({}, 'flux_sk_wrong'),
      client({ baseUrl: 'http://127.0.0.1:1', retries: 0 }),
    ]) {
      server.meddle((path, response) => path === VERIFY && Boolean(response.writeHead(500).end('')));
      const failure = await failureOf(flux.auth.verifySession(token));
      const text = [failure.stack, JSON.stringify(failure), String(failure.cause)].join();
      for (const secret of [SECRET_KEY, 'flux_sk_wrong', token]) expect(text).not.toContain(secret);
    }
  });

  it('goes over connections that are kept', async () => {
    const { token } = server.person();
    const flux = client();
    for (let n = 0; n < 5; n++) await flux.auth.verifySession(token);
    const connections = server.seen.map(({ headers }) => headers.connection);
    expect(new Set(connections)).toEqual(new Set(['keep-alive']));
  });
});

describe('Flux.init', () => {
  it('starts with any key, and a wrong one is named by the first call', async () => {
    const { token } = server.person();
    const failure = await failureOf(client({}, 'your-api-key').auth.verifySession(token));
    expect(failure).toMatchObject({ code: 'invalid_api_key', status: 401, requestId: 'req_1' });
    expect(failure.message).toContain('Flux.init');
  });

  it('reads the address from FLUX_URL', async () => {
    process.env['FLUX_URL'] = `${server.baseUrl}/`;
    const flux = Flux.init(SECRET_KEY);
    delete process.env['FLUX_URL'];
    opened.push(flux);
    expect((await flux.auth.verifySession(server.person().token)).email).toBe('a@example.com');
  });

  it.each([
    ['no key', () => Flux.init('')],
    ['a key with a line break', () => Flux.init(`${SECRET_KEY}\n`)],
    ['an address of another kind', () => Flux.init(SECRET_KEY, { baseUrl: 'ftp://x' })],
    ['an address with a password', () => Flux.init(SECRET_KEY, { baseUrl: 'https://a:b@x.example' })],
    ['a bound that cannot be held', () => Flux.init(SECRET_KEY, { boundMs: 5_000 })],
    ['a negative time', () => Flux.init(SECRET_KEY, { timeoutMs: -1 })],
    ['a misspelt option', () => Flux.init(SECRET_KEY, { baseURL: server.baseUrl } as object)],
    ['an option of servers, in a page', () => Browser.init(PUBLISHABLE_KEY, { boundMs: 900 } as object)],
  ])('refuses %s', (_what, init) => {
    expect(init).toThrow(TypeError);
    expect(init).not.toThrow(/flux_sk_0|a:b/);
  });

  it('refuses a secret key in a page, without repeating it', () => {
    expect(() => Browser.init(SECRET_KEY)).toThrow(/publishable key/);
    expect(() => Browser.init(SECRET_KEY)).not.toThrow(SECRET_KEY);
    Object.assign(globalThis, { document: {} });
    try {
      expect(() => Web.init(SECRET_KEY)).toThrow(FluxError);
    } finally {
      Reflect.deleteProperty(globalThis, 'document');
    }
  });

  it('says which key a call needs', async () => {
    const { token } = server.person();
    expect((await failureOf(client().auth.signOut(token))).message).toContain('publishable');
    const publicOne = client({}, PUBLISHABLE_KEY);
    expect(await failureOf(publicOne.auth.verifySession(token))).toMatchObject({ code: 'invalid_api_key' });
    expect(server.calls()).toBe(0);
  });
});

describe.each([
  ['Node', () => client({}, PUBLISHABLE_KEY)],
  ['a server with both keys', () => client({ publishableKey: PUBLISHABLE_KEY })],
  ['a page', () => Browser.init(PUBLISHABLE_KEY, { baseUrl: server.baseUrl })],
])('signing in from %s', (_where, make) => {
  it('signs up, tells what is on, and signs out', async () => {
    const { auth } = make();
    const user = await auth.signUp({ email: 'b@example.com', password: 'correct horse' });
    expect(user).toMatchObject({ email: 'b@example.com', session: { mfaRequired: false } });
    expect(await auth.getSettings()).toMatchObject({
      methods: { password: true },
      branding: { color: '#112233' },
    });
    await auth.signOut(user.sessionToken);
    expect(await failureOf(client().auth.verifySession(user.sessionToken))).toMatchObject({
      code: 'session_revoked',
    });
    const wrong = auth.signInWithPassword({ email: 'b@example.com', password: 'x' });
    expect(await failureOf(wrong)).toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('on fetch and WebCrypto', () => {
  it('verifies, answers from what is kept, and hears of revocations', async () => {
    const flux = Web.init(SECRET_KEY, { baseUrl: server.baseUrl });
    opened.push(flux);
    const { token, forge } = server.person();
    expect((await flux.auth.verifySession(token)).sessionToken).not.toBe(token);
    expect(await failureOf(flux.auth.verifySession(forge({ claims: { aud: 'proj_2' } })))).toMatchObject({
      code: 'invalid_session',
    });
    await expect
      .poll(async () => {
        const before = server.count(VERIFY);
        await flux.auth.verifySession(token, { renew: false });
        return server.count(VERIFY) - before;
      })
      .toBe(0);
    await client().auth.revokeSession(token);
    await expect
      .poll(() =>
        flux.auth.verifySession(token, { renew: false }).then(
          () => '',
          ({ code }) => code,
        ),
      )
      .toBe('session_revoked');
  });

  it('ends a call whose time is over, and names a server that is not there', async () => {
    const { token } = server.person();
    const flux = Web.init(SECRET_KEY, { baseUrl: server.baseUrl, timeoutMs: 200 });
    opened.push(flux);
    server.meddle(() => true);
    expect(await failureOf(flux.auth.verifySession(token))).toMatchObject({ code: 'timeout' });
    const lost = Web.init(SECRET_KEY, { baseUrl: 'http://127.0.0.1:1', retries: 0 });
    expect(await failureOf(lost.auth.verifySession(token))).toMatchObject({ code: 'network_error' });
  });
});

describe('a stream that is refused', () => {
  it('never makes an answer wrong, and is not asked in a tight loop', async () => {
    const { token } = server.person();
    server.meddle(
      (path, response) =>
        path === '/events' && Boolean(response.writeHead(503, { 'retry-after': '5' }).end('')),
    );
    const flux = client();
    for (let n = 0; n < 20; n++) {
      await flux.auth.verifySession(token, { renew: false });
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(server.count(VERIFY)).toBe(20);
    expect(server.count('/events')).toBe(1);
  });
});
