import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailChangeOf } from '../../testing/email-change.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, PageClient, type World } from '../../testing/index.ts';

const REVERT = '/wasntme';
const NEW_PASSWORD = 'plum anvil quiet harbour';
const HOUR = 3_600_000;

describe.each(DIALECTS)('taking an account back on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  /** Somebody whose address was changed, and the token in the mail to the old one. */
  async function robbed() {
    const person = await world.person();
    const { address } = await emailChangeOf(world, person).changed();
    const { links, token } = await world.newestMail(person.email, 'email_change_revert');
    return { ...person, address, token, link: links[0] ?? '', browser: new PageClient(world.baseUrl) };
  }

  it('is where the mail leads, spends nothing by being opened, and keeps the token out of the page', async () => {
    const { link, token, browser } = await robbed();
    expect(link).toBe(`${world.baseUrl}${REVERT}#token=${token}`);
    const page = await browser.get(REVERT);
    expect(page.status).toBe(200);
    expect(page.text).toContain('action="/wasntme"');
    expect((await browser.get(`${REVERT}?token=${token}`)).text).not.toContain(token);
    expect(await browser.go(REVERT, { token, password: NEW_PASSWORD })).toBe('303 /account');
  });

  it('gives the address back and signs its owner in, and ends everybody else', async () => {
    const { email, address, client, token, browser } = await robbed();
    expect(await browser.go(REVERT, { token, password: NEW_PASSWORD })).toBe('303 /account');
    const { text } = await browser.get('/account');
    expect(text).toContain(email);
    expect(text).not.toContain(address);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    const other = new PageClient(world.baseUrl);
    expect(await other.go('/login', { email: address, password: PASSWORD })).toBe('400');
    expect(await other.go('/login', { email, password: NEW_PASSWORD })).toBe('303 /account');
  });

  it('keeps the token through a password that is too weak, and takes it once', async () => {
    const { token, browser } = await robbed();
    const weak = await browser.form(REVERT, { token, password: 'password' });
    expect(weak.status).toBe(400);
    expect(weak.text).toContain('id="password-problem"');
    expect(weak.text).toContain(`type="hidden" name="token" value="${token}"`);
    expect(await browser.go(REVERT, { token, password: NEW_PASSWORD })).toBe('303 /account');
    const again = await world.client().form(REVERT, { token, password: NEW_PASSWORD });
    expect(again.status).toBe(400);
    expect(again.text).toContain('used up or too old');
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  it('is too late after two days, and for no other token', async () => {
    const { email, token, browser } = await robbed();
    await browser.form('/forgot', { email: newEmail() });
    world.clock.advance(48 * HOUR);
    for (const one of [token, 'a'.repeat(64), '', email]) {
      expect(await browser.go(REVERT, { token: one, password: NEW_PASSWORD })).toBe('400');
    }
    expect(browser.hasSession).toBe(false);
  });

  it('does nothing for another site [I03]', async () => {
    const { token, browser } = await robbed();
    const fields = { token, password: NEW_PASSWORD };
    const foreign = await browser.form(REVERT, fields, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
    expect(await browser.go(REVERT, fields)).toBe('303 /account');
  });
});
