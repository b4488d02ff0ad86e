import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, PASSWORD, PageClient, type World } from '../../testing/index.ts';

const HANDOFF = '/handoff';
const DESKTOP = {
  'x-fluxer-platform': 'desktop',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
};

describe.each(DIALECTS)('handing a session to an app on the hosted pages on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  async function signedIn() {
    const { email, userId } = await world.person();
    const browser = new PageClient(world.baseUrl);
    await browser.form('/login', { email, password: PASSWORD });
    return { email, userId, browser };
  }

  async function begun(app: Client = world.client('198.51.100.23')) {
    const { code } = decode.handoff(await app.post('/v1/auth/handoff/initiate', undefined, DESKTOP));
    const status = async () => decode.handoffStatus(await app.get(`/v1/auth/handoff/${code}/status`));
    return { code, app, status };
  }

  it('shows which app asks, from where, and the code to compare, and by that lets in nobody [D13]', async () => {
    const { email, browser } = await signedIn();
    const { code, status } = await begun();
    const typed = code.toLowerCase().replace('-', ' ');
    const pages = [
      await browser.form(HANDOFF, { code }),
      await browser.form(HANDOFF, { code: typed }),
      await browser.get(`${HANDOFF}?code=${code}`),
    ];
    for (const { status: number, text } of pages) {
      expect(number).toBe(200);
      for (const fact of [code, email, 'Firefox · Linux (desktop app)', '198.51.100.23', '198.51.100.0/24'])
        expect(text).toContain(fact);
      expect(text).toContain('If anybody told you to open this page');
    }
    expect((await browser.send(`${HANDOFF}?code=${code}&answer=yes`, { method: 'HEAD' })).status).toBe(200);
    expect(await status()).toBe('pending');
  });

  it('gives the app a session of its own once it is allowed, and once only', async () => {
    const { userId, browser } = await signedIn();
    const { code, app, status } = await begun();
    const done = await browser.form(HANDOFF, { code, answer: 'yes' });
    expect(done.status).toBe(200);
    expect(done.text).toContain('Go back to the app');
    expect(done.headers.getSetCookie()).toEqual([]);
    for (const answer of ['', 'yes']) expect(await browser.go(HANDOFF, { code, answer })).toBe('400');
    const { token, user_id } = (await status()) as { token: string; user_id: string };
    expect(user_id).toBe(userId);
    expect(token).not.toBe(browser.cookies.get('fluxgate'));
    app.token = token;
    expect(decode.user(await app.get('/v1/users/@me')).id).toBe(userId);
    expect(await status()).toBe('expired');
  });

  it('lets in nobody when it is cancelled', async () => {
    const { browser } = await signedIn();
    const { code, status } = await begun();
    expect((await browser.form(HANDOFF, { code, answer: 'no' })).text).toContain('was not signed in');
    expect(await status()).toBe('expired');
    expect(await browser.go(HANDOFF, { code, answer: 'yes' })).toBe('400');
  });

  it('asks who is not signed in to sign in first, and comes back with the code', async () => {
    const { email } = await world.person();
    const { code, status } = await begun();
    const browser = new PageClient(world.baseUrl);
    const to = (await browser.get(`${HANDOFF}?code=${code}`)).headers.get('location') ?? '';
    expect(to).toBe(`/login?next=${encodeURIComponent(`${HANDOFF}?code=${code}`)}`);
    expect(await browser.go(HANDOFF, { code, answer: 'yes' })).toBe(`303 ${to}`);
    expect((await browser.get(HANDOFF)).headers.get('location')).toBe('/login?next=%2Fhandoff');
    const next = new URLSearchParams(to.split('?')[1]).get('next') ?? '';
    expect(await browser.go('/login', { email, password: PASSWORD, next })).toBe(
      `303 ${HANDOFF}?code=${code}`,
    );
    expect((await browser.get(`${HANDOFF}?code=${code}`)).text).toContain(code);
    expect(await status()).toBe('pending');
  });

  it('takes a code for five minutes', async () => {
    const { browser } = await signedIn();
    const { code } = await begun();
    world.clock.advance(5 * 60_000);
    for (const answer of ['', 'yes']) {
      const { status, text } = await browser.form(HANDOFF, { code, answer });
      expect(status).toBe(400);
      expect(text).toContain('id="code-problem"');
      expect(text).toContain('Start again in the app');
    }
  });

  it.each(['', 'AAAA-AAAA', 'x', '"><script>alert(1)</script>', '../../account', '%00', '0000-1111'])(
    'refuses what is no code: %s',
    async (code) => {
      const { browser } = await signedIn();
      for (const answer of ['', 'yes']) {
        const reply = await browser.form(HANDOFF, { code, answer });
        expect(reply.status).toBe(400);
        expect(reply.text).not.toContain('<script>alert');
      }
      const asked = await browser.get(`${HANDOFF}?code=${encodeURIComponent(code)}`);
      expect(asked.status).toBe(code === '' ? 200 : 400);
      expect(asked.text).not.toContain('<script>alert');
      const to = (await world.client().get(`${HANDOFF}?code=${encodeURIComponent(code)}`)).headers;
      expect(to.get('location')).toMatch(/^\/login\?next=%2Fhandoff(%3Fcode%3D[A-Za-z0-9-]+)?$/);
    },
  );

  it('hands over nothing for another site [I03]', async () => {
    const { browser } = await signedIn();
    const { code, status } = await begun();
    for (const answer of ['yes', 'no']) {
      const reply = await browser.form(HANDOFF, { code, answer }, { origin: 'https://evil.example' });
      expect(reply.status).toBe(403);
    }
    expect(await status()).toBe('pending');
  });
});
