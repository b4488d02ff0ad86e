import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad } from '../../server/src/testing/browser.ts';
import { codeOf, createFluxProject, type FluxHanded, handed } from '../../server/src/testing/flux-kit.ts';
import { DIALECTS, newEmail, PASSWORD } from '../../server/src/testing/index.ts';
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

describe.each(DIALECTS)('the console’s projects on %s', (dialect) => {
  let place: Awaited<ReturnType<typeof createConsole>>;
  beforeAll(async () => {
    place = await createConsole(browser, dialect);
  });
  afterAll(() => place.world.close());

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
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(plain);
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
    await place.visitProject(flux, '', async (page) => {
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
    await place.visitProject(flux, '/keys', async (opened) => {
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
    await place.visitProject(flux, '/users', async (page) => {
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
    await place.visitProject(flux, '', async (page) => {
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

  it('is legible, accessible and obeys its policy at all widths and in both schemes [I01]', {
    timeout: 120_000,
  }, async () => {
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
    await place.visitProject(flux, '', async (page) => {
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
