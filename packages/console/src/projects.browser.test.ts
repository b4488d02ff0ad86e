import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad } from '../../server/src/testing/browser.ts';
import {
  codeOf,
  createFluxProject,
  type FluxHanded,
  type FluxProject,
  handed,
} from '../../server/src/testing/flux-kit.ts';
import { DIALECTS, newEmail, PASSWORD } from '../../server/src/testing/index.ts';
import { button, confirmIdentity, createConsole, dialog, heading, link } from './testing/console-visit.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const toggle = (page: Page, name: string) => page.getByRole('switch', { name, exact: true });
const said = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

describe.each(DIALECTS)('the console’s projects on %s', (dialect) => {
  let place: Awaited<ReturnType<typeof createConsole>>;
  beforeAll(async () => {
    place = await createConsole(browser, dialect);
  });
  afterAll(() => place.world.close());

  /** Opens a page of a project, with the proof given that every write needs. */
  async function open(flux: FluxProject, tab: string, work: (page: Page) => Promise<void>): Promise<void> {
    await place.visit(`/projects/${flux.id}${tab}`, async (page) => {
      await heading(page, 'App').waitFor();
      await work(page);
    });
  }

  it('makes a project, and a key of it that signs people up [FX-01, FX-03]', async () => {
    const name = place.newName();
    await place.visit('/', async (page) => {
      await link(page, 'Projects').click();
      await heading(page, 'Projects').waitFor();
      await button(page, 'Create project').click();
      await page.getByLabel('Name', { exact: true }).fill(`The Shop ${name}`);
      expect(await page.getByLabel('Short name').inputValue()).toBe(`the-shop-${name}`);
      await page.getByLabel('Short name').fill('default');
      await dialog(page).getByRole('button', { name: 'Create project' }).click();
      await confirmIdentity(page);
      await page.getByText('There is a project of this short name already.').waitFor();
      await page.getByLabel('Short name').fill(name);
      await dialog(page).getByRole('button', { name: 'Create project' }).click();
      await heading(page, `The Shop ${name}`).waitFor();
      await page.getByText("const flux = Flux.init('flux_sk_…');").waitFor();
      const { id } = await place.world.instance.projects.read({ slug: name });
      const { publicUrl } = place.world.config;
      for (const value of [id, `${publicUrl}/flux/v1/projects/${id}`, `${publicUrl}/p/${id}/sign-in`])
        await page.getByText(value, { exact: true }).waitFor();

      await link(page, 'Keys').click();
      await page.getByText('No keys yet').waitFor();
      await button(page, 'Create key').click();
      await page.getByLabel('Name', { exact: true }).fill('pages');
      await page.getByLabel('Publishable').check();
      await dialog(page).getByRole('button', { name: 'Create key' }).click();
      await heading(page, 'The key pages').waitFor();
      const plain = (await page.locator('.secret').textContent()) ?? '';
      await button(page, 'Copy key').click();
      await page.getByText('Copied', { exact: true }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(plain);
      const body = { email: newEmail(), password: PASSWORD };
      const signUp = await place.world
        .client()
        .post('/flux/v1/sign_up', body, { 'x-flux-publishable-key': plain });
      expect(handed(signUp).user.email).toBe(body.email);

      await button(page, 'Done').click();
      await page.getByRole('row', { name: /pages.*Publishable/ }).waitFor();
      expect(await page.content()).not.toContain(plain);
      await page.reload();
      await page.getByRole('row', { name: /pages.*Publishable/ }).waitFor();
      expect(await page.content()).not.toContain(plain);
    });
  });

  it('shows what happened to a project and leads to whom it happened to', async () => {
    const flux = await createFluxProject(place.world);
    const { user } = await flux.signUp();
    await open(flux, '', async (page) => {
      await link(page, 'Audit').last().click();
      const row = page.getByRole('row', { name: /registration\.completed/ });
      await row.getByRole('link', { name: user.id }).click();
      await page
        .getByText(user.email ?? '')
        .first()
        .waitFor();
      expect(new URL(page.url()).pathname).toBe(`/console/projects/${flux.id}/users/${user.id}`);
    });
  });

  it('switches a way to sign in off at once, by keyboard, and back on [FX-04]', async () => {
    const flux = await createFluxProject(place.world);
    const { user } = await flux.signUp();
    const signIn = () => flux.page('/sign_in/password', { email: user.email, password: PASSWORD });
    await open(flux, '', async (page) => {
      await link(page, 'Auth settings').click();
      await toggle(page, 'E-mail and password').focus();
      await page.keyboard.press('Space');
      await dialog(page).filter({ hasText: 'Confirm it is you' }).waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
      expect((await signIn()).status).toBe(200);
      expect(await toggle(page, 'E-mail and password').isChecked()).toBe(true);

      await toggle(page, 'E-mail and password').press('Space');
      await confirmIdentity(page);
      await said(page, 'E-mail and password is switched off.');
      const refused = await signIn();
      expect([refused.status, codeOf(refused)]).toEqual([403, 'method_disabled']);
      expect(await toggle(page, 'E-mail and password').isChecked()).toBe(false);

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
    await open(flux, '/settings', async (page) => {
      const google = page.getByRole('region', { name: 'Set up Google' });
      await toggle(page, 'Google').click();
      await confirmIdentity(page);
      await said(page, 'Google is switched on.');
      await page.getByText('Needs credentials').waitFor();
      expect(await isOn()).toBe(false);

      const callback = `${place.world.config.publicUrl}/flux/v1/oauth/google/callback`;
      expect(await google.getByLabel('Callback address', { exact: true }).inputValue()).toBe(callback);
      await google.getByLabel('Client id').fill('shop.apps.example');
      await google.getByLabel('Client secret').fill(secret);
      await button(page, 'Save Google').click();
      await page.getByText('Needs credentials').waitFor({ state: 'detached' });
      expect(await isOn()).toBe(true);
      expect(await google.getByLabel('Client secret').inputValue()).toBe('');

      await page.reload();
      await button(page, 'Set up Google').click();
      expect(await google.getByLabel('Client id').inputValue()).toBe('shop.apps.example');
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
    await open(flux, '/settings', async (page) => {
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
      expect(await page.getByText(problem).count()).toBe(0);

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
    await open(flux, '/settings', async (page) => {
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
    await open(flux, '/settings', async (page) => {
      const branding = page.getByRole('region', { name: 'Branding' });
      await branding.getByLabel('Name').fill('Café <b>');
      await branding.getByLabel('Colour', { exact: true }).fill('#ffee00');
      await branding.getByText('Sign in to Café <b>').waitFor();
      const painted = await page
        .locator('.brand-button')
        .evaluate((element) => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color]);
      expect(painted).toEqual(['rgb(255, 238, 0)', 'rgb(0, 0, 0)']);
      await branding.getByRole('button', { name: 'Save' }).click();
      await confirmIdentity(page);
      await heading(page, 'Café <b>').waitFor();
      const { name, settings } = await place.world.instance.projects.read({ id: flux.id });
      expect([name, settings.branding.color]).toEqual(['Café <b>', '#ffee00']);
    });
  });

  it('rotates a key, whose former works for the grace, and revokes one at once [FX-02]', async () => {
    const flux = await createFluxProject(place.world);
    const { token } = await flux.signUp();
    const verify = async (key: string) =>
      (
        await place.world.client().post(
          '/flux/v1/sessions/verify',
          { token },
          {
            authorization: `Bearer ${key}`,
          },
        )
      ).status;
    const old = flux.keys.secret;
    const row = (preview: string) => page.getByRole('row', { name: new RegExp(preview.slice(-4)) });
    let page: Page;
    await open(flux, '/keys', async (opened) => {
      page = opened;
      await row(old.key.preview).getByRole('button', { name: 'Rotate test' }).click();
      await page.getByLabel('The old key goes on working for').selectOption({ label: '1 hour' });
      await dialog(page).getByRole('button', { name: 'Rotate' }).click();
      await confirmIdentity(page);
      await heading(page, 'The key test').waitFor();
      const fresh = (await page.locator('.secret').textContent()) ?? '';
      expect([await verify(fresh), await verify(old.plain)]).toEqual([200, 200]);
      await row(old.key.preview).getByText('Replaced').waitFor();
      expect(await row(old.key.preview).getByRole('button', { name: 'Rotate test' }).count()).toBe(0);

      await row(fresh).getByRole('button', { name: 'Revoke test' }).click();
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
      await said(page, 'The key test is revoked.');
      expect([await verify(fresh), await verify(old.plain)]).toEqual([401, 200]);
    });
    place.world.clock.advance(3600_000);
    expect(await verify(old.plain)).toBe(401);
  });

  it('finds a user, ends their session, demands a factor, suspends and deletes them [FX-45, FX-65]', async () => {
    const flux = await createFluxProject(place.world);
    const { user, token } = await flux.signUp();
    for (let count = 0; count < 2; count += 1) await flux.signUp();
    await open(flux, '/users', async (page) => {
      await page.getByText('3 users', { exact: true }).waitFor();
      await page.getByLabel('Find users').fill(user.email);
      await page.getByText('1 user', { exact: true }).waitFor();
      await link(page, user.email).click();
      await heading(page, user.email).waitFor();
      await page
        .getByRole('table', { name: 'Open sessions' })
        .getByRole('button', { name: /^End the session/ })
        .click();
      await dialog(page).getByRole('button', { name: 'End session' }).click();
      await confirmIdentity(page);
      await page.getByText('This user is not signed in anywhere.').waitFor();
      expect(codeOf(await flux.verify(token))).toBe('session_revoked');

      const again = await flux.signIn(user.email);
      await toggle(page, 'Require a second factor').click();
      await said(page, `${user.email} owes a second factor now.`);
      expect(handed(await flux.verify(again.token)).session.mfa_required).toBe(true);

      await button(page, 'Suspend').click();
      await page.getByLabel('Reason (optional)').fill('Spam');
      await button(page, 'Suspend account').click();
      await page.getByText('Reason: Spam').waitFor();
      expect((await flux.verify(again.token)).status).toBe(401);
      await button(page, 'Restore').click();
      await button(page, 'Restore account').click();
      await said(page, `${user.email} can sign in again.`);
      expect((await flux.page('/sign_in/password', { email: user.email, password: PASSWORD })).status).toBe(
        200,
      );

      await button(page, 'Delete user').click();
      await dialog(page).getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('2 users', { exact: true }).waitFor();
    });
  });

  it('signs everybody out of one project and of no other, and rotates the signing key [FX-66]', async () => {
    const flux = await createFluxProject(place.world);
    const other = await createFluxProject(place.world);
    const inside: FluxHanded[] = [await flux.signUp(), await flux.signUp()];
    const outside = await other.signUp();
    await open(flux, '', async (page) => {
      await button(page, 'End all sessions').click();
      await dialog(page).getByRole('button', { name: 'End all sessions' }).click();
      await confirmIdentity(page);
      await said(page, '2 sessions ended.');
      for (const { token } of inside) expect(codeOf(await flux.verify(token))).toBe('session_revoked');
      expect((await other.verify(outside.token)).status).toBe(200);

      await page.goto('/console/projects');
      await button(page, 'Rotate signing key').click();
      await dialog(page).getByRole('button', { name: 'Rotate signing key' }).click();
      const signingKeys = page.getByRole('table', { name: /^Signing keys/ });
      await signingKeys.getByText('Next', { exact: true }).waitFor();
      expect((await other.verify(outside.token)).status).toBe(200);
    });
  });

  it('shows who may only read everything and lets them change nothing [J01]', async () => {
    const flux = await createFluxProject(place.world);
    const { user } = await flux.signUp();
    const email = await place.administrator({ admin: [{ section: 'auth-projects', action: 'read' }] });
    await place.visit(
      '/',
      async (page) => {
        await heading(page, 'Projects').waitFor();
        const main = page.getByRole('navigation', { name: 'Main' });
        expect(await main.getByRole('link').allTextContents()).toEqual(['Projects']);
        for (const tab of ['', '/settings', '/keys', '/users', `/users/${user.id}`]) {
          await page.goto(`/console/projects/${flux.id}${tab}`);
          await heading(page, 'App').waitFor();
          await page.locator('.skeleton').first().waitFor({ state: 'detached' });
          await page.getByText('Read Only', { exact: true }).waitFor();
          for (const shut of await page.getByRole('button', { name: /^Set up/ }).all()) await shut.click();
          const offered = await page.getByRole('main').getByRole('button').allTextContents();
          expect(
            offered.filter((text) => !/^(|Set up)$/.test(text)),
            tab,
          ).toEqual([]);
          const fields = page.locator('main :is(input, select):not([type="search"], [readonly])');
          for (const field of await fields.all()) expect(await field.isDisabled(), tab).toBe(true);
        }
      },
      email,
    );
  });

  it('is legible, accessible and obeys its policy at all widths and in both schemes [I01]', async () => {
    const flux = await createFluxProject(place.world, {
      settings: {
        methods: { google: true },
        redirect_urls: ['https://shop.example/signed-in', `https://shop.example/${'long'.repeat(40)}`],
        allowed_origins: ['https://shop.example'],
        branding: { color: '#0b7a4b', logo_url: `${place.world.baseUrl}/console/favicon.svg` },
      },
    });
    const { user } = await flux.signUp();
    await flux.signUp(`${'wolfeschlegelsteinhausenberger'.repeat(2)}@example.com`);
    await open(flux, '', async (page) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const bad: string[] = [];
      const look = async (name: string) => bad.push(...(await looksBad(page, `console-${name}`)));
      const goTo = async (path: string) => {
        await page.goto(`/console/projects${path}`);
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      };
      await goTo('');
      await page.getByRole('row', { name: /^App/ }).first().waitFor();
      await look('projects');
      await button(page, 'Create project').click();
      await look('project-create');
      await goTo('/proj_none');
      await page.getByText('No such project').waitFor();
      await look('project-lost');
      await goTo(`/${flux.id}`);
      await look('project-overview');
      await goTo(`/${flux.id}/settings`);
      for (const method of ['Passkey', 'Microsoft']) await button(page, `Set up ${method}`).click();
      await look('project-settings');
      await goTo(`/${flux.id}/users`);
      await look('project-users');
      await page.getByLabel('Find users').fill('nobody');
      await page.getByText('Nobody matches “nobody”').waitFor();
      await look('project-nobody');
      await goTo(`/${flux.id}/users/${user.id}`);
      await look('project-user');
      await goTo(`/${flux.id}/keys`);
      await button(page, 'Create key').click();
      await page.getByLabel('Name', { exact: true }).fill('shop-production');
      await look('project-new-key');
      await dialog(page).getByRole('button', { name: 'Create key' }).click();
      await confirmIdentity(page);
      await button(page, 'Copy key').waitFor();
      await look('project-keys');
      expect(bad).toEqual([]);
    });
  });
});
