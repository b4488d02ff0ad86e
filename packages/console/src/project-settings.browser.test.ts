import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../server/src/testing/browser.ts';
import { codeOf, createFluxProject, handed } from '../../server/src/testing/flux-kit.ts';
import { DIALECTS, PASSWORD } from '../../server/src/testing/index.ts';
import {
  button,
  confirmIdentity,
  createConsole,
  dialog,
  heading,
  link,
  said,
  toggle,
} from './testing/console-visit.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(DIALECTS)('the settings of the console’s projects on %s', (dialect) => {
  let place: Awaited<ReturnType<typeof createConsole>>;
  beforeAll(async () => {
    place = await createConsole(browser, dialect);
  });
  afterAll(() => place.world.close());

  it('switches a way to sign in off at once, by keyboard, and back on [FX-04]', async () => {
    const flux = await createFluxProject(place.world);
    const { user } = await flux.signUp();
    const signIn = () => flux.page('/sign_in/password', { email: user.email, password: PASSWORD });
    await place.visitProject(flux, '', async (page) => {
      await link(page, 'Auth settings').click();
      await toggle(page, 'E-mail and password').focus();
      await page.keyboard.press('Space');
      await dialog(page).filter({ hasText: 'Confirm it is you' }).waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
      expect((await signIn()).status).toBe(200);
      await expect.poll(() => toggle(page, 'E-mail and password').isChecked()).toBe(true);

      await toggle(page, 'E-mail and password').press('Space');
      await confirmIdentity(page);
      await said(page, 'E-mail and password is switched off.');
      const refused = await signIn();
      expect([refused.status, codeOf(refused)]).toEqual([403, 'method_disabled']);
      await expect.poll(() => toggle(page, 'E-mail and password').isChecked()).toBe(false);

      await toggle(page, 'E-mail and password').press('Space');
      await said(page, 'E-mail and password is switched on.');
      expect((await signIn()).status).toBe(200);
    });
  });

  it('sets up a provider, whose secret nobody reads again [FX-07]', async () => {
    const flux = await createFluxProject(place.world);
    const isOn = async () => {
      const { json } = await place.world.client().get('/flux/v1/settings', flux.asPage);
      return (json as { methods: { google: boolean } }).methods.google;
    };
    const secret = `s3cret-${place.newName()}`;
    await place.visitProject(flux, '/settings', async (page) => {
      const google = page.getByRole('region', { name: 'Set up Google' });
      await toggle(page, 'Google').click();
      await confirmIdentity(page);
      await said(page, 'Google is switched on.');
      await page.getByText('Needs credentials').waitFor();
      expect(await isOn()).toBe(false);

      const callback = `${place.world.config.publicUrl}/flux/v1/oauth/google/callback`;
      const shown = () => google.getByLabel('Callback address', { exact: true }).inputValue();
      expect(await shown()).toBe(callback);
      // It has to be registered at one's own server before there is anything to save.
      await google.locator('summary').click();
      await google.getByLabel('Issuer').fill('https://accounts.example.com');
      const own = callback.replace('/oauth/', `/projects/${flux.id}/oauth/`);
      expect(await shown()).toBe(own);
      await google.getByLabel('Issuer').fill('');
      expect(await shown()).toBe(callback);
      await google.getByLabel('Client id').fill('shop.apps.example');
      await google.getByLabel('Client secret').fill(secret);
      await button(page, 'Save Google').click();
      await page.getByText('Needs credentials').waitFor({ state: 'detached' });
      expect(await isOn()).toBe(true);
      await expect.poll(() => google.getByLabel('Client secret').inputValue()).toBe('');

      await page.reload();
      await button(page, 'Set up Google').click();
      await expect.poll(() => google.getByLabel('Client id').inputValue()).toBe('shop.apps.example');
      await google.getByText('A secret is kept. Type another to replace it.').waitFor();
      expect(await page.content()).not.toContain(secret);
      await google.getByLabel('Client id').fill('other.apps.example');
      await button(page, 'Save Google').click();
      await said(page, 'Saved.');
      expect(await isOn()).toBe(true);

      await button(page, 'Remove credentials').click();
      await dialog(page).getByRole('button', { name: 'Remove credentials' }).click();
      await said(page, 'The credentials of Google are removed.');
      expect(await isOn()).toBe(false);
    });
  });

  it('keeps what was typed when it is refused, and says what is wrong where', async () => {
    const flux = await createFluxProject(place.world);
    await place.visitProject(flux, '/settings', async (page) => {
      await button(page, 'Add redirect address').click();
      await page.getByLabel('Redirect address 1', { exact: true }).fill('https://shop.example/in');
      await button(page, 'Add redirect address').click();
      await page.getByLabel('Redirect address 2', { exact: true }).fill('http://shop.example/in');
      const addresses = page.getByRole('region', { name: 'Addresses' });
      await addresses.getByRole('button', { name: 'Save' }).click();
      await confirmIdentity(page);
      const problem = 'An https address without a fragment is needed.';
      await page.getByText(problem).waitFor();
      const second = page.getByLabel('Redirect address 2', { exact: true });
      expect(await second.getAttribute('aria-invalid')).toBe('true');
      expect(
        await page.getByLabel('Redirect address 1', { exact: true }).getAttribute('aria-invalid'),
      ).toBeNull();
      expect(await second.inputValue()).toBe('http://shop.example/in');
      await second.fill('https://shop.example/too');
      await addresses.getByRole('button', { name: 'Save' }).click();
      await said(page, 'Saved.');
      await page.getByText(problem).waitFor({ state: 'detached' });

      const sessions = page.getByRole('region', { name: 'Sessions' });
      await page.getByLabel('A token lives for', { exact: true }).fill('1');
      await page.getByLabel('A token lives for: unit').selectOption('minutes');
      await page.getByLabel('A session ends unused after').selectOption('hours');
      await sessions.getByRole('button', { name: 'Save' }).click();
      await page.getByText('From 5 minutes to 366 days.').waitFor();
      expect(await page.getByLabel('A token lives for', { exact: true }).inputValue()).toBe('1');
      await link(page, 'Keys').click();
      await dialog(page).filter({ hasText: 'Leave without saving?' }).waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
      expect(await page.getByLabel('A token lives for', { exact: true }).inputValue()).toBe('1');
      await page.getByLabel('A token lives for', { exact: true }).fill('90');
      await sessions.getByRole('button', { name: 'Save' }).click();
      await page.getByText('From 5 minutes to 366 days.').waitFor({ state: 'detached' });
      await sessions.getByText('Not saved yet').waitFor({ state: 'detached' });
      await link(page, 'Keys').click();
      await button(page, 'Create key').waitFor();

      const { settings } = await place.world.instance.projects.read({ id: flux.id });
      expect(settings.redirect_urls).toEqual(['https://shop.example/in', 'https://shop.example/too']);
      expect(settings.session).toMatchObject({ ttl_seconds: 5400, idle_seconds: 3600 });
      const { session } = await flux.signUp();
      expect(Date.parse(session.expires_at) - place.world.clock.now()).toBe(3600_000);
    });
  });

  it('demands a second factor of everybody, then refuses who owes it [FX-43, FX-48]', async () => {
    const flux = await createFluxProject(place.world);
    const { token } = await flux.signUp();
    await place.visitProject(flux, '/settings', async (page) => {
      const factor = page.getByRole('region', { name: 'Second factor' });
      const save = factor.getByRole('button', { name: 'Save' });
      await page.getByLabel('Authenticator app (TOTP)').uncheck();
      await page.getByLabel('Codes by SMS').uncheck();
      await page.getByText('At least one.').waitFor();
      await page.getByLabel('Authenticator app (TOTP)').check();
      await page.getByLabel('Required of everybody').check();
      await save.click();
      await confirmIdentity(page);
      await said(page, 'Saved.');
      expect(handed(await flux.verify(token)).session.mfa_required).toBe(true);
      await page.getByLabel('The session is refused').check();
      await save.click();
      await factor.getByText('Not saved yet').waitFor({ state: 'detached' });
      const refused = await flux.verify(token);
      expect([refused.status, codeOf(refused)]).toEqual([403, 'mfa_required']);
      const { settings } = await place.world.instance.projects.read({ id: flux.id });
      expect(settings.mfa).toMatchObject({ required: true, methods: ['totp'], owed: 'refuse' });
    });
  });

  it('paints the preview while it is chosen, and keeps the name and the colour', async () => {
    const flux = await createFluxProject(place.world);
    await place.visitProject(flux, '/settings', async (page) => {
      const branding = page.getByRole('region', { name: 'Branding' });
      await branding.getByLabel('Name').fill('Café <b>');
      await branding.getByLabel('Colour', { exact: true }).fill('#ffee00');
      await branding.getByText('Sign in to Café <b>').waitFor();
      const painted = () =>
        page
          .locator('.brand-button')
          .evaluate((element) => [
            getComputedStyle(element).backgroundColor,
            getComputedStyle(element).color,
          ]);
      await expect.poll(painted).toEqual(['rgb(255, 238, 0)', 'rgb(0, 0, 0)']);
      await branding.getByRole('button', { name: 'Save' }).click();
      await confirmIdentity(page);
      await heading(page, 'Café <b>').waitFor();
      const { name, settings } = await place.world.instance.projects.read({ id: flux.id });
      expect([name, settings.branding.color]).toEqual(['Café <b>', '#ffee00']);
    });
  });
});
