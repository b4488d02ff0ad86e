import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CaptchaService,
  codeOf,
  createCaptchaService,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const said = (reply: Reply) => [reply.status, reply.status === 200 ? '' : codeOf(reply)];

const REQUIRED = [403, 'captcha_required'];
const REFUSED = [403, 'captcha_refused'];
const PASSED = [200, ''];

const settings = {
  methods: { 'magic-link': true },
  allowed_origins: ['https://app.example.com:8443'],
} as const;

/** Every way in that tells who asks nothing of themselves. */
const guarded = (email: string) =>
  [
    ['/sign_up', { email, password: PASSWORD }],
    ['/sign_in/password', { email, password: PASSWORD }],
    ['/magic_links', { email }],
    ['/password_reset/start', { email }],
  ] as const;

const cases = DIALECTS.flatMap((dialect) =>
  (['hcaptcha', 'turnstile'] as const).map((name) => ({ dialect, name })),
);

describe.each(cases)("$name in front of Flux's API on $dialect", ({ dialect, name }) => {
  let service: CaptchaService;
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    service = await createCaptchaService(name);
    world = await createWorld({
      dialect,
      captchaAddresses: service.addresses,
      env: {
        ...service.env,
        FLUXGATE_CORS_ORIGINS: 'https://web.example',
      },
    });
    flux = await createFluxProject(world, { projectId: world.instance.project.id, settings });
  });
  afterAll(async () => {
    await world.close();
    await service.close();
  });

  const ask = (path: string, body: object, hostname?: string): Promise<Reply> => {
    const captcha_token = hostname === undefined ? undefined : service.solve({ hostname });
    return flux.page(path, { ...body, captcha_token });
  };

  it('lets nobody go around it with a publishable key, and writes nothing for who tries [K05]', async () => {
    const email = newEmail();
    service.asked.length = 0;
    for (const [path, body] of guarded(email)) {
      expect(said(await flux.page(path, body)), path).toEqual(REQUIRED);
      expect(said(await flux.page(path, { ...body, captcha_token: '' })), path).toEqual(REQUIRED);
    }
    expect(service.asked).toEqual([]);
    expect(await world.mails(email)).toEqual([]);
    for (const [path, body] of guarded(email))
      expect(said(await flux.page(path, { ...body, captcha_token: 'not solved' })), path).toEqual(REFUSED);
    expect(await world.mails(email)).toEqual([]);
  });

  it("takes what was solved on the project's pages or our own, once, and of nobody else", async () => {
    const email = newEmail();
    for (const [path, body] of guarded(email))
      expect(said(await ask(path, body, 'app.example.com')), path).toEqual(PASSED);
    expect(said(await ask('/magic_links', { email }, 'LOCALHOST'))).toEqual(PASSED);
    for (const hostname of ['evil.example', 'web.example', 'app.example.com.evil.example', ''])
      expect(said(await ask('/magic_links', { email }, hostname)), hostname).toEqual(REFUSED);
    const captcha_token = service.solve({ hostname: 'app.example.com' });
    service.isForgetful = true;
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => flux.page('/magic_links', { email: newEmail(), captcha_token })),
    );
    service.isForgetful = false;
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('tells pages what to show, and asks nothing where a mailed secret or a session is shown', async () => {
    const { json } = await world.client().get('/flux/v1/settings', flux.asPage);
    expect((json as { captcha: unknown }).captcha).toEqual({ provider: name, site_key: service.siteKey });
    for (const [path, body] of [
      ['/magic_links/verify', { attempt: 'x', token: 'y' }],
      ['/password_reset/finish', { token: 'x', password: PASSWORD }],
      ['/email_verification/finish', { token: 'x' }],
    ] as const)
      expect(said(await flux.page(path, body)), path).toEqual([401, 'invalid_link']);
    const challenge = await world.client().get('/flux/v1/captcha/challenge?for=login', flux.asPage);
    expect(said(challenge)).toEqual([404, 'not_found']);
  });

  it('lets nobody pass while the service cannot judge', async () => {
    service.misbehaves = 'says 500';
    const reply = await ask('/magic_links', { email: newEmail() }, 'app.example.com');
    service.misbehaves = null;
    expect(said(reply)).toEqual([503, 'unavailable']);
  });
});

describe.each(DIALECTS)("our own puzzle in front of Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    const env = { FLUXGATE_CAPTCHA: 'pow', FLUXGATE_CAPTCHA_POW_ITERATIONS: '100' };
    world = await createWorld({ dialect, env });
    flux = await createFluxProject(world, { settings });
  });
  afterAll(() => world.close());

  async function solve(action: string): Promise<string> {
    const reply = await world.client().get(`/flux/v1/captcha/challenge?for=${action}`, flux.asPage);
    const challenge = reply.json as Challenge;
    const solution = await solveChallenge({ challenge, deriveKey });
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  }

  it('is set to the pages of apps and judged once, for what it was set for [K05]', async () => {
    const { json } = await world.client().get('/flux/v1/settings', flux.asPage);
    expect((json as { captcha: unknown }).captcha).toEqual({ provider: 'pow', site_key: null });
    const email = newEmail();
    for (const [path, body] of guarded(email))
      expect(said(await flux.page(path, body)), path).toEqual(REQUIRED);
    const actions = ['register', 'login', 'login', 'forgot'];
    for (const [at, [path, body]] of guarded(email).entries()) {
      const captcha_token = await solve(actions[at] ?? '');
      expect(said(await flux.page(path, { ...body, captcha_token })), path).toEqual(PASSED);
      expect(said(await flux.page(path, { ...body, captcha_token })), path).toEqual(REFUSED);
    }
    const captcha_token = await solve('forgot');
    expect(said(await flux.page('/magic_links', { email, captcha_token }))).toEqual(REFUSED);
  });

  it('sets a challenge to nobody without the key, nor for what it does not know', async () => {
    const path = '/flux/v1/captcha/challenge';
    expect(said(await world.client().get(`${path}?for=login`))).toEqual([401, 'invalid_api_key']);
    for (const query of ['', '?for=other', '?for=login&for=login'])
      expect(said(await world.client().get(path + query, flux.asPage))).toEqual([400, 'invalid_request']);
  });
});

describe('no puzzle', () => {
  it('is asked for by default, whatever token comes', async () => {
    const world = await createWorld({ dialect: 'sqlite' });
    const flux = await createFluxProject(world, { settings });
    for (const [path, body] of guarded(newEmail()))
      expect(said(await flux.page(path, { ...body, captcha_token: 'anything' })), path).toEqual(PASSED);
    const { json } = await world.client().get('/flux/v1/settings', flux.asPage);
    expect((json as { captcha: unknown }).captcha).toBeNull();
    await world.close();
  });
});
