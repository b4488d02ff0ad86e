import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../server/src/testing/browser.ts';
import { DIALECTS, FlectoCaller, PASSWORD } from '../../server/src/testing/index.ts';
import { button, confirmIdentity, createConsole, dialog, heading, link } from './testing/console-visit.ts';

const SHAPE = /^flecto_[A-Za-z0-9_-]{43}$/;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(DIALECTS)('the console’s API tokens on %s', (dialect) => {
  let place: Awaited<ReturnType<typeof createConsole>>;
  beforeAll(async () => {
    place = await createConsole(browser, dialect);
  });
  afterAll(() => place.world.close());

  it('creates a token as the documents say, which opens what its rows name until it is deleted [A7, case 14, case 22]', async () => {
    const site = await place.newSite(1);
    const name = place.newName();
    await place.visit('/', async (page) => {
      await link(page, 'Settings').click();
      await page.getByRole('main').getByRole('link', { name: 'API Tokens', exact: true }).first().click();
      await heading(page, 'API Token Management').waitFor();
      await link(page, 'Create Token').click();
      await heading(page, 'Create Token').waitFor();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('Agent’s namespace').fill(site.namespace);
      await page.getByLabel('Agent’s project').fill(site.site);
      await button(page, 'Agent').click();
      const rows = page.getByRole('table', { name: 'Resource permissions' });
      await expect.poll(() => rows.getByRole('row').count()).toBe(4);
      await button(page, 'Create Token').click();
      await confirmIdentity(page);

      await heading(page, 'Token Created').waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Token Created');
      const plain = (await page.locator('.secret').textContent()) ?? '';
      expect(plain).toMatch(SHAPE);
      await button(page, 'Copy token').click();
      await page.getByText('Copied', { exact: true }).waitFor();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(plain);
      expect(page.url()).not.toContain('flecto_');

      const agent = new FlectoCaller(place.world, { ...site, token: plain });
      const statuses = async () =>
        Object.values(await agent.everything()).map((reply: { status: number }) => reply.status);
      expect(await statuses()).toEqual([200, 200, 200, 200, 200]);

      await button(page, 'Done').click();
      await heading(page, 'API Token Management').waitFor();
      await page.getByLabel('Find tokens').fill(name);
      await page.getByText('1 token', { exact: true }).waitFor();
      const row = page.getByRole('row', { name: new RegExp(name) });
      expect(await row.textContent()).toContain(`${plain.slice(0, 11)}...${plain.slice(-4)}`);
      await link(page, name).click();
      await heading(page, name).waitFor();
      await page.getByRole('button', { name: /^Remove row \d: .* redirect read$/ }).click();
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.textContent))
        .toBe('Add resource permission');
      await page.getByText('Not saved yet').waitFor();
      await button(page, 'Save Changes').click();
      await page.getByText('The changes are saved.', { exact: false }).waitFor();
      expect(await statuses()).toEqual([200, 403, 200, 200, 200]);

      await button(page, 'Delete Token').click();
      await dialog(page).getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Delete Token');
      expect((await agent.version()).status).toBe(200);
      await button(page, 'Delete Token').click();
      await dialog(page).getByRole('button', { name: 'Delete Token' }).click();
      await page.getByText(`The token ${name} is deleted.`).waitFor();
      await heading(page, 'API Token Management').waitFor();
      expect(await statuses()).toEqual([401, 401, 401, 401, 401]);
      await expect.poll(() => page.getByRole('row', { name: new RegExp(name) }).count()).toBe(0);
    });
  });

  it('shows a token once, and keeps it nowhere', async () => {
    const name = place.newName();
    await place.visit('/settings/tokens/new', async (page) => {
      const create = async () => {
        await page.getByLabel('Name', { exact: true }).fill(place.newName());
        await button(page, 'Create Token').click();
      };
      await page.getByLabel('Name', { exact: true }).fill(name);
      await button(page, 'Create Token').click();
      await confirmIdentity(page);
      const plain = (await page.locator('.secret').textContent()) ?? '';
      expect(plain).toMatch(SHAPE);
      const kept = () =>
        page.evaluate(
          () =>
            JSON.stringify([
              { ...localStorage },
              { ...sessionStorage },
              history.state,
              location.href,
              document.cookie,
            ]) + document.body.innerHTML,
        );
      await button(page, 'Done').click();
      await heading(page, 'API Token Management').waitFor();
      expect(await kept()).not.toContain(plain);
      await page.goBack();
      await page.waitForURL((url) => !url.pathname.endsWith('/settings/tokens'));
      expect(await kept()).not.toContain(plain);

      await page.goto('/console/settings/tokens/new');
      await create();
      await page.locator('.secret').waitFor();
      await page.reload();
      await heading(page, 'Create Token').waitFor();
      expect(await page.locator('.secret').count()).toBe(0);
      expect(await page.content()).not.toMatch(/flecto_[A-Za-z0-9_-]{43}/);
      // Left for another page and come back to.
      await create();
      await page.locator('.secret').waitFor();
      await page.goto('/account');
      await page.goBack();
      await heading(page, 'Create Token').waitFor();
      expect(await page.locator('.secret').count()).toBe(0);
    });
  });

  it('makes a token for who has nothing but a keyboard', async () => {
    const name = place.newName();
    await place.visit('/settings/tokens', async (page) => {
      /** Forward from wherever the focus is, as somebody would. */
      const tabTo = async (target: Locator) => {
        for (let presses = 0; presses < 40; presses++) {
          await page.keyboard.press('Tab');
          if (await target.evaluate((element) => element === document.activeElement)) return;
        }
        throw new Error(`Tab never reaches ${target}`);
      };
      await heading(page, 'API Token Management').waitFor();
      await tabTo(link(page, 'Create Token'));
      await page.keyboard.press('Enter');
      await page.getByLabel('Name', { exact: true }).waitFor();
      await tabTo(page.getByLabel('Name', { exact: true }));
      await page.keyboard.type(name);
      await tabTo(button(page, 'Agent'));
      await page.keyboard.press('Enter');
      await tabTo(button(page, 'Add admin permission'));
      await page.keyboard.press('Enter');
      const section = page.getByLabel('Section, row 1');
      await expect.poll(() => section.evaluate((element) => element === document.activeElement)).toBe(true);
      await tabTo(page.getByRole('button', { name: 'Remove row 1: * read', exact: true }));
      await page.keyboard.press('Enter');
      await tabTo(button(page, 'Create Token'));
      await page.keyboard.press('Enter');
      const password = dialog(page).getByLabel('Password');
      await expect.poll(() => password.evaluate((element) => element === document.activeElement)).toBe(true);
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await heading(page, 'Token Created').waitFor();
      await tabTo(button(page, 'Copy token'));
      await page.keyboard.press('Enter');
      await page.getByText('Copied', { exact: true }).waitFor();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(SHAPE);
      await tabTo(button(page, 'Done'));
      await page.keyboard.press('Enter');
      await page.getByRole('row', { name: new RegExp(`${name}.*3 resources`) }).waitFor();
    });
  });

  it('lists ten tokens a page, says which are over, and finds them by name or preview', async () => {
    for (let number = 0; number < 11; number++) await place.newToken([]);
    const token = await place.tokenOf({ expiresAt: place.world.clock.now() - 1_000 });
    await place.visit('/settings/tokens', async (page) => {
      const rows = page.getByRole('table', { name: 'API tokens' }).getByRole('row');
      await expect.poll(() => rows.count()).toBe(11);
      await button(page, 'Load more').click();
      await expect.poll(() => rows.count()).toBeGreaterThan(12);
      await page.getByLabel('Find tokens').fill(token.preview.slice(-4));
      await page.getByRole('row', { name: new RegExp(`${token.name} ?Expired`) }).waitFor();
      await page.getByLabel('Find tokens').fill('no such thing');
      await page.getByText('No token matches “no such thing”').waitFor();
    });
  });

  it('tells in words what is refused: a name in use, a row of more than one’s own', async () => {
    const taken = place.newName();
    await place.tokenOf({ name: taken });
    const email = await place.administrator({ admin: [{ section: 'tokens', action: '*' }] });
    await place.visit(
      '/settings/tokens/new',
      async (page) => {
        await page.getByLabel('Name', { exact: true }).fill(taken);
        await button(page, 'Create Token').click();
        await confirmIdentity(page);
        await page.getByText('There is a token of this name already.').waitFor();
        await page.getByLabel('Name', { exact: true }).fill(place.newName());
        await button(page, 'Add admin permission').click();
        await page.getByLabel('Section, row 1').selectOption('users');
        await button(page, 'Create Token').click();
        await page.getByText('You cannot grant a permission that you do not hold yourself').waitFor();
        expect(await page.locator('.secret').count()).toBe(0);
      },
      email,
    );
  });
});
