import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  newEmail,
  PASSWORD,
  PageClient,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const SET_UP = '/login/authenticator';
const OVER = '303 /login?because=over&next=%2Faccount';

describe.each(DIALECTS)('an authenticator app that a sign-in owes on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    const env = {
      FLUXGATE_RATE_LIMITS: 'off',
      FLUXGATE_REQUIRE_MFA: 'on',
      FLUXGATE_SITE_NAME: 'House: East',
    };
    world = await createWorld({ dialect, env });
  });
  afterAll(() => world.close());

  const codeOf = (secret: string) => createFactorKit(world).codeOf(secret);

  function wrongCode(secret: string): string {
    return ['000000', '111111', '222222'].find((code) => code !== codeOf(secret)) ?? '';
  }

  /** A confirmed address, and a browser that has given its password. */
  async function owing(next = '/account') {
    const { email } = await world.register(world.client());
    const { token } = await world.newestMail(email, 'email_verification');
    await world.client().form('/verify', { token });
    const browser = new PageClient(world.baseUrl);
    const login = () => browser.go('/login', { email, password: PASSWORD, next });
    expect(await login()).toBe(`303 ${SET_UP}`);
    return { email, browser, login };
  }

  async function secretShownTo(browser: PageClient): Promise<string> {
    const { text } = await browser.get(SET_UP);
    return /<code class="secret">([^<]+)/.exec(text)?.[1]?.replaceAll(' ', '') ?? '';
  }

  async function factorsOf(email: string): Promise<string> {
    const { db } = world.instance.storage;
    const row = await db
      .selectFrom('user')
      .innerJoin('contact', 'contact.user_id', 'user.id')
      .select('factors')
      .where('address', '=', email)
      .executeTakeFirst();
    return row?.factors ?? '';
  }

  it('is set up before anybody is in, and shows recovery codes once [B09]', async () => {
    const { email, browser, login } = await owing('/check-mail');
    expect(browser.hasSession).toBe(false);
    const secret = await secretShownTo(browser);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const done = await browser.form(SET_UP, { code: codeOf(secret) });
    expect(done.status).toBe(200);
    expect(done.text).toContain('href="/check-mail"');
    const codes = [...done.text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code]) => code ?? '');
    expect(codes).toHaveLength(10);
    expect(browser.hasSession).toBe(true);
    expect([...browser.cookies.keys()]).toEqual(['fluxgate']);
    expect(await factorsOf(email)).toContain('totp');
    for (const path of ['/account', SET_UP]) {
      const { text } = await browser.get(path);
      expect(text).not.toContain(codes[0]);
      expect(text).not.toContain(secret);
    }
    expect((await world.mails(email)).map(({ kind }) => kind)).toContain('factor_enrolled');

    world.clock.advance(30_000);
    await browser.form('/logout', {});
    expect(await login()).toBe('303 /login/confirm');
    expect(await browser.go('/login/confirm', { method: 'code', code: codes[3] ?? '' })).toBe(
      '303 /check-mail',
    );
  });

  it('shows one secret in letters, as a link and as a picture, the same at every look', async () => {
    const { email, browser } = await owing();
    const { text } = await browser.get(SET_UP);
    const secret = await secretShownTo(browser);
    const uri = `otpauth://totp/House%20East%3A${encodeURIComponent(email)}?secret=${secret}&amp;issuer=House%20East`;
    expect(text).toContain(`href="${uri}"`);
    expect(text).toMatch(/<svg class="qr" viewBox="-4 -4 \d+ \d+" role="img" aria-label="[^"]+">/);
    expect(text).not.toMatch(/data:|style=/);
    const refused = await browser.form(SET_UP, { code: wrongCode(secret) });
    expect(refused.text).toContain(uri);
    expect(await secretShownTo(browser)).toBe(secret);
    const sealed = browser.cookies.get('fluxgate-pending') ?? '';
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(secret);
  });

  it('says at the field that a code is wrong, and stops after ten of them', async () => {
    const { email, browser } = await owing();
    const secret = await secretShownTo(browser);
    for (let tries = 0; tries < 10; tries++) {
      const reply = await browser.form(SET_UP, { code: wrongCode(secret) });
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('id="code-problem"');
    }
    expect(await browser.go(SET_UP, { code: codeOf(secret) })).toBe('429');
    expect(await factorsOf(email)).toBe('');
    expect(browser.hasSession).toBe(false);
  });

  it('is over after a quarter of an hour', async () => {
    const { email, browser } = await owing();
    const secret = await secretShownTo(browser);
    world.clock.advance(15 * MINUTE);
    expect(await browser.go(SET_UP, { code: codeOf(secret) })).toBe(OVER);
    expect(await factorsOf(email)).toBe('');
  });

  it('is set up once by fifty forms at once, and lets in one', async () => {
    const { browser } = await owing();
    const secret = await secretShownTo(browser);
    const cookie = `fluxgate-pending=${browser.cookies.get('fluxgate-pending')}`;
    const code = codeOf(secret);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.client().form(SET_UP, { code }, { cookie })),
    );
    const admitted = replies.filter(({ headers }) =>
      headers.getSetCookie().some((line) => line.startsWith('fluxgate=fluxgate_session')),
    );
    expect(admitted).toHaveLength(1);
    expect(admitted[0]?.status).toBe(200);
    expect(replies.filter(({ text }) => text.includes('class="codes"'))).toHaveLength(1);
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('is asked for after a reset of the password, and for the first administrator', async () => {
    const { email } = await owing();
    const browser = new PageClient(world.baseUrl);
    await browser.form('/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    expect(await browser.go('/reset', { token, password: 'plum anvil quiet harbour' })).toBe(`303 ${SET_UP}`);

    const { setup, project } = world.instance;
    const link = (await setup.issueLink(project.id)) ?? '';
    const first = new PageClient(world.baseUrl);
    expect(await first.go('/setup', { token: link, email: newEmail(), password: PASSWORD })).toBe(
      `303 ${SET_UP}`,
    );
    const secret = await secretShownTo(first);
    expect((await first.form(SET_UP, { code: codeOf(secret) })).text).toContain('href="/console/"');
    expect((await first.get('/account')).text).toContain('Open the console');
  });

  it('turns nothing on for another site, nor for who owes nothing [I03]', async () => {
    const { email, browser } = await owing();
    const secret = await secretShownTo(browser);
    const code = codeOf(secret);
    expect((await browser.form(SET_UP, { code }, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await new PageClient(world.baseUrl).go(SET_UP, { code })).toBe('303 /login?because=over');
    expect(await factorsOf(email)).toBe('');
  });
});
