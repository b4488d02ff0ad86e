import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authenticator,
  createFactorKit,
  createWorld,
  DIALECTS,
  PASSWORD,
  PageClient,
  type RequestOptions,
  type Tampering,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const CONFIRM = '/login/confirm';
const OPTIONS = '/login/confirm/passkey-options';
const BEGIN_AGAIN = '303 /login?because=over&next=%2Faccount';
const IN = '303 /account';

describe.each(DIALECTS)('the second proof on the hosted pages on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  async function withApp() {
    const person = await world.person();
    const app = await kit.totp(person);
    return { person, app, browser: new PageClient(world.baseUrl) };
  }

  const login = (browser: PageClient, email: string, next = '/account') =>
    browser.go('/login', { email, password: PASSWORD, next });
  const confirm = (browser: PageClient, code: string) => browser.go(CONFIRM, { method: 'code', code });

  /** What a browser's script does: fetches the challenge, has it signed, sends the form. */
  async function byPasskey(browser: PageClient, device: Authenticator, tampering: Tampering = {}) {
    const options = (await browser.post(OPTIONS)).json as RequestOptions;
    return { method: 'passkey', passkey: JSON.stringify(device.assert(options, tampering)) };
  }

  it('is asked for after the password, and lets in nobody before [B09]', async () => {
    const { person, app, browser } = await withApp();
    expect(await login(browser, person.email, '/check-mail')).toBe('303 /login/confirm');
    expect(browser.hasSession).toBe(false);
    expect((await browser.get('/account')).status).toBe(303);
    const page = await browser.get(CONFIRM);
    expect(page.status).toBe(200);
    expect(page.text).toContain('name="code"');
    expect(page.text).not.toMatch(/name="(smsCode|passkey)"/);
    expect(await confirm(browser, app.code())).toBe('303 /check-mail');
    expect(browser.hasSession).toBe(true);
    expect((await browser.get('/account')).text).toContain(person.email);
    expect([...browser.cookies.keys()]).toEqual(['fluxgate']);
  });

  it('keeps its ticket where no script and no address has it [I06]', async () => {
    const { person, browser } = await withApp();
    const reply = await browser.form('/login', { email: person.email, password: PASSWORD });
    const [line = '', ...others] = reply.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(line).toMatch(/^fluxgate-pending=[\w-]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(reply.headers.get('location')).toBe(CONFIRM);
    const sealed = browser.cookies.get('fluxgate-pending') ?? '';
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/ticket|totp/);
    expect((await browser.get(CONFIRM)).text).not.toContain(sealed);
  });

  it('takes a recovery code in the same field, once [B06]', async () => {
    const { person, app, browser } = await withApp();
    const [code = ''] = app.backupCodes;
    await login(browser, person.email);
    expect(await confirm(browser, code)).toBe(IN);
    const other = new PageClient(world.baseUrl);
    await login(other, person.email);
    expect(await confirm(other, code)).toBe('400');
    expect(other.hasSession).toBe(false);
  });

  it('keeps the ticket through wrong codes until its tries are used up, then begins again [B04, bug 18]', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email);
    for (let tries = 0; tries < 5; tries++) {
      const reply = await browser.form(CONFIRM, { method: 'code', code: app.wrong() });
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('id="code-problem"');
      expect(reply.text).not.toContain(app.wrong());
    }
    expect(await confirm(browser, app.code())).toBe(BEGIN_AGAIN);
    expect(browser.cookies.size).toBe(0);
    expect((await browser.get('/login?because=over')).text).toContain('took too long');
    await login(browser, person.email);
    expect(await confirm(browser, app.code())).toBe(IN);
  });

  it('costs no try to send an empty field', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email);
    for (let tries = 0; tries < 7; tries++) expect(await confirm(browser, ' ')).toBe('400');
    expect(await confirm(browser, app.code())).toBe(IN);
  });

  it('is over after five minutes, and remembers where the person was going', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email, '/check-mail?for=reset');
    world.clock.advance(5 * MINUTE);
    const to = '303 /login?because=over&next=%2Fcheck-mail%3Ffor%3Dreset';
    expect(await confirm(browser, app.code())).toBe(to);
    expect(browser.cookies.size).toBe(0);
    for (const path of [CONFIRM, `${CONFIRM}/sms`])
      expect(await browser.go(path, { code: app.code() })).toBe('303 /login?because=over');
    expect((await browser.get(CONFIRM)).headers.get('location')).toBe('/login?because=over');
  });

  it('takes nothing from a cookie that was not written here, and none for another purpose', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email);
    const sealed = browser.cookies.get('fluxgate-pending') ?? '';
    const changed = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}`;
    const made = Buffer.from(JSON.stringify({ owes: 'proof', ticket: 'x', next: '//evil.example' }));
    const sealedForElse = world.instance.sealer.seal('handoff', made.toString());
    for (const value of [changed, made.toString('base64url'), sealedForElse, 'x', '{}']) {
      const forger = new PageClient(world.baseUrl);
      forger.cookies.set('fluxgate-pending', value);
      expect(await confirm(forger, app.code()), value).toBe('303 /login?because=over');
    }
    expect(await confirm(browser, app.code())).toBe(IN);
  });

  it('sends a code by SMS to the number it only hints at, and takes it once [B03]', async () => {
    const { person, app, browser } = await withApp();
    const phone = await kit.sms(person, app);
    await login(browser, person.email);
    const page = (await browser.get(CONFIRM)).text;
    expect(page).toContain(`••••${phone.slice(-4)}`);
    expect(page).not.toContain(phone);
    expect(page).not.toContain('name="smsCode"');
    expect(await browser.go(`${CONFIRM}/sms`, {})).toBe('303 /login/confirm?sent=sms');
    expect((await browser.get(`${CONFIRM}?sent=sms`)).text).toContain('name="smsCode"');
    const right = await kit.smsCode(phone);
    const wrong = right === '000000' ? '111111' : '000000';
    const refused = await browser.form(CONFIRM, { method: 'sms', smsCode: wrong });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('id="smsCode-problem"');
    expect(refused.text).not.toContain('id="code-problem"');
    expect(await browser.go(CONFIRM, { method: 'sms', smsCode: right })).toBe(IN);
    const other = new PageClient(world.baseUrl);
    await login(other, person.email);
    expect(await other.go(CONFIRM, { method: 'sms', smsCode: right })).toBe('400');
  });

  it('takes a passkey as the second proof, its challenge once and for its own sign-in [C01, C06]', async () => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const browser = new PageClient(world.baseUrl);
    await login(browser, person.email);
    const page = (await browser.get(CONFIRM)).text;
    expect(page).toContain(`data-passkey="${OPTIONS}"`);
    expect(page).toContain('Use a recovery code instead');
    const given = await byPasskey(browser, device);
    const other = new PageClient(world.baseUrl);
    await login(other, person.email);
    expect(await other.go(CONFIRM, given)).toBe('400');
    const same = new PageClient(world.baseUrl);
    for (const [name, value] of browser.cookies) same.cookies.set(name, value);
    expect(await browser.go(CONFIRM, given)).toBe(IN);
    expect(await same.go(CONFIRM, given)).toMatch(/because=over/);
    expect([other.hasSession, same.hasSession]).toEqual([false, false]);
  });

  it('spends a challenge on the first answer, a wrong one too [C01]', async () => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const browser = new PageClient(world.baseUrl);
    await login(browser, person.email);
    const options = (await browser.post(OPTIONS)).json as RequestOptions;
    const answer = (tampering?: Tampering) => ({
      method: 'passkey',
      passkey: JSON.stringify(device.assert(options, tampering)),
    });
    expect(await browser.go(CONFIRM, answer({ rpId: 'evil.example' }))).toBe('400');
    expect(await browser.go(CONFIRM, answer())).toBe('400');
    expect(await browser.go(CONFIRM, await byPasskey(browser, device))).toBe(IN);
  });

  it.each([
    ['another origin', { clientData: { origin: 'https://evil.example' } }],
    ['a frame of another site', { clientData: { crossOrigin: true } }],
    ['another host', { rpId: 'evil.example' }],
    ['an owner who was not verified', { flags: { uv: false } }],
  ] as [string, Tampering][])('refuses a passkey from %s [C02, C03, C04]', async (_, tampering) => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const browser = new PageClient(world.baseUrl);
    await login(browser, person.email);
    const reply = await browser.form(CONFIRM, await byPasskey(browser, device, tampering));
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('The passkey was not accepted');
    expect(browser.hasSession).toBe(false);
    const first = (await browser.post('/login/passkey-options')).json as RequestOptions;
    const passkey = JSON.stringify(device.assert(first, tampering));
    expect(await browser.go('/login/passkey', { passkey })).toBe('400');
    expect(browser.hasSession).toBe(false);
  });

  it('says what a passkey needs where there is no script', async () => {
    const person = await world.person();
    await kit.passkey(person);
    const browser = new PageClient(world.baseUrl);
    await login(browser, person.email);
    expect((await browser.get(CONFIRM)).text).toMatch(/<noscript><p class="hint">Passkeys need JavaScript/);
    const reply = await browser.form(CONFIRM, { method: 'passkey', passkey: '' });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('Passkeys need JavaScript');
  });

  it('is asked for after a new password by mail, and the reset alone signs nobody in [B07]', async () => {
    const { person, app, browser } = await withApp();
    await browser.form('/forgot', { email: person.email });
    const { token } = await world.newestMail(person.email, 'password_reset');
    const password = 'plum anvil quiet harbour';
    expect(await browser.go('/reset', { token, password })).toBe('303 /login/confirm');
    expect(browser.hasSession).toBe(false);
    expect(await confirm(browser, app.code())).toBe(IN);
  });

  it('ends a sign-in that waits when the password is changed meanwhile', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email);
    world.clock.advance(1_000);
    const owner = new PageClient(world.baseUrl);
    await owner.form('/forgot', { email: person.email });
    const { token } = await world.newestMail(person.email, 'password_reset');
    await owner.form('/reset', { token, password: 'plum anvil quiet harbour' });
    expect(await confirm(browser, app.code())).toBe(BEGIN_AGAIN);
  });

  it('opens one session for fifty forms with one code at once [B02]', async () => {
    const { person, app, browser } = await withApp();
    await login(browser, person.email);
    const cookie = `fluxgate-pending=${browser.cookies.get('fluxgate-pending')}`;
    const code = app.code();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.client().form(CONFIRM, { method: 'code', code }, { cookie })),
    );
    expect(replies.filter(({ headers }) => headers.get('location') === '/account')).toHaveLength(1);
  });

  describe('a passkey as the first proof', () => {
    const options = async (browser: PageClient) =>
      (await browser.post('/login/passkey-options')).json as RequestOptions;

    it('signs in alone, named by nobody, and goes where it was going [A09]', async () => {
      const person = await world.person();
      const device = await kit.passkey(person);
      const browser = new PageClient(world.baseUrl);
      const asked = await options(browser);
      expect(asked).not.toHaveProperty('allowCredentials');
      const passkey = JSON.stringify(device.assert(asked));
      expect(await browser.go('/login/passkey', { passkey, next: '/check-mail' })).toBe('303 /check-mail');
      expect((await browser.get('/account')).text).toContain(person.email);
    });

    it('is good once, for five minutes, and not for a second proof [C01]', async () => {
      const person = await world.person();
      const device = await kit.passkey(person);
      const browser = new PageClient(world.baseUrl);
      const passkey = JSON.stringify(device.assert(await options(browser)));
      expect(await browser.go('/login/passkey', { passkey })).toBe(IN);
      const again = new PageClient(world.baseUrl);
      expect(await again.go('/login/passkey', { passkey })).toBe('400');
      const late = JSON.stringify(device.assert(await options(again)));
      world.clock.advance(5 * MINUTE);
      expect(await again.go('/login/passkey', { passkey: late })).toBe('400');
      await login(again, person.email);
      const first = JSON.stringify(device.assert(await options(again)));
      expect(await again.go(CONFIRM, { method: 'passkey', passkey: first })).toBe('400');
      expect(again.hasSession).toBe(false);
    });

    it('goes to no other site, whatever the form says [I04]', async () => {
      const person = await world.person();
      const device = await kit.passkey(person);
      const browser = new PageClient(world.baseUrl);
      const passkey = JSON.stringify(device.assert(await options(browser)));
      expect(await browser.go('/login/passkey', { passkey, next: '//evil.example' })).toBe(IN);
    });

    it.each(['', 'x', '{}', 'null', '[]', '{"response":1}', '{"id":"a","rawId":"a","type":"public-key"}'])(
      'refuses what is none: %s',
      async (passkey) => {
        const browser = new PageClient(world.baseUrl);
        const reply = await browser.form('/login/passkey', { passkey });
        expect(reply.status).toBe(400);
        expect(reply.headers.getSetCookie()).toEqual([]);
      },
    );

    it.each(['/login/passkey', '/login/passkey-options', CONFIRM, `${CONFIRM}/sms`, OPTIONS])(
      'does nothing for another site: %s [I03]',
      async (path) => {
        const { person, app, browser } = await withApp();
        await login(browser, person.email);
        const fields = { method: 'code', code: app.code() };
        for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
          const type = { 'content-type': 'application/x-www-form-urlencoded' };
          const body = new URLSearchParams(fields).toString();
          const reply = await browser.send(path, { method: 'POST', body, headers: { ...type, ...headers } });
          expect(reply.status).toBe(403);
          expect(reply.text).not.toContain('challenge');
        }
        expect(browser.hasSession).toBe(false);
        expect(await confirm(browser, app.code())).toBe(IN);
      },
    );
  });
});
