import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newVisitor, type Visitor } from '../../testing/browser.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, until, type World } from '../../testing/index.ts';

const NEW_PASSWORD = 'plum anvil quiet harbour';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const cases = DIALECTS.flatMap((dialect) =>
  [true, false].map((script) => ({ dialect, script, how: script ? 'with' : 'without' })),
);

describe.each(cases)('the hosted pages on $dialect, $how JavaScript', ({ dialect, script }) => {
  let world: World;
  beforeAll(async () => {
    // One browser is one address, and its tries must not use up those of the next test.
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  /** A browser for one test, which must not have complained of anything by its end. */
  async function visit(work: (visitor: Visitor) => Promise<void>): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl, javaScriptEnabled: script });
    try {
      await work(visitor);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  const path = (page: Page) => page.url().replace(world.baseUrl, '');
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();
  const alert = (page: Page) => page.getByRole('alert').innerText();
  /** Ends when the page that follows, if any, is read whole: what is on it can be asked for at once. */
  async function press(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForLoadState('domcontentloaded');
  }

  async function fill(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  }

  async function register(page: Page, email: string, password = PASSWORD): Promise<void> {
    await page.goto('/register');
    await fill(page, { 'Your name': 'Ada Lovelace', 'E-mail address': email, Password: password });
    await page.getByRole('checkbox').check();
    await press(page, 'Create account');
  }

  async function signIn(page: Page, email: string, password: string): Promise<void> {
    await page.goto('/login');
    await fill(page, { 'E-mail address': email, Password: password });
    await press(page, 'Sign in');
  }

  /** Opens the link of the newest mail in the mailbox; without script the code is copied over by hand. */
  async function followMail(page: Page): Promise<string> {
    await page.goto('/dev/mailbox');
    const mail = page.getByRole('listitem').first();
    const link = mail.getByRole('link').first();
    const token = (await link.getAttribute('href'))?.split('#token=')[1] ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(await mail.innerText()).toContain(`\n${token}`);
    await link.click();
    if (script) await page.waitForURL((url) => url.hash === '');
    else await page.getByLabel('Code from the mail').fill(token);
    return token;
  }

  async function sessionCookie(visitor: Visitor): Promise<string | undefined> {
    return (await visitor.context.cookies()).find(({ name }) => name === 'fluxgate')?.value;
  }

  it('registers, confirms the address, signs out and in, and leaves no secret in an address [I06]', async () => {
    await visit(async (visitor) => {
      const { page, context } = visitor;
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      const email = newEmail();

      await register(page, email);
      expect(path(page)).toBe('/check-mail');
      expect(await page.getByRole('link', { name: 'open the dev mailbox' }).isVisible()).toBe(true);
      const token = await followMail(page);
      if (script) {
        expect(page.url()).toBe(`${world.baseUrl}/verify`);
        expect(await page.locator('#token').inputValue()).toBe(token);
        expect(await page.locator('#token').isVisible()).toBe(false);
      }
      await press(page, 'Confirm address');
      expect(await heading(page)).toBe('Address confirmed');

      expect(await sessionCookie(visitor)).toBeUndefined();
      await signIn(page, email, PASSWORD);
      expect(path(page)).toBe('/account');
      expect(await page.getByText(email).isVisible()).toBe(true);
      expect(await page.getByText('confirmed', { exact: true }).isVisible()).toBe(true);
      await press(page, 'Sign out');
      expect(path(page)).toBe('/login');
      expect(await sessionCookie(visitor)).toBeUndefined();
      // The answer also clears the browser's cache of this site; until that is done it refuses to move.
      await until(() =>
        page.goBack().then(
          () => true,
          () => false,
        ),
      );
      await page.goto('/account');
      expect(path(page)).toBe('/login');

      await signIn(page, email, PASSWORD);
      expect(path(page)).toBe('/account');
      expect(await page.getByText('Ada Lovelace').isVisible()).toBe(true);
      const cookie = await sessionCookie(visitor);
      expect(cookie).toMatch(/^fluxgate_session_/);
      const sent = asked.join('\n');
      for (const secret of [token, cookie ?? '', encodeURIComponent(PASSWORD), email])
        expect(sent).not.toContain(secret);
      expect((await context.storageState()).origins).toEqual([]);
    });
  });

  it('chooses a new password by mail, which signs in here and out everywhere else', async () => {
    const { email, client } = await world.person();
    await visit(async (visitor) => {
      const { page } = visitor;
      await page.goto('/login');
      await page.getByRole('link', { name: 'Forgot your password?' }).click();
      await fill(page, { 'E-mail address': email });
      await press(page, 'Send the link');
      expect(path(page)).toBe('/check-mail?for=reset');
      await world.newestMail(email, 'password_reset');

      await followMail(page);
      await fill(page, { 'New password': 'password' });
      await press(page, 'Save and sign in');
      expect(await page.locator('#password-problem').innerText()).toMatch(/easy to guess/);
      await fill(page, { 'New password': NEW_PASSWORD });
      await press(page, 'Save and sign in');
      expect(path(page)).toBe('/account');
      expect(await page.getByText('You are signed in nowhere else.').isVisible()).toBe(true);
      expect((await client.get('/v1/users/@me')).status).toBe(401);

      await press(page, 'Sign out');
      await signIn(page, email, PASSWORD);
      expect(await alert(page)).toMatch(/address or the password is wrong/);
      await signIn(page, email, NEW_PASSWORD);
      expect(path(page)).toBe('/account');
    });
  });

  it('keeps the address and forgets the password when a sign-in is refused', async () => {
    const { email } = await world.person();
    await visit(async (visitor) => {
      const { page } = visitor;
      await signIn(page, email, 'not the right one');
      expect(await alert(page)).toMatch(/address or the password is wrong/);
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
      expect(await page.getByLabel('Password').inputValue()).toBe('');
      expect(await page.content()).not.toContain('not the right one');
      expect(await sessionCookie(visitor)).toBeUndefined();
    });
  });

  it('says at the field that a password is too weak, and makes no account', async () => {
    await visit(async (visitor) => {
      const { page } = visitor;
      const email = newEmail();
      await register(page, email, 'password1');
      const field = page.getByLabel('Password');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.getAttribute('aria-describedby')).toContain('password-problem');
      expect(await page.locator('#password-problem').innerText()).toMatch(/8 to 256 characters/);
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
      expect(await page.getByLabel('Your name').inputValue()).toBe('Ada Lovelace');
      expect(await sessionCookie(visitor)).toBeUndefined();
      expect(await world.mails(email)).toEqual([]);
    });
  });

  it('tells nobody but its owner that an address is taken, and signs nobody in [A09, bug 73]', async () => {
    const { email } = await world.person();
    const shown: string[] = [];
    for (const address of [email.toUpperCase(), newEmail()]) {
      await visit(async (visitor) => {
        await register(visitor.page, address);
        await visitor.page.waitForURL('**/check-mail');
        shown.push(await visitor.page.content());
        expect(await sessionCookie(visitor)).toBeUndefined();
      });
    }
    expect(shown[0]).toBe(shown[1]);
    expect((await world.newestMail(email, 'already_registered')).subject).toBe('You already have an account');
  });

  it('does not spend a link by opening it, only by the button, and only once [L03]', async () => {
    const email = newEmail();
    await world.register(world.client(), { email });
    const { links, token } = await world.newestMail(email, 'email_verification');
    for (const method of ['GET', 'HEAD']) {
      const scanned = await world.client().send('/verify', { method });
      expect(scanned.status).toBe(200);
      expect((await world.client().send(`/verify?token=${token}`, { method })).text).not.toContain(token);
    }
    await visit(async ({ page }) => {
      await page.goto(links[0] ?? '');
      await page.goto('/account');
      await followMail(page);
      await press(page, 'Confirm address');
      expect(await heading(page)).toBe('Address confirmed');

      await followMail(page);
      await press(page, 'Confirm address');
      expect(await heading(page)).toBe('Confirm your address');
      expect(await alert(page)).toMatch(/used up or too old/);
    });
  });

  it('refuses a link that is too old', async () => {
    const { email } = await world.person();
    await world.client().form('/forgot', { email });
    await world.newestMail(email, 'password_reset');
    world.clock.advance(61 * 60_000);
    await visit(async (visitor) => {
      const { page } = visitor;
      await followMail(page);
      await fill(page, { 'New password': NEW_PASSWORD });
      await press(page, 'Save and sign in');
      expect(await alert(page)).toMatch(/used up or too old/);
      expect(await page.getByRole('link', { name: 'Ask for a new link' }).getAttribute('href')).toBe(
        '/forgot',
      );
      expect(await sessionCookie(visitor)).toBeUndefined();
    });
  });

  it('ends a session elsewhere once the password is given again', async () => {
    const { email, client } = await world.person();
    await visit(async ({ page }) => {
      await signIn(page, email, PASSWORD);
      // The sign-in in the app and the registration before it; this browser's own session cannot be chosen.
      expect(await page.getByRole('checkbox').count()).toBe(2);
      await page.getByRole('checkbox').first().check();
      await fill(page, { 'Confirm with your password': 'wrong' });
      await press(page, 'End chosen sessions');
      expect(await page.locator('#password-problem').innerText()).toMatch(/password is wrong/);
      expect((await client.get('/v1/users/@me')).status).toBe(200);

      expect(await page.getByRole('checkbox').first().isChecked()).toBe(true);
      await fill(page, { 'Confirm with your password': PASSWORD });
      await press(page, 'End chosen sessions');
      expect(await page.getByRole('status').innerText()).toMatch(/sessions are over/);
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      expect(await page.getByRole('checkbox').count()).toBe(1);

      await press(page, 'End all other sessions');
      expect(await page.getByText('You are signed in nowhere else.').isVisible()).toBe(true);
      await page.reload();
      expect(path(page)).toMatch(/^\/account/);
    });
  });

  it('goes where it was going after sign-in, and never to another site [I04]', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      for (const hostile of [
        '//evil.example',
        '/\\evil.example',
        '/%2fevil.example',
        'https://evil.example',
      ]) {
        await page.goto(`/login?next=${encodeURIComponent(hostile)}`);
        await fill(page, { 'E-mail address': email, Password: PASSWORD });
        await press(page, 'Sign in');
        expect(path(page)).toBe('/account');
        await press(page, 'Sign out');
      }
      await page.goto(`/login?next=${encodeURIComponent('/check-mail?for=reset')}`);
      await fill(page, { 'E-mail address': email, Password: PASSWORD });
      await press(page, 'Sign in');
      expect(path(page)).toBe('/check-mail?for=reset');
    });
  });
});

describe('a link whose fragment is no code of ours', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
  });
  afterAll(() => world.close());

  it.each(['#token=<img src=x onerror=alert(1)>', '#token=short', `#token=${'a'.repeat(129)}`, '#other', ''])(
    'leaves the field open for a code by hand: %s',
    async (fragment) => {
      const { leave, page, complaints } = await newVisitor(browser, { baseURL: world.baseUrl });
      await page.goto(`/verify${fragment}`);
      expect(await page.locator('#token').inputValue()).toBe('');
      expect(await page.locator('#token').isVisible()).toBe(true);
      expect(complaints).toEqual([]);
      await leave();
    },
  );
});
