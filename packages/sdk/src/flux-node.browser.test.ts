import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad } from '../../server/src/testing/browser.ts';
import { createFluxMfa, newEmail, PASSWORD, somebody } from '../../server/src/testing/index.ts';
import { plugInDevice } from '../../server/src/testing/passkey-device.ts';
import { type ExampleApp, heading, press, startExampleApp } from './testing/example-app.ts';

describe('the example app in a real browser', () => {
  let browser: Browser;
  let app: ExampleApp;
  beforeAll(async () => {
    browser = await launchBrowser();
    app = await startExampleApp(browser);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  it('signs up, out and in with a password, and keeps the token where no script reads it', async () => {
    await app.visit(async ({ page, context }) => {
      const email = await app.signUp(page);
      expect(await page.getByText(email).isVisible()).toBe(true);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ name: 'flux_session', httpOnly: true, sameSite: 'Lax' });
      expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe(
        '[{},{}]',
      );
      await press(page, 'Sign out');
      await heading(page, 'Welcome');
      expect(await context.cookies()).toEqual([]);
      await app.signIn(page, email, 'wrong horse battery');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/do not fit together/);
      await app.signIn(page, email);
      await heading(page, 'Signed in');
    });
  });

  it.each([
    ['as browsers do today', ''],
    [
      'in a browser that knows no JSON of passkeys',
      'for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"]) delete PublicKeyCredential[name]; delete PublicKeyCredential.prototype.toJSON;',
    ],
  ])('makes a passkey, and signs in with it alone, which shows two factors: %s', async (_how, script) => {
    await app.visit(async ({ page }) => {
      await page.addInitScript(script);
      await app.signUp(page);
      await page.goto('/security');
      await plugInDevice(page);
      await page.getByLabel('Name of this device').fill('Laptop <1>');
      await press(page, 'Add a passkey');
      await page.getByRole('button', { name: 'Delete Laptop <1>' }).waitFor();
      await press(page, 'Sign out');
      await page.goto('/sign-in');
      await press(page, 'Use a passkey');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);
    });
  });

  it('signs in by a mailed link in a new tab, and leaves its token in no address', async () => {
    await app.visit(async ({ page, context }) => {
      const email = newEmail();
      await app.askForLink(page, email);
      const tab = await context.newPage();
      await app.openMail(tab);
      await heading(tab, 'Signed in');
      expect(await tab.getByText(email).isVisible()).toBe(true);
      expect(await tab.getByText('magic link').isVisible()).toBe(true);
      expect(await tab.evaluate('location.href')).toBe(`${app.url}/`);
      expect(await tab.evaluate('JSON.stringify({ ...localStorage })')).toBe('{}');
    });
  });

  it('signs nobody in where a link was only opened: the code works where it was asked for', async () => {
    await app.visit(async ({ page }) => {
      const email = newEmail();
      await app.askForLink(page, email);
      await app.visit(async ({ page: other, context }) => {
        const text = await app.openMail(other);
        const alert = other.getByRole('alert');
        await alert.waitFor();
        expect(await alert.innerText()).toMatch(/another browser/);
        expect(await context.cookies(app.url)).toEqual([]);
        await page.getByLabel('Code').fill('000000');
        await press(page, 'Go on');
        await page.getByRole('alert').waitFor();
        await page.getByLabel('Code').fill(/\b\d{6}\b/.exec(text)?.[0] ?? '');
        await press(page, 'Go on');
        await heading(page, 'Signed in');
      });
    });
  });

  it('confirms an address by a mailed link', async () => {
    await app.visit(async ({ page }) => {
      await app.signUp(page);
      await press(page, 'Send a mail to confirm the address');
      await page.getByText('A mail is on its way.').waitFor();
      await app.openMail(page);
      await page.getByText('Your address is confirmed.').waitFor();
      await page.getByRole('link', { name: 'Go on' }).click();
      await page.getByText('confirmed', { exact: true }).waitFor();
    });
  });

  it('gives a new password by mail', async () => {
    await app.visit(async ({ page }) => {
      const email = await app.signUp(page);
      await press(page, 'Sign out');
      await page.goto('/forgot');
      await page.getByLabel('E-mail address').fill(email);
      await press(page, 'Send a link');
      await page.getByText('a mail is on its way').waitFor();
      await app.openMail(page);
      await page.getByLabel('New password').fill('short');
      await press(page, 'Save and sign in');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('New password').fill('plum anvil quiet harbour');
      await press(page, 'Save and sign in');
      await heading(page, 'Signed in');
    });
  });

  it('signs in at a provider, and says when that was refused there', async () => {
    await app.visit(async ({ page, context }) => {
      const person = somebody();
      app.google.play(null);
      await page.goto('/sign-in');
      await press(page, 'Continue with Google');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/you, or they, said no/);
      expect(page.url()).toBe(`${app.url}/arrive`);
      app.google.play(person);
      await page.goto('/sign-in');
      await press(page, 'Continue with Google');
      await heading(page, 'Signed in');
      expect(await page.getByText(String(person['email'])).isVisible()).toBe(true);
      expect((await context.cookies(app.url)).map(({ name }) => name)).toContain('flux_session');
      // Somebody else's answer, slipped in.
      await page.goto('/arrive?code=THEIRS&state=theirs');
      await page.getByRole('alert').waitFor();
      expect(page.url()).toBe(`${app.url}/arrive`);
    });
  });

  it("signs in on the server's own pages, and comes back", async () => {
    await app.visit(async ({ page }) => {
      const email = await app.signUp(page);
      await press(page, 'Sign out');
      await page.goto('/sign-in');
      await press(page, 'Use the page of the server');
      await page.waitForURL(`${app.world.baseUrl}/p/${app.project.id}/sign-in**`);
      await page.getByLabel('E-mail address').first().fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Signed in');
      expect(page.url()).toBe(`${app.url}/`);
    });
  });

  it('sets up an authenticator app, owes it after the password, and opens nothing before it is shown', async () => {
    await app.visit(async ({ page }) => {
      const kit = createFluxMfa(app.world, app.project);
      const email = await app.signUp(page);
      await page.goto('/security');
      await press(page, 'Add an authenticator app');
      const secret = await page.locator('code').innerText();
      await page.getByLabel('Code').fill('000000');
      await press(page, 'Confirm');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Code').fill(kit.codeAt(secret));
      await press(page, 'Confirm');
      await heading(page, 'Recovery codes');
      const spare = await page.locator('.codes code').first().innerText();
      await page.getByRole('link', { name: 'I have kept them' }).click();
      await page.getByText('Recovery codes left: 10').waitFor();
      app.world.clock.advance(30_000);

      await press(page, 'Sign out');
      await app.signIn(page, email);
      await heading(page, 'One more step');
      for (const closed of ['/', '/security']) {
        await page.goto(closed);
        expect(new URL(page.url()).pathname).toBe('/mfa');
      }
      await page.getByLabel('Code', { exact: true }).fill('000000');
      await press(page, 'Confirm');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Code', { exact: true }).fill(kit.codeAt(secret));
      await press(page, 'Confirm');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);

      await press(page, 'Sign out');
      await app.signIn(page, email);
      await page.getByText('Use a recovery code').click();
      await page.getByLabel('Recovery code').fill(spare);
      await press(page, 'Use it');
      await heading(page, 'Signed in');
    });
  });

  it('asks for the first factor where the project demands one, and lets who has set it up go on', async () => {
    await app.project.change({ mfa: { required: true } });
    try {
      await app.visit(async ({ page }) => {
        await page.goto('/sign-up');
        await page.getByLabel('E-mail address').fill(newEmail());
        await page.getByLabel('Password').fill(PASSWORD);
        await press(page, 'Sign up');
        await heading(page, 'One more step');
        expect(await looksBad(page, 'flux-node-owed-first', [320])).toEqual([]);
        await press(page, 'Add an authenticator app');
        const secret = await page.locator('code').innerText();
        await page.getByLabel('Code').fill(createFluxMfa(app.world, app.project).codeAt(secret));
        await press(page, 'Confirm');
        await page.getByRole('link', { name: 'I have kept them' }).click();
        await heading(page, 'Security');
      });
    } finally {
      await app.project.change({ mfa: { required: false } });
    }
  });

  it('pays an owed factor by a passkey', async () => {
    await app.visit(async ({ page }) => {
      const email = await app.signUp(page);
      await page.goto('/security');
      await plugInDevice(page);
      await press(page, 'Add a passkey');
      await page.getByRole('button', { name: 'Delete This device' }).waitFor();
      await press(page, 'Sign out');
      await app.signIn(page, email);
      await heading(page, 'One more step');
      await press(page, 'Use a passkey');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);
    });
  });

  it('signs out everywhere: the other browser at its next step', async () => {
    await app.visit(async ({ page }) => {
      const email = await app.signUp(page);
      await app.visit(async ({ page: other }) => {
        await app.signIn(other, email);
        await heading(other, 'Signed in');
        await press(page, 'Sign out everywhere');
        await heading(page, 'Welcome');
        await other.goto('/');
        await heading(other, 'Welcome');
        await app.signIn(other, email);
        await heading(other, 'Signed in');
      });
    });
  });

  it('looks right at all widths, light and dark, and breaks no rule of WCAG', {
    timeout: 120_000,
  }, async () => {
    await app.visit(async ({ page }) => {
      await page.goto('/');
      expect(await looksBad(page, 'flux-node-welcome')).toEqual([]);
      await page.goto('/sign-in');
      expect(await looksBad(page, 'flux-node-sign-in')).toEqual([]);
      for (const name of ['sign-up', 'forgot', 'arrive?code=x&state=y']) {
        await page.goto(`/${name}`);
        if (name.startsWith('arrive')) await page.getByRole('alert').waitFor();
        expect(await looksBad(page, `flux-node-${name.slice(0, 6)}`)).toEqual([]);
      }
      const email = await app.signUp(page, `${'long.address.'.repeat(3)}${newEmail()}`);
      expect(await looksBad(page, 'flux-node-home')).toEqual([]);
      await page.goto('/security');
      expect(await looksBad(page, 'flux-node-security')).toEqual([]);
      await press(page, 'Add an authenticator app');
      expect(await looksBad(page, 'flux-node-enrol')).toEqual([]);
      const kit = createFluxMfa(app.world, app.project);
      await page.getByLabel('Code').fill(kit.codeAt(await page.locator('code').innerText()));
      await press(page, 'Confirm');
      expect(await looksBad(page, 'flux-node-codes')).toEqual([]);
      await press(page, 'Sign out');
      await app.signIn(page, email);
      await heading(page, 'One more step');
      await page.getByText('Use a recovery code').click();
      expect(await looksBad(page, 'flux-node-owed')).toEqual([]);
    });
  });
});
