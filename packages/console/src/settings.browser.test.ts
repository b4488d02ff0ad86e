import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Permissions, permissionsOfUser } from '../../server/src/core/access/index.ts';
import { launchBrowser, looksBad, newVisitor } from '../../server/src/testing/browser.ts';
import {
  createSiteKit,
  createWorld,
  DIALECTS,
  FlectoCaller,
  newEmail,
  PASSWORD,
  setRights,
  type World,
} from '../../server/src/testing/index.ts';

const SHAPE = /^flecto_[A-Za-z0-9_-]{43}$/;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const dialog = (page: Page) => page.getByRole('dialog');

describe.each(DIALECTS)('the console’s tokens, roles and users on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createSiteKit>;
  let root: string;
  let count = 0;
  const newName = () => `name-${count++}`;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createSiteKit(world);
    root = newEmail();
    const token = await world.instance.setup.issueLink(world.instance.project.id);
    const form = { token: token ?? '', email: root, password: PASSWORD, name: 'Root' };
    expect((await world.client().form('/setup', form)).status).toBe(303);
  });
  afterAll(() => world.close());

  /** A browser signed in at the console, as the first administrator if not as somebody else. */
  async function visit(address: string, work: (page: Page) => Promise<void>, email = root): Promise<void> {
    const { context, page, complaints } = await newVisitor(browser, {
      baseURL: world.baseUrl,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.clock.setFixedTime(world.clock.now());
    try {
      await page.goto(`/login?next=${encodeURIComponent(`/console${address}`)}`);
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await button(page, 'Sign in').click();
      await page.waitForURL((url) => url.pathname.startsWith('/console'));
      await work(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  async function confirmIdentity(page: Page): Promise<void> {
    const asking = dialog(page).filter({ hasText: 'Confirm it is you' });
    await asking.getByLabel('Password').fill(PASSWORD);
    await asking.getByRole('button', { name: 'Confirm' }).click();
    await asking.waitFor({ state: 'detached' });
  }

  async function administrator(rights: Partial<Permissions>): Promise<string> {
    const { email, userId } = await world.person();
    await setRights(world, userId, rights);
    return email;
  }

  async function newRole(permissions: Permissions) {
    const { roles, project } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    const code = newName();
    await roles.create({ projectId: project.id, code, permissions, actor });
    return code;
  }

  it('creates a token as the documents say, which opens what its rows name until it is deleted [A7, case 14, case 22]', async () => {
    const site = await kit.newSite(1);
    const name = newName();
    await visit('/', async (page) => {
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
      expect(await rows.getByRole('row').count()).toBe(4);
      await button(page, 'Create Token').click();
      await confirmIdentity(page);

      await heading(page, 'Token Created').waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Token Created');
      const plain = (await page.locator('.secret').textContent()) ?? '';
      expect(plain).toMatch(SHAPE);
      await button(page, 'Copy token').click();
      await page.getByText('Copied', { exact: true }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(plain);
      expect(page.url()).not.toContain('flecto_');

      const agent = new FlectoCaller(world, { ...site, token: plain });
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
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Add resource permission');
      await page.getByText('Not saved yet').waitFor();
      await button(page, 'Save Changes').click();
      await page.getByText('The changes are saved.', { exact: false }).waitFor();
      expect(await statuses()).toEqual([200, 403, 200, 200, 200]);

      await button(page, 'Delete Token').click();
      await dialog(page).getByRole('button', { name: 'Cancel' }).click();
      expect((await agent.version()).status).toBe(200);
      await button(page, 'Delete Token').click();
      await dialog(page).getByRole('button', { name: 'Delete Token' }).click();
      await page.getByText(`The token ${name} is deleted.`).waitFor();
      await heading(page, 'API Token Management').waitFor();
      expect(await statuses()).toEqual([401, 401, 401, 401, 401]);
      expect(await page.getByRole('row', { name: new RegExp(name) }).count()).toBe(0);
    });
  });

  it('shows a token once, and keeps it nowhere', async () => {
    const name = newName();
    await visit('/settings/tokens/new', async (page) => {
      const create = async () => {
        await page.getByLabel('Name', { exact: true }).fill(newName());
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

  it('lists ten tokens a page, says which are over, and finds them by name or preview', async () => {
    for (let number = 0; number < 11; number++) await kit.newToken([]);
    const { apiTokens, project } = world.instance;
    const name = newName();
    const { token } = await apiTokens.create({
      ...{ projectId: project.id, name, expiresAt: world.clock.now() - 1_000 },
      permissions: { admin: [], resources: [] },
      actor: { userId: null, sessionId: null, origin: null },
    });
    await visit('/settings/tokens', async (page) => {
      const rows = page.getByRole('table', { name: 'API tokens' }).getByRole('row');
      await rows.first().waitFor();
      expect(await rows.count()).toBe(11);
      await button(page, 'Load more').click();
      await expect.poll(() => rows.count()).toBeGreaterThan(12);
      await page.getByLabel('Find tokens').fill(token.preview.slice(-4));
      await page.getByRole('row', { name: new RegExp(`${name} ?Expired`) }).waitFor();
      await page.getByLabel('Find tokens').fill('no such thing');
      await page.getByText('No token matches “no such thing”').waitFor();
    });
  });

  it('tells in words what is refused: a name in use, a row of more than one’s own', async () => {
    const taken = newName();
    const { apiTokens, project } = world.instance;
    await apiTokens.create({
      ...{ projectId: project.id, name: taken, expiresAt: null },
      permissions: { admin: [], resources: [] },
      actor: { userId: null, sessionId: null, origin: null },
    });
    const email = await administrator({ admin: [{ section: 'tokens', action: '*' }] });
    await visit(
      '/settings/tokens/new',
      async (page) => {
        await page.getByLabel('Name', { exact: true }).fill(taken);
        await button(page, 'Create Token').click();
        await confirmIdentity(page);
        await page.getByText('There is a token of this name already.').waitFor();
        await page.getByLabel('Name', { exact: true }).fill(newName());
        await button(page, 'Add admin permission').click();
        await page.getByLabel('Section, row 1').selectOption('users');
        await button(page, 'Create Token').click();
        await page.getByText('You cannot grant a permission that you do not hold yourself.').waitFor();
        expect(await page.locator('.secret').count()).toBe(0);
      },
      email,
    );
  });

  it('shows an administrator who may only read no button that writes [J01]', async () => {
    const { token } = await world.instance.apiTokens.create({
      ...{ projectId: world.instance.project.id, name: newName(), expiresAt: null },
      permissions: {
        admin: [],
        resources: [{ namespace: 'a', site: 'b', resource: 'page', action: 'read' }],
      },
      actor: { userId: null, sessionId: null, origin: null },
    });
    const code = await newRole({ admin: [], resources: [] });
    const { userId } = await world.person({ global_name: 'Seen' });
    const email = await administrator({ admin: [{ section: '*', action: 'read' }] });
    const places: [string, string][] = [
      ['/settings/tokens', 'API Token Management'],
      [`/settings/tokens/${token.id}`, token.name],
      ['/settings/roles', 'Roles'],
      [`/settings/roles/${code}`, code],
      ['/settings/namespaces', 'Namespaces'],
      ['/', 'Users'],
      [`/users/${userId}`, 'Seen'],
    ];
    await visit(
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
    const email = await administrator({ admin: [{ section: 'tokens', action: 'read' }] });
    await visit(
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
    const code = newName();
    const person = await world.person({ global_name: 'Margaret' });
    await visit('/settings/roles', async (page) => {
      await link(page, 'Create Role').click();
      await page.getByLabel('Code').fill(code);
      await button(page, 'Add admin permission').click();
      await page.getByLabel('Section, row 1').selectOption('audit');
      await button(page, 'Create Role').click();
      await confirmIdentity(page);
      await heading(page, code).waitFor();
      const held = async () => await permissionsOfUser(world.instance.storage.db, person.userId);
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

      await button(page, 'Remove Margaret').click();
      await page.getByText('Margaret no longer has the role.').waitFor();
      expect((await held()).admin).toEqual([]);
      await button(page, 'Delete Role').click();
      await dialog(page).getByRole('button', { name: 'Delete Role' }).click();
      await page.getByText(`The role ${code} is deleted.`).waitFor();
      await heading(page, 'Roles').waitFor();
      expect(await link(page, code).count()).toBe(0);
    });
  });

  it('makes an account that signs in by its name, gives it rights and a role, another password, and deletes it', async () => {
    const code = await newRole({ admin: [{ section: 'audit', action: 'read' }], resources: [] });
    const loginName = newName();
    const signIn = async (password: string) =>
      (await world.client().post('/auth/login', { username: loginName, password })).status;
    await visit('/', async (page) => {
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
      expect(await page.getByRole('list', { name: 'By roles' }).count()).toBe(0);
      const userId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await permissionsOfUser(world.instance.storage.db, userId)).toEqual({
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
    await visit('/', async (page) => {
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
    const namespace = newName();
    const site = await kit.newSite(1);
    await visit('/settings/namespaces', async (page) => {
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
    world.clock.advance(7 * 3_600_000);
    await visit(`/settings/namespaces/${site.namespace}/projects/${site.site}`, async (page) => {
      await page.getByRole('row', { name: /edge.*Offline/ }).waitFor();
    });
  });

  it('is legible and accessible at all widths in both colours [I01]', async () => {
    const site = await kit.newSite(1);
    const long = `traefik-production-${'x'.repeat(60)}`;
    const { token } = await world.instance.apiTokens.create({
      ...{ projectId: world.instance.project.id, name: long, expiresAt: world.clock.now() - 1_000 },
      permissions: {
        admin: [{ section: 'users', action: 'read' }],
        resources: [{ namespace: site.namespace, site: '*', resource: '*', action: 'read' }],
      },
      actor: { userId: null, sessionId: null, origin: null },
    });
    const code = await newRole({ admin: [{ section: '*', action: 'read' }], resources: [] });
    const person = await world.person({ global_name: 'Grace Hopper' });
    const { userRights, project } = world.instance;
    await userRights.replace({
      ...{ projectId: project.id, userId: person.userId, roles: [code] },
      permissions: {
        admin: [],
        resources: [{ namespace: 'prod', site: 'shop', resource: 'page', action: 'write' }],
      },
      actor: { userId: null, sessionId: null, origin: null },
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
    await visit('/settings', async (page) => {
      for (const [name, address, title] of places) {
        await page.goto(`/console${address}`);
        await heading(page, title).waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        if (name === 'token-new') {
          await button(page, 'Agent').click();
          await button(page, 'Add admin permission').click();
        }
        if (name === 'role') {
          await page.getByLabel('Add a member').fill(root);
          await button(page, 'Add Root').waitFor();
        }
        await page.emulateMedia({ reducedMotion: 'reduce' });
        expect(await looksBad(page, `console-${name}`, [320, 1280])).toEqual([]);
      }
      await page.goto('/console/settings/tokens/new');
      await page.getByLabel('Name', { exact: true }).fill(newName());
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
