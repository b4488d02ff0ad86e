import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newVisitor, type Visitor } from '../../testing/browser.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';
import { type PasskeyDevice, plugInDevice } from '../../testing/passkey-device.ts';

const OVER = /took too long or had too many wrong tries/;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(DIALECTS)('passkeys in a real browser on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  interface Holder extends Visitor {
    device: PasskeyDevice;
    email: string;
  }

  /** Somebody whose browser holds a passkey of theirs, with the finger off it. */
  async function withPasskey(work: (holder: Holder) => Promise<void>): Promise<void> {
    const { client, email } = await world.person();
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl });
    try {
      await visitor.page.goto('/check-mail');
      const device = await plugInDevice(visitor.page);
      await device.register(client.token ?? '');
      await device.present(false);
      await work({ ...visitor, device, email });
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  const path = (page: Page) => page.url().replace(world.baseUrl, '');
  /** Ends when the page that follows, if any, is read whole: what is on it can be asked for at once. */
  async function press(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForLoadState('domcontentloaded');
  }

  async function byPassword(page: Page, email: string): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Sign in');
  }

  it('signs in from the field that asks for the address, without a word typed', async () => {
    await withPasskey(async ({ page, device, email }) => {
      // In this browser the finger is what chooses from the list in the field.
      await device.present(true);
      await page.goto('/login?next=%2Faccount%3Fdone%3Dended');
      await page.waitForURL('**/account?done=ended');
      expect(await page.getByText(email).isVisible()).toBe(true);
    });
  });

  it('signs in by the button, and goes where it was going', async () => {
    await withPasskey(async ({ page, device, email }) => {
      // A browser that does not offer passkeys in fields.
      await page.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable');
      await page.goto('/login?next=%2Fcheck-mail%3Ffor%3Dreset');
      await device.present(true);
      await press(page, 'Sign in with a passkey');
      await page.waitForURL('**/check-mail?for=reset');
      await page.goto('/account');
      expect(await page.getByText(email).isVisible()).toBe(true);
    });
  });

  it('is asked for as the second proof after the password', async () => {
    await withPasskey(async ({ page, device, email }) => {
      await page.goto('/login');
      await byPassword(page, email);
      await page.waitForURL('**/login/confirm');
      await device.present(true);
      await press(page, 'Use a passkey');
      await page.waitForURL('**/account');
      expect(await page.getByText(email).isVisible()).toBe(true);
    });
  });

  it('signs nobody in whom the device does not know, and says so', async () => {
    await withPasskey(async ({ page, device, email }) => {
      await device.knows(false);
      await device.present(true);
      await page.goto('/login');
      await press(page, 'Sign in with a passkey');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/passkey was not used/);
      expect(path(page)).toBe('/login');
      await byPassword(page, email);
      await press(page, 'Use a passkey');
      await page.getByRole('alert').waitFor();
      expect(path(page)).toBe('/login/confirm');
    });
  });

  it('is over when the sign-in it belongs to is', async () => {
    await withPasskey(async ({ page, email }) => {
      await page.goto('/login');
      await byPassword(page, email);
      world.clock.advance(5 * 60_000);
      await press(page, 'Use a passkey');
      await page.waitForURL('**/login?because=over**');
      expect(await page.getByText(OVER).isVisible()).toBe(true);
    });
  });

  it('answers no other site: a page of another origin cannot ask for it', async () => {
    await withPasskey(async ({ page, device, complaints }) => {
      await device.present(true);
      const options = await page.evaluate<string>(
        `fetch('/login/passkey-options', { method: 'POST' }).then((answer) => answer.text())`,
      );
      // The same machine by its number is another site to a browser.
      await page.goto(`${world.baseUrl.replace('localhost', '127.0.0.1')}/check-mail`);
      const outcome = await page.evaluate<string>(`
        navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${options}),
        }).then(() => 'signed', ({ name }) => name)
      `);
      expect(outcome).toBe('SecurityError');
      const stolen = await page.evaluate<string>(`
        fetch(${JSON.stringify(`${world.baseUrl}/login/passkey-options`)}, { method: 'POST' })
          .then((answer) => answer.text(), () => 'nothing')
      `);
      expect(stolen).toBe('nothing');
      // The page's own policy keeps it from asking elsewhere, and the browser says so.
      for (const complaint of complaints.splice(0)) expect(complaint).toMatch(/connect-src|Fetch API/);
    });
  });
});

describe('without JavaScript', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  it('says what a passkey needs, and signs in by password', async () => {
    const { email } = await world.person();
    const { leave, page, complaints } = await newVisitor(browser, {
      baseURL: world.baseUrl,
      javaScriptEnabled: false,
    });
    await page.goto('/login');
    expect(await page.locator('noscript p').first().isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    expect(await page.getByRole('alert').innerText()).toMatch(/Passkeys need JavaScript/);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(page.url()).toBe(`${world.baseUrl}/account`);
    expect(complaints).toEqual([]);
    await leave();
  });
});
