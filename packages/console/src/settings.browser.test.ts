import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionsOfUser } from '../../server/src/core/access/index.ts';
import { launchBrowser, looksBad } from '../../server/src/testing/browser.ts';
import { DIALECTS, PASSWORD } from '../../server/src/testing/index.ts';
import {
  button,
  confirmIdentity,
  createConsole,
  dialog,
  heading,
  link,
  NOTHING,
  OPERATOR,
} from './testing/console-visit.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(DIALECTS)('the console’s roles, users and namespaces on %s', (dialect) => {
  let place: Awaited<ReturnType<typeof createConsole>>;
  beforeAll(async () => {
    place = await createConsole(browser, dialect);
  });
  afterAll(() => place.world.close());

  it('shows an administrator who may only read no button that writes [J01]', async () => {
    const token = await place.tokenOf({
      permissions: {
        admin: [],
        resources: [{ namespace: 'a', site: 'b', resource: 'page', action: 'read' }],
      },
    });
    const code = await place.newRole(NOTHING);
    const { userId } = await place.world.person({ global_name: 'Seen' });
    const email = await place.administrator({ admin: [{ section: '*', action: 'read' }] });
    const places: [string, string][] = [
      ['/settings/tokens', 'API Token Management'],
      [`/settings/tokens/${token.id}`, token.name],
      ['/settings/roles', 'Roles'],
      [`/settings/roles/${code}`, code],
      ['/settings/namespaces', 'Namespaces'],
      ['/', 'Users'],
      [`/users/${userId}`, 'Seen'],
    ];
    await place.visit(
      '/settings/tokens',
      async (page) => {
        for (const [address, title] of places) {
          await page.goto(`/console${address}`);
          await heading(page, title).waitFor();
          await page.locator('.skeleton').first().waitFor({ state: 'detached' });
          const offered = await page.getByRole('main').getByRole('button').allTextContents();
          expect(
            offered.filter((text) => !/^(|Load more)$/.test(text)),
            address,
          ).toEqual([]);
          expect(await page.getByRole('link', { name: /^Create/ }).count(), address).toBe(0);
          const isOne = address.split('/').length > (address.startsWith('/settings') ? 3 : 2);
          expect(await page.getByText('Read Only', { exact: true }).count(), address).toBe(isOne ? 1 : 0);
        }
      },
      email,
    );
  });

  it('opens to who may only see tokens just those [J01]', async () => {
    const email = await place.administrator({ admin: [{ section: 'tokens', action: 'read' }] });
    await place.visit(
      '/',
      async (page) => {
        await heading(page, 'Settings').waitFor();
        const main = page.getByRole('navigation', { name: 'Main' });
        expect(await main.getByRole('link').allTextContents()).toEqual(['Settings']);
        const settings = page.getByRole('navigation', { name: 'Settings' });
        expect(await settings.getByRole('link').allTextContents()).toEqual(['API Tokens']);
        await settings.getByRole('link').click();
        await heading(page, 'API Token Management').waitFor();
        await page.goto('/console/settings/roles');
        await page.getByText('Your account does not hold the permission this needs.').waitFor();
      },
      email,
    );
  });

  it('creates a role, gives it to somebody whose next request follows, and deletes it [J02, J06]', async () => {
    const code = place.newName();
    const person = await place.world.person({ global_name: 'Margaret' });
    await place.visit('/settings/roles', async (page) => {
      await link(page, 'Create Role').click();
      await page.getByLabel('Code').fill(code);
      await button(page, 'Add admin permission').click();
      await page.getByLabel('Section, row 1').selectOption('audit');
      await button(page, 'Create Role').click();
      await confirmIdentity(page);
      await heading(page, code).waitFor();
      const held = async () => await permissionsOfUser(place.world.instance.storage.db, person.userId);
      expect((await held()).admin).toEqual([]);

      await page.getByLabel('Add a member').fill(person.email);
      await button(page, 'Add Margaret').click();
      await page.getByText('Margaret has the role now.').waitFor();
      await page.getByRole('table', { name: 'Members' }).getByRole('link', { name: 'Margaret' }).waitFor();
      expect((await held()).admin).toEqual([{ section: 'audit', action: 'read' }]);

      await page.getByLabel('Action, admin row 1').selectOption('*');
      await button(page, 'Save Changes').click();
      await page.getByText('The changes are saved.', { exact: false }).waitFor();
      expect((await held()).admin).toEqual([{ section: 'audit', action: '*' }]);

      // There and back: what is offered to be replaced is what is kept now.
      await link(page, 'Margaret').click();
      await page.getByRole('list', { name: 'By roles' }).getByText('audit *').waitFor();
      await button(page, `Remove the role ${code}`).waitFor();
      await link(page, code).click();
      await heading(page, code).waitFor();
      await button(page, 'Remove Margaret').click();
      await page.getByText('Margaret no longer has the role.').waitFor();
      expect((await held()).admin).toEqual([]);
      await page.goBack();
      await heading(page, 'Margaret').waitFor();
      await page.getByText('No roles.').waitFor();
      await button(page, `Remove the role ${code}`).waitFor({ state: 'detached' });
      await page.goForward();
      await button(page, 'Delete Role').click();
      await dialog(page).getByRole('button', { name: 'Delete Role' }).click();
      await page.getByText(`The role ${code} is deleted.`).waitFor();
      await heading(page, 'Roles').waitFor();
      await link(page, code).waitFor({ state: 'detached' });
    });
  });

  it('makes an account that signs in by its name, gives it rights and a role, another password, and deletes it', async () => {
    const code = await place.newRole({ admin: [{ section: 'audit', action: 'read' }], resources: [] });
    const loginName = place.newName();
    const signIn = async (password: string) =>
      (await place.world.client().post('/auth/login', { username: loginName, password })).status;
    await place.visit('/', async (page) => {
      await link(page, 'Create user').click();
      await heading(page, 'Create user').waitFor();
      await button(page, 'Create user').click();
      await confirmIdentity(page);
      await page.locator('.field-error').first().waitFor();
      await page.getByLabel('Login name').fill(loginName);
      await page.getByLabel('Display name (optional)').fill('Katherine');
      await page.getByLabel('Password (optional)').fill(PASSWORD);
      await page.getByLabel('Role', { exact: true }).fill(code);
      await button(page, 'Add role').click();
      await button(page, 'Create user').click();
      await heading(page, 'Katherine').waitFor();
      expect(await signIn(PASSWORD)).toBe(200);

      // What the role gives is seen beside the rows of their own, which are none.
      await page.getByRole('list', { name: 'By roles' }).getByText('audit read').waitFor();
      await button(page, 'Add resource permission').click();
      await page.getByLabel('Namespace, row 1').fill('prod');
      await button(page, `Remove the role ${code}`).click();
      await button(page, 'Save Changes').click();
      await page.getByText('The changes are saved.', { exact: false }).waitFor();
      await page.getByRole('list', { name: 'By roles' }).waitFor({ state: 'detached' });
      const userId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await permissionsOfUser(place.world.instance.storage.db, userId)).toEqual({
        admin: [],
        resources: [{ namespace: 'prod', site: '*', resource: '*', action: 'read' }],
      });

      const other = 'quiet-otter-climbs-47';
      await button(page, 'Set password').click();
      await dialog(page).getByLabel('New password').fill('short');
      await dialog(page).getByRole('button', { name: 'Set password' }).click();
      await page.getByText('The password is too short', { exact: false }).waitFor();
      await dialog(page).getByLabel('New password').fill(other);
      await dialog(page).getByRole('button', { name: 'Set password' }).click();
      await page.getByText('Katherine has a new password.').waitFor();
      expect([await signIn(PASSWORD), await signIn(other)]).toEqual([401, 200]);

      await button(page, 'Delete user').click();
      await dialog(page).getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('Katherine is deleted.').waitFor();
      await heading(page, 'Users').waitFor();
      expect(await signIn(other)).toBe(401);
    });
  });

  it('keeps the last administrator, and says so', async () => {
    await place.visit('/', async (page) => {
      await page.getByRole('table').getByRole('link', { name: 'Root', exact: true }).click();
      await heading(page, 'Root').waitFor();
      await page.getByRole('button', { name: /^Remove row 1: \* \*$/ }).click();
      await button(page, 'Save Changes').click();
      await confirmIdentity(page);
      await page.getByText('Nobody would be left who may administer everything.', { exact: false }).waitFor();
      expect(await button(page, 'Delete user').count()).toBe(0);
    });
  });

  it('makes a namespace and a project, publishes it, and shows its agents', async () => {
    const namespace = place.newName();
    const site = await place.newSite(1);
    await place.visit('/settings/namespaces', async (page) => {
      await button(page, 'Create namespace').click();
      await dialog(page).getByLabel('Code').fill(namespace);
      await dialog(page).getByRole('button', { name: 'Create namespace' }).click();
      await confirmIdentity(page);
      await link(page, namespace).click();
      await button(page, 'Create project').click();
      await dialog(page).getByLabel('Code').fill('my-site');
      await dialog(page).getByRole('button', { name: 'Create project' }).click();
      await link(page, 'my-site').click();
      await button(page, 'Publish').click();
      await dialog(page).getByRole('button', { name: 'Publish' }).click();
      await page.getByText('Version 2 is published.').waitFor();
      await page.getByText('No agents yet').waitFor();

      const at = `/console/settings/namespaces/${site.namespace}/projects/${site.site}`;
      await page.goto(at);
      await page.getByRole('row', { name: /edge.*success/ }).waitFor();
      expect(await page.getByText('Offline', { exact: true }).count()).toBe(0);
    });
    place.world.clock.advance(7 * 3_600_000);
    await place.visit(`/settings/namespaces/${site.namespace}/projects/${site.site}`, async (page) => {
      await page.getByRole('row', { name: /edge.*Offline/ }).waitFor();
    });
  });

  it('is legible and accessible at all widths in both colours [I01]', async () => {
    const site = await place.newSite(1);
    const long = `traefik-production-${'x'.repeat(60)}`;
    const token = await place.tokenOf({
      ...{ name: long, expiresAt: place.world.clock.now() - 1_000 },
      permissions: {
        admin: [{ section: 'users', action: 'read' }],
        resources: [{ namespace: site.namespace, site: '*', resource: '*', action: 'read' }],
      },
    });
    const code = await place.newRole({ admin: [{ section: '*', action: 'read' }], resources: [] });
    const person = await place.world.person({ global_name: 'Grace Hopper' });
    const { userRights, project } = place.world.instance;
    await userRights.replace({
      ...{ projectId: project.id, userId: person.userId, roles: [code] },
      permissions: {
        admin: [],
        resources: [{ namespace: 'prod', site: 'shop', resource: 'page', action: 'write' }],
      },
      actor: OPERATOR,
    });
    const places: [string, string, string][] = [
      ['settings', '/settings', 'Settings'],
      ['tokens', '/settings/tokens', 'API Token Management'],
      ['token-new', '/settings/tokens/new', 'Create Token'],
      ['token', `/settings/tokens/${token.id}`, long],
      ['token-lost', '/settings/tokens/none', 'API token'],
      ['roles', '/settings/roles', 'Roles'],
      ['role-new', '/settings/roles/new', 'Create Role'],
      ['role', `/settings/roles/${code}`, code],
      ['user-new', '/users/new', 'Create user'],
      ['user-rights', `/users/${person.userId}`, 'Grace Hopper'],
      ['namespaces', '/settings/namespaces', 'Namespaces'],
      ['namespace', `/settings/namespaces/${site.namespace}`, site.namespace],
      ['project', `/settings/namespaces/${site.namespace}/projects/${site.site}`, site.site],
    ];
    await place.visit('/settings', async (page) => {
      for (const [name, address, title] of places) {
        await page.goto(`/console${address}`);
        await heading(page, title).waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        if (name === 'token-new') {
          await button(page, 'Agent').click();
          await button(page, 'Add admin permission').click();
        }
        if (name === 'role') {
          await page.getByLabel('Add a member').fill(place.root);
          await button(page, 'Add Root').waitFor();
        }
        await page.emulateMedia({ reducedMotion: 'reduce' });
        expect(await looksBad(page, `console-${name}`, [320, 1280])).toEqual([]);
      }
      await page.goto('/console/settings/tokens/new');
      await page.getByLabel('Name', { exact: true }).fill(place.newName());
      await button(page, 'Create Token').click();
      await confirmIdentity(page);
      await page.locator('.secret').waitFor();
      expect(await looksBad(page, 'console-token-created', [320, 1280])).toEqual([]);
      await page.goto(`/console/users/${person.userId}`);
      await button(page, 'Set password').click();
      expect(await looksBad(page, 'console-set-password', [320, 1280])).toEqual([]);
    });
  });
});
