import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type CaptchaService,
  type Client,
  createCaptchaService,
  createWorld,
  DIALECTS,
  NONSENSE,
  newEmail,
  PASSWORD,
  type Reply,
  SILENCES,
  type World,
} from '../../testing/index.ts';

const cases = DIALECTS.flatMap((dialect) =>
  (['hcaptcha', 'turnstile'] as const).map((name) => ({ dialect, name })),
);

const said = ({ status, json }: Reply) => [status, (json as { code?: string } | undefined)?.code];

const errorsIn = (world: World) => world.logLines.filter((line) => JSON.parse(line).level === 'error');

const PASSED = [200, undefined];
const REQUIRED = [400, 'CAPTCHA_REQUIRED'];
const INVALID = [400, 'INVALID_CAPTCHA'];

describe.each(cases)('$name in front of /v1 on $dialect', ({ dialect, name }) => {
  let service: CaptchaService;
  let world: World;
  beforeAll(async () => {
    service = await createCaptchaService(name);
    world = await createWorld({
      dialect,
      captchaAddresses: service.addresses,
      env: {
        ...service.env,
        FLUXGATE_CORS_ORIGINS: 'https://web.example:8443',
      },
    });
  });
  afterEach(() => {
    service.misbehaves = null;
    service.isForgetful = false;
    service.asked.length = 0;
    world.logLines.length = 0;
  });
  afterAll(async () => {
    await world.close();
    await service.close();
  });

  const registration = (fields: Record<string, unknown> = {}) => ({
    email: newEmail(),
    password: PASSWORD,
    date_of_birth: '1990-05-17',
    consent: true,
    ...fields,
  });

  const register = (client: Client, token?: string, body: unknown = registration()) =>
    client.post('/v1/auth/register', body, token === undefined ? {} : { 'x-captcha-token': token });

  it('asks on register, login and forgot before it looks at the body, and asks the service nothing for that [K05]', async () => {
    for (const path of ['/v1/auth/register', '/v1/auth/login', '/v1/auth/forgot']) {
      for (const body of [{}, '{"password":7', undefined]) {
        expect(said(await world.client().post(path, body)), path).toEqual(REQUIRED);
      }
      expect(said(await world.client().post(path, {}, { 'x-captcha-token': '' })), path).toEqual(REQUIRED);
    }
    expect(service.asked).toEqual([]);
  });

  it('asks before it counts', async () => {
    const client = world.client();
    const replies = await Promise.all(Array.from({ length: 20 }, () => register(client)));
    for (const reply of replies) {
      expect(said(reply)).toEqual(REQUIRED);
      expect(reply.headers.has('x-ratelimit-limit')).toBe(false);
    }
    expect(said(await register(client, service.solve(), {}))).toEqual([400, 'INVALID_FORM_BODY']);
  });

  it('asks on no other route', async () => {
    const client = world.client();
    for (const [path, body] of [
      ['/v1/auth/verify', { token: 'a'.repeat(64) }],
      ['/v1/auth/reset', { token: 'a'.repeat(64), password: PASSWORD }],
      ['/v1/auth/username-suggestions', { global_name: 'Ada' }],
    ] as const) {
      expect(JSON.stringify(said(await client.post(path, body))), path).not.toMatch(/CAPTCHA/);
    }
    expect(said(await client.get('/v1/users/@me'))).toEqual([401, 'UNAUTHORIZED']);
    expect(service.asked).toEqual([]);
  });

  it('lets a person register, sign in and ask for a new password, and tells the service nothing of him [K05]', async () => {
    const client = world.client();
    const body = registration();
    expect(said(await register(client, service.solve(), body))).toEqual(PASSED);
    const { token } = await world.newestMail(body.email, 'email_verification');
    await client.post('/v1/auth/verify', { token });
    const withAnswer = () => ({ 'x-captcha-token': service.solve(), 'x-captcha-type': name });
    const login = { email: body.email, password: PASSWORD };
    expect(said(await client.post('/v1/auth/login', login, withAnswer()))).toEqual(PASSED);
    const forgot = await client.post('/v1/auth/forgot', { email: body.email }, withAnswer());
    expect(forgot.status).toBe(204);
    await world.newestMail(body.email, 'password_reset');
    expect(service.asked).toHaveLength(3);
    for (const form of service.asked) {
      const { secret, response, sitekey, ...rest } = form;
      expect(secret).toBe(service.secretKey);
      expect(response).toMatch(/^P1_/);
      expect(sitekey).toBe(name === 'hcaptcha' ? service.siteKey : undefined);
      expect(rest).toEqual({});
    }
    expect(world.logLines.join()).not.toContain(service.secretKey);
  });

  it('takes an answer from the web apps that may call it, whatever the letter case of their host', async () => {
    for (const hostname of ['web.example', 'LocalHost']) {
      expect(said(await register(world.client(), service.solve({ hostname }))), hostname).toEqual(PASSED);
    }
  });

  it.each([
    ['another host', { hostname: 'evil.example' }],
    ['a host that only begins like ours', { hostname: 'localhost.evil.example' }],
    ['a host below ours', { hostname: 'evil.localhost' }],
    ['no host', {}],
    ['an empty host', { hostname: '' }],
  ])('refuses what was solved on %s [K05]', async (_what, solved) => {
    const body = registration();
    expect(said(await register(world.client(), service.solve(solved), body))).toEqual(INVALID);
    expect(await world.mails(body.email)).toEqual([]);
  });

  it('refuses what nobody solved, and an answer to another kind of puzzle [K05]', async () => {
    const client = world.client();
    expect(said(await register(client, 'P1_made-up'))).toEqual(INVALID);
    const asked = service.asked.length;
    for (const token of ['x'.repeat(8_193), 'P1_a b', 'P1_\u00e4']) {
      expect(said(await register(client, token)), token.slice(0, 9)).toEqual(INVALID);
    }
    const other = name === 'hcaptcha' ? 'turnstile' : 'hcaptcha';
    for (const type of [other, 'recaptcha', 'pow']) {
      const headers = { 'x-captcha-token': service.solve(), 'x-captcha-type': type };
      expect(said(await client.post('/v1/auth/register', registration(), headers)), type).toEqual(INVALID);
    }
    expect(service.asked).toHaveLength(asked);
  });

  it('takes an answer once [K05]', async () => {
    const token = service.solve();
    expect(said(await register(world.client(), token))).toEqual(PASSED);
    expect(said(await register(world.client(), token))).toEqual(INVALID);
  });

  it('lets exactly one of 50 parallel requests with one answer through, even if the service forgets [K05]', async () => {
    service.isForgetful = true;
    const token = service.solve();
    const replies = await Promise.all(Array.from({ length: 50 }, () => register(world.client(), token)));
    const passed = replies.filter(({ status }) => status === 200);
    expect(passed).toHaveLength(1);
    for (const reply of replies.filter((one) => !passed.includes(one))) expect(said(reply)).toEqual(INVALID);
  });

  it.each(NONSENSE)(
    'lets nobody pass when the service %s, and the log says once what to set [K05]',
    async (how) => {
      const token = service.solve();
      service.misbehaves = how;
      const body = registration();
      const reply = await register(world.client(), token, body);
      expect(said(reply)).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await world.mails(body.email)).toEqual([]);
      const lines = errorsIn(world);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/set FLUXGATE_CAPTCHA to pow or off/);
      expect(lines[0]).toContain(name);
      for (const secret of [service.secretKey, token]) expect(lines[0]).not.toContain(secret);
      // The answer was not judged, so it is still good once the service is well again.
      service.misbehaves = null;
      expect(said(await register(world.client(), token, body))).toEqual(PASSED);
    },
  );

  it('tells discovery which puzzle to show, and never the secret', async () => {
    const reply = await world.client().get('/.well-known/fluxer');
    expect((reply.json as { captcha: unknown }).captcha).toEqual({
      provider: name,
      hcaptcha_site_key: name === 'hcaptcha' ? service.siteKey : null,
      turnstile_site_key: name === 'turnstile' ? service.siteKey : null,
    });
    expect(reply.text).not.toContain(service.secretKey);
  });

  it('lets web apps send the headers', async () => {
    const reply = await world.client().send('/v1/auth/register', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://web.example:8443',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-captcha-token,x-captcha-type',
      },
    });
    expect(reply.headers.get('access-control-allow-headers')).toMatch(/x-captcha-token.*x-captcha-type/i);
  });

  it.runIf(name === 'turnstile')('refuses what was solved for something else [K05]', async () => {
    const hostname = 'localhost';
    for (const action of ['login', 'forgot', 'newsletter']) {
      expect(said(await register(world.client(), service.solve({ hostname, action }))), action).toEqual(
        INVALID,
      );
    }
    const onPages = service.solve({ hostname, action: 'register', cdata: 'pages' });
    expect(said(await register(world.client(), onPages))).toEqual(INVALID);
    const own = service.solve({ hostname, action: 'register', cdata: 'fluxer' });
    expect(said(await register(world.client(), own))).toEqual(PASSED);
  });
});

