import { HOTP, Secret } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityProblems,
  launchBrowser,
  newVisitor,
  sidewaysOverflow,
  takePicture,
  type Visitor,
} from '../../testing/browser.ts';
import { createFactorKit, createWorld, PASSWORD, type World } from '../../testing/index.ts';
import { plugInDevice } from '../../testing/passkey-device.ts';

const SECURITY = '/account/security';
const QUARTER_MS = 15 * 60_000;

describe('looking after the own account in a real browser', () => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  /** Ends when the page that follows, if any, is read whole: what is on it can be asked for at once. */
  async function press(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForLoadState('domcontentloaded');
  }
  const status = (page: Page) => page.getByRole('status').innerText();

  async function signIn(page: Page, email: string): Promise<void> {
    await page.goto('/login');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Sign in');
    await page.waitForURL('**/account');
    await page.getByRole('link', { name: 'Security' }).click();
  }

  async function visit(script: boolean, work: (visitor: Visitor) => Promise<void>): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl, javaScriptEnabled: script });
    try {
      await work(visitor);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  /** Whether it is fit to be seen, in both schemes, on a telephone and on a desk. */
  async function look(page: Page, name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const where = `${name} ${width} ${colorScheme}`;
        expect(await sidewaysOverflow(page), where).toEqual([]);
        expect(await accessibilityProblems(page), where).toEqual([]);
        await takePicture(page, `${name}-${width}-${colorScheme}`);
      }
    }
  }

  it('makes a passkey, proves by it, gives it a name and removes it [B11, D06, I01]', async () => {
    const { email, client } = await world.person();
    await visit(true, async ({ page }) => {
      await signIn(page, email);
      await plugInDevice(page);
      await look(page, 'security-new');
      await page.getByRole('link', { name: 'Add a passkey' }).click();
      await look(page, 'sudo-password');
      await page.getByLabel('Your password').fill(PASSWORD);
      await press(page, 'Confirm');
      await page.waitForURL('**/passkeys/new');
      await look(page, 'passkey-new');
      await page.getByLabel('Name').fill('Laptop');
      await press(page, 'Make the passkey');
      await page.waitForURL('**/account/security?done=*');
      expect(await status(page)).toContain('The passkey is added');
      await page.getByText('Laptop', { exact: true }).waitFor();

      // From now on the password is no proof any more; what was typed is kept while the passkey is asked for.
      world.clock.advance(QUARTER_MS);
      await page.getByText('Rename or remove').click();
      await page.getByLabel('Name').fill('Desk');
      await press(page, 'Rename');
      await page.getByRole('heading', { name: 'Confirm it is you' }).waitFor();
      expect(await page.getByLabel('Your password').count()).toBe(0);
      await look(page, 'sudo-passkey');
      await press(page, 'Use a passkey');
      await page.waitForURL('**/account/security?done=*');
      expect(await status(page)).toContain('new name');
      await page.getByText('Desk', { exact: true }).waitFor();
      await page.getByText('Rename or remove').click();
      await look(page, 'security-passkey');

      await press(page, 'Remove');
      await page.waitForURL('**/account/security?done=passkey-removed');
      await page.getByText('You have no passkey yet.').waitFor();
      expect((await client.get('/v1/users/@me')).json).toMatchObject({ mfa_enabled: false });
    });
  });

  it.each([true, false])(
    'sets up an app and keeps its recovery codes, with JavaScript: %s',
    async (script) => {
      const { email } = await world.person();
      await visit(script, async ({ page }) => {
        await signIn(page, email);
        await press(page, 'Set up');
        await page.getByLabel('Your password').fill(PASSWORD);
        await press(page, 'Confirm');
        const key = (await page.locator('code.secret').innerText()).replaceAll(' ', '');
        if (script) await look(page, 'app-set-up');
        const counter = Math.floor(world.clock.now() / 30_000);
        await page.locator('#appCode').fill(HOTP.generate({ secret: Secret.fromBase32(key), counter }));
        await page.locator('form button[type=submit]').click();
        await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
        const codes = await page.locator('.codes code').allInnerTexts();
        expect(codes).toHaveLength(10);
        if (script) await look(page, 'recovery-codes');
        const downloading = page.waitForEvent('download');
        await press(page, 'Download as a text file');
        expect((await downloading).suggestedFilename()).toBe('recovery-codes.txt');
        await page.getByRole('link', { name: 'I have kept them' }).click();
        await page.getByText('10 codes are left.').waitFor();

        world.clock.advance(QUARTER_MS);
        await press(page, 'Show the codes');
        await page.locator('#code').fill(codes[0] ?? '');
        await press(page, 'Confirm');
        await page.locator('s').waitFor();
        expect(await page.locator('s').innerText()).toBe(codes[0]);
      });
    },
  );

  it('says without JavaScript what making a passkey needs', async () => {
    const { email } = await world.person();
    await visit(false, async ({ page }) => {
      await signIn(page, email);
      await page.getByRole('link', { name: 'Add a passkey' }).click();
      await page.getByLabel('Your password').fill(PASSWORD);
      await press(page, 'Confirm');
      await press(page, 'Make the passkey');
      expect(await page.getByRole('alert').first().innerText()).toContain('needs JavaScript');
    });
  });

  it('looks well with everything there is to look after [I01]', async () => {
    const kit = createFactorKit(world);
    const person = await world.person({ email: `${'long.address.'.repeat(3)}${Date.now()}@example.com` });
    await visit(true, async ({ page }) => {
      await signIn(page, person.email);
      await page.goto('/account/password');
      await look(page, 'password');
      await page.goto('/account/email');
      await look(page, 'email');
      await press(page, 'Begin');
      await page.getByLabel('Your password').fill(PASSWORD);
      await press(page, 'Confirm');
      await page.getByLabel('Code from the mail').fill('AAAA-AAAA');
      await press(page, 'Go on');
      expect(await page.locator('#mailCode-problem').innerText()).toBe('The code is wrong.');
      await look(page, 'email-code');
      await page.goto(`${SECURITY}/phone`);
      await look(page, 'phone');
      const app = await kit.totp(person);
      await kit.sms(person, app);
      await page.goto(SECURITY);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await look(page, 'security-full');
      world.clock.advance(QUARTER_MS);
      await press(page, 'Show the codes');
      await look(page, 'sudo-factors');
      await press(page, `Send a code by SMS to ••••${await phoneEnd(person.client)}`);
      await look(page, 'sudo-sms');
    });
  });

  async function phoneEnd(client: { get(path: string): Promise<{ json: never }> }): Promise<string> {
    const { phone } = (await client.get('/v1/users/@me')).json as { phone: string };
    return phone.slice(-4);
  }
});
