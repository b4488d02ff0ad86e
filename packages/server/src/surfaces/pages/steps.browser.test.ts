import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newVisitor, type Visitor } from '../../testing/browser.ts';
import { decode } from '../../testing/fluxer-decoder.ts';
import { createFactorKit, createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const cases = DIALECTS.flatMap((dialect) =>
  [true, false].map((script) => ({ dialect, script, how: script ? 'with' : 'without' })),
);

describe.each(cases)('what a sign-in may still owe, on $dialect, $how JavaScript', ({ dialect, script }) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    world = await createWorld({ dialect, env });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  /** Browsers for one test, which must not have complained of anything by its end. */
  async function visit(work: (...visitors: [Visitor, Visitor]) => Promise<void>): Promise<void> {
    const options = { baseURL: world.baseUrl, javaScriptEnabled: script };
    const visitors = [await newVisitor(browser, options), await newVisitor(browser, options)] as const;
    try {
      await work(...visitors);
      expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([]);
    } finally {
      for (const { leave } of visitors) await leave();
    }
  }

  const path = (page: Page) => page.url().replace(world.baseUrl, '');
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();
  /** Ends when the page that follows, if any, is read whole: what is on it can be asked for at once. */
  async function press(page: Page, name: string | RegExp): Promise<void> {
    await page.getByRole('button', { name }).click();
    await page.waitForLoadState('domcontentloaded');
  }

  async function signIn(page: Page, email: string, to = ''): Promise<void> {
    await page.goto(`/login${to}`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, /^Sign in$/);
  }

  /** As a person opens a mail's link: with script the secret leaves the address, without it is copied by hand. */
  async function openLink(page: Page, to: string, token: string): Promise<void> {
    await page.goto(`${to}#token=${token}`);
    if (!script) await page.getByLabel('Code from the mail').fill(token);
  }

  it('takes the code of an app, or of a phone, after a wrong one', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const phone = await kit.sms(person, app);
    await visit(async ({ page }) => {
      await signIn(page, person.email, '?next=%2Fcheck-mail');
      expect(path(page)).toBe('/login/confirm');
      expect(await heading(page)).toBe('Confirm it is you');
      const field = page.getByLabel('Code from your authenticator app');
      await field.fill(app.wrong());
      await press(page, 'Confirm');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.getAttribute('aria-describedby')).toBe('code-hint code-problem');
      expect(await field.inputValue()).toBe('');
      await press(page, `Send a code by SMS to ••••${phone.slice(-4)}`);
      const smsField = page.getByLabel('Code from the SMS');
      await smsField.fill(await kit.smsCode(phone));
      await smsField.press('Enter');
      await page.waitForURL('**/check-mail');
      await page.goto('/account');
      expect(await page.getByText(person.email).isVisible()).toBe(true);
      await press(page, 'Sign out');

      await signIn(page, person.email);
      await page.getByLabel('Code from your authenticator app').fill(app.code());
      await press(page, 'Confirm');
      await page.waitForURL('**/account');
    });
  });

  it('waits at a new place until the mail was answered on another device, and goes on by itself [D11]', async () => {
    const { email } = await world.person();
    await visit(async ({ page, context }, { page: mailbox, context: other }) => {
      await context.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.77' });
      await signIn(page, email, '?next=%2Fcheck-mail');
      expect(path(page)).toBe('/login/waiting');
      expect(await page.getByText(`${email[0]}•••@example.com`).isVisible()).toBe(true);

      const { token } = await world.newestMail(email, 'ip_authorization');
      await openLink(mailbox, '/authorize-ip', token);
      // Looking changes nothing, so with script the page goes there by itself.
      if (!script) await press(mailbox, 'Look at this sign-in');
      await mailbox.getByText('203.0.113.77').waitFor();
      expect(await mailbox.getByText(/Chrome · Linux/).isVisible()).toBe(true);
      expect(mailbox.url()).not.toContain(token);
      expect(path(page)).toBe('/login/waiting');
      await press(mailbox, 'Yes, allow');
      expect(await heading(mailbox)).toBe('Sign-in allowed');
      expect(await other.cookies()).toEqual([]);

      await page.waitForURL('**/check-mail');
      await page.goto('/account');
      expect(await page.getByText(email).isVisible()).toBe(true);
    });
  });

  it('lets nobody in whom the owner does not know, and leads the owner to a new password', async () => {
    const { email } = await world.person();
    await visit(async ({ page, context }, { page: mailbox }) => {
      await context.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.78' });
      await signIn(page, email);
      const { token } = await world.newestMail(email, 'ip_authorization');
      await openLink(mailbox, '/authorize-ip', token);
      if (!script) await press(mailbox, 'Look at this sign-in');
      await press(mailbox, 'No, that was not me');
      expect(await heading(mailbox)).toBe('Nothing was allowed');
      await mailbox.getByRole('link', { name: 'Choose a new password' }).click();
      expect(path(mailbox)).toBe('/forgot');
      await page.waitForURL('**/login?because=unanswered**');
      expect(await page.getByRole('alert').innerText()).toMatch(/was not allowed/);
    });
  });

  it('lets an app in by the code of its link, once the code and the app were seen [D13]', async () => {
    const { email, client } = await world.person();
    const app = world.client('198.51.100.23');
    const { code } = decode.handoff(await app.post('/v1/auth/handoff/initiate'));
    await visit(async ({ page, context }) => {
      // From home, where nothing needs to be approved.
      await context.setExtraHTTPHeaders({ 'x-forwarded-for': client.address });
      await signIn(page, email);
      await page.goto(`/handoff#code=${code}`);
      if (!script) {
        await page.getByLabel('Code that the app shows').fill(code.toLowerCase());
        await press(page, 'Go on');
      }
      await page.getByText('198.51.100.23').waitFor();
      expect(await page.locator('.big-code').innerText()).toBe(code);
      expect(path(page)).toBe('/handoff');
      await press(page, 'Yes, sign it in');
      expect(await heading(page)).toBe('Go back to the app');
    });
    const status = decode.handoffStatus(await app.get(`/v1/auth/handoff/${code}/status`));
    expect(status).toHaveProperty('token');
  });

  it.each(['#code=', '?code='])(
    'brings the code after %s along to somebody who has to sign in first',
    async (after) => {
      const person = await world.person();
      const totp = await kit.totp(person);
      const { code } = decode.handoff(await world.client('198.51.100.23').post('/v1/auth/handoff/initiate'));
      await visit(async ({ page, context }) => {
        await context.setExtraHTTPHeaders({ 'x-forwarded-for': person.client.address });
        await page.goto(`/handoff${after}${code}`);
        expect(await heading(page)).toBe('Sign in');
        const isKept = script || after === '?code=';
        if (script) expect(page.url()).not.toContain('#');
        await page.getByLabel('E-mail address').fill(person.email);
        await page.getByLabel('Password').fill('not this one');
        await press(page, /^Sign in$/);
        await page.getByLabel('Password').fill(PASSWORD);
        await press(page, /^Sign in$/);
        await page.getByLabel('Code from your authenticator app').fill(totp.code());
        await press(page, 'Confirm');
        if (!isKept) return await page.getByLabel('Code that the app shows').waitFor();
        await page.getByText('198.51.100.23').waitFor();
        expect(await page.locator('.big-code').innerText()).toBe(code);
      });
    },
  );

  it('takes a code to no other page, and no page of another server', async () => {
    const { email, client } = await world.person();
    for (const next of ['/check-mail', '//evil.example/handoff', 'https://evil.example/handoff'])
      await visit(async ({ page, context }) => {
        await context.setExtraHTTPHeaders({ 'x-forwarded-for': client.address });
        await signIn(page, email, `?next=${encodeURIComponent(next)}#code=ABCD-EFGH`);
        await page.waitForURL(next === '/check-mail' ? '**/check-mail' : '**/account');
        expect(new URL(page.url()).origin).toBe(world.baseUrl);
        expect(page.url()).not.toContain('ABCD');
      });
  });

  it('sends the mail once more', async () => {
    const { email } = await world.person();
    await visit(async ({ page, context }) => {
      await context.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.79' });
      await signIn(page, email);
      await press(page, 'Send the mail again');
      expect(await page.getByRole('alert').innerText()).toMatch(/Wait half a minute/);
      world.clock.advance(30_000);
      await press(page, 'Send the mail again');
      await page.getByText('on its way once more').waitFor();
      expect(await page.getByRole('button').count()).toBe(0);
    });
  });
});

describe.each([true, false])('an app that is set up on the way in, with JavaScript: %s', (script) => {
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_MFA: 'on' };
    world = await createWorld({ dialect: 'sqlite', env });
  });
  afterAll(() => world.close());

  it('is read from the page, proved by its code, and followed by the recovery codes', async () => {
    const { email } = await world.register(world.client());
    const { token } = await world.newestMail(email, 'email_verification');
    await world.client().form('/verify', { token });
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl, javaScriptEnabled: script });
    const { page } = visitor;
    await page.goto('/login?next=%2Fcheck-mail');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: /^Sign in$/ }).click();
    expect(await page.getByRole('img', { name: 'QR code for your authenticator app' }).isVisible()).toBe(
      true,
    );
    const secret = (await page.locator('code.secret').innerText()).replaceAll(' ', '');
    const code = createFactorKit(world).codeOf(secret);
    await page.getByLabel('Code that the app shows now').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.getByRole('button', { name: 'Switch on and go on' }).click();
    expect(await page.locator('.codes li').count()).toBe(10);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    expect(page.url()).toBe(`${world.baseUrl}/check-mail`);
    await page.goto('/account');
    expect(await page.getByText(email).isVisible()).toBe(true);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});