/** A world of its own, at the command of one test. */
async function withService(
  name: 'hcaptcha' | 'turnstile',
  { timeoutMs = 30_000, secretKey }: { timeoutMs?: number; secretKey?: string },
  work: (world: World, service: CaptchaService) => Promise<void>,
): Promise<void> {
  const service = await createCaptchaService(name);
  const keys = `FLUXGATE_INTEGRATIONS_CAPTCHA_${name.toUpperCase()}`;
  const world = await createWorld({
    dialect: 'sqlite',
    captchaAddresses: { ...service.addresses, timeoutMs },
    env: {
      ...service.env,
      ...(secretKey !== undefined && { [`${keys}_SECRET_KEY`]: secretKey }),
    },
  });
  try {
    await work(world, service);
  } finally {
    await world.close();
    await service.close();
  }
}

describe.each(['hcaptcha', 'turnstile'] as const)('%s in trouble', (name) => {
  it.each(SILENCES)(
    'is not waited for when it %s: nobody passes, and the log says what to set [K05]',
    async (how) => {
      await withService(name, { timeoutMs: 2_000 }, async (world, service) => {
        service.misbehaves = how;
        const headers = { 'x-captcha-token': service.solve() };
        const reply = await world.client().post('/v1/auth/login', {}, headers);
        expect(said(reply)).toEqual([503, 'SERVICE_UNAVAILABLE']);
        expect(errorsIn(world)).toEqual([expect.stringMatching(/set FLUXGATE_CAPTCHA to pow or off/)]);
        expect(service.asked).toHaveLength(1);
      });
    },
  );

  it('lets nobody pass when it does not know the secret, and the log names the setting of that [K05]', async () => {
    const secretKey = '0xB5d1rQ2kZ8';
    await withService(name, { secretKey }, async (world, service) => {
      const headers = { 'x-captcha-token': service.solve() };
      const reply = await world.client().post('/v1/auth/login', {}, headers);
      expect(said(reply)).toEqual([503, 'SERVICE_UNAVAILABLE']);
      const setting = `Set FLUXGATE_INTEGRATIONS_CAPTCHA_${name.toUpperCase()}_SECRET_KEY`;
      expect(errorsIn(world)).toEqual([expect.stringContaining(setting)]);
      expect(world.logLines.join()).not.toContain(secretKey);
    });
  });
});
