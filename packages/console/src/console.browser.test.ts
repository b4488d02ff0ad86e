import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityProblems,
  launchBrowser,
  newVisitor,
  sidewaysOverflow,
  takePicture,
  type Visitor,
} from '../../server/src/testing/browser.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../server/src/testing/index.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const path = (page: Page) => {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
};

describe.each(DIALECTS)('the console against the real server on %s', (dialect) => {
  let world: World;
  let adminEmail: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    adminEmail = newEmail();
    const token = await linkOf(world);
    const form = { token, email: adminEmail, password: PASSWORD, name: 'Root' };
    expect((await world.client().form('/setup', form)).status).toBe(303);
    for (const name of ['Grace Hopper', 'Alan Turing', 'Wolfeschlegelsteinhausenberger-X', 'Ada Lovelace'])
      await world.person({ email: `${name.split(' ')[0]?.toLowerCase()}@example.com`, global_name: name });
  });
  afterAll(() => world.close());

  async function linkOf(server: World): Promise<string> {
    return (await server.instance.setup.issueLink(server.instance.project.id)) ?? '';
  }

  async function visit(work: (visitor: Visitor) => Promise<void>, baseURL = world.baseUrl): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL });
    // The browser tells relative times, and the server's clock stands still.
    await visitor.page.clock.setFixedTime(world.clock.now());
    try {
      await work(visitor);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (page: Page) => page.getByRole('dialog');

  async function signIn(page: Page, email: string): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await button(page, 'Sign in').click();
  }

  async function openConsole(page: Page): Promise<void> {
    await page.goto('/console/');
    await page.waitForURL('**/login?next=*');
    await signIn(page, adminEmail);
    await page.getByRole('heading', { name: 'Users' }).waitFor();
  }

  /** Answers the password dialog, which stands above the one that asked for the act. */
  async function confirmIdentity(page: Page, password = PASSWORD): Promise<void> {
    const asking = dialog(page).filter({ hasText: 'Confirm it is you' });
    await asking.getByLabel('Password').fill(password);
    await asking.getByRole('button', { name: 'Confirm' }).click();
  }

  it('makes the first administrator by the printed link and opens [A10]', async () => {
    const fresh = await createWorld({ dialect });
    const token = await linkOf(fresh);
    async function setUp(page: Page): Promise<void> {
      await page.goto(`/setup#token=${token}`);
      await page.waitForURL((url) => url.hash === '');
      await page.getByLabel('Your name').fill('Root');
      await page.getByLabel('E-mail address').fill(newEmail());
      await page.getByLabel('Password').fill(PASSWORD);
      await button(page, 'Create administrator').click();
    }
    await visit(async ({ page }) => {
      await setUp(page);
      await page.waitForURL('**/console/');
      await page.getByRole('row', { name: /Root.*Administrator/ }).waitFor();
      await setUp(page);
      await page.getByRole('heading', { name: 'This link is used up' }).waitFor();
    }, fresh.baseUrl);
    await fresh.close();
  });

  it('sends whoever is signed out to sign in, and back to where they were', async () => {
    await visit(async ({ page }) => {
      await page.goto('/console/audit?event=sign-in.');
      await page.waitForURL('**/login?next=*');
      expect(path(page)).toBe('/login?next=%2Fconsole%2Faudit%3Fevent%3Dsign-in.');
      await signIn(page, adminEmail);
      await page.getByRole('heading', { name: 'Audit trail' }).waitFor();
      expect(path(page)).toBe('/console/audit?event=sign-in.');
      await button(page, 'Sign out').click();
      await page.waitForURL('**/login?next=*');
      await page.goto('/console/');
      await page.waitForURL('**/login?next=*');
    });
  });

  it('shows ordinary users nothing but that it is not for them [J01]', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      await page.goto('/console/');
      await page.waitForURL('**/login?next=*');
      await signIn(page, email);
      await page.getByRole('heading', { name: 'You are not an administrator' }).waitFor();
      expect(await page.getByRole('table').count()).toBe(0);
      expect(await page.content()).not.toContain(adminEmail);
    });
  });

  it('finds a user, and says when there is none', async () => {
    await visit(async ({ page }) => {
      await openConsole(page);
      const search = page.getByLabel('Find users');
      await search.fill('GRACE');
      await page.getByText('1 user', { exact: true }).waitFor();
      await expect.poll(() => page.getByRole('row').count()).toBe(2);
      await page.getByRole('row', { name: /Grace Hopper/ }).waitFor();
      await search.fill('<img src=x onerror=alert(1)>');
      await page.getByText('Nobody matches “<img src=x onerror=alert(1)>”').waitFor();
      await button(page, 'Clear the search').click();
      await page.getByRole('row', { name: /Alan Turing/ }).waitFor();
    });
  });

  it('ends a session after asking for the password, and the trail shows it [D06, D08]', async () => {
    const { email, client } = await world.person({ global_name: 'Dennis' });
    await visit(async ({ page }) => {
      await openConsole(page);
      await page.getByLabel('Find users').fill(email);
      await page.getByText('1 user', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Dennis' }).click();
      await page.getByRole('heading', { name: 'Dennis' }).waitFor();
      const sessions = page.getByRole('table', { name: 'Open sessions' });
      await expect.poll(() => sessions.getByRole('row').count()).toBe(3);

      // Of the two, the app's own and the one its registration left behind.
      await button(page, 'End all').click();
      await dialog(page).getByRole('button', { name: 'End all sessions' }).click();
      await confirmIdentity(page, 'wrong');
      await page.getByText('That password is not right.').waitFor();
      expect((await client.get('/v1/users/@me')).status).toBe(200);
      await confirmIdentity(page);
      await page.getByText('2 sessions ended.').waitFor();
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      await page.getByText('This user is not signed in anywhere.').waitFor();

      await page.reload();
      await page.getByRole('row', { name: /session\.ended/ }).waitFor();
    });
  });

  it('steps back from the password without doing anything', async () => {
    const { userId, client } = await world.person();
    await visit(async ({ page }) => {
      await openConsole(page);
      await page.goto(`/console/users/${userId}`);
      await page
        .getByRole('button', { name: /^End the session on/ })
        .first()
        .click();
      await dialog(page).getByRole('button', { name: 'End session' }).click();
      await dialog(page).filter({ hasText: 'Confirm it is you' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('Confirm it is you').waitFor({ state: 'detached' });
      expect((await client.get('/v1/users/@me')).status).toBe(200);
    });
  });

  it('offers nobody to suspend themselves, which the server refuses', async () => {
    await visit(async ({ page }) => {
      await openConsole(page);
      await page.getByRole('table').getByRole('link', { name: 'Root' }).click();
      await page.getByText('You', { exact: true }).waitFor();
      expect(await button(page, 'Suspend').count()).toBe(0);
    });
  });

  it('suspends and restores, and the trail of the user shows both', async () => {
    const { userId, client, email } = await world.person({ global_name: 'Barbara' });
    await visit(async ({ page }) => {
      await openConsole(page);
      await page.goto(`/console/users/${userId}`);
      await button(page, 'Suspend').click();
      await page.getByLabel('Reason (optional)').fill('Spam & <b>worse</b>');
      await button(page, 'Suspend account').click();
      await confirmIdentity(page);
      await page.getByText('Barbara is suspended.').waitFor();
      await page.getByText('Reason: Spam & <b>worse</b>').waitFor();
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      expect((await world.client().post('/v1/auth/login', { email, password: PASSWORD })).status).toBe(403);

      await button(page, 'Restore').click();
      await button(page, 'Restore account').click();
      await page.getByText('Barbara can sign in again.').waitFor();
      for (const event of [/user\.suspended/, /user\.restored/])
        await page.getByRole('row', { name: event }).first().waitFor();
      expect((await world.client().post('/v1/auth/login', { email, password: PASSWORD })).status).toBe(200);

      await page.getByRole('link', { name: 'Audit', exact: true }).click();
      await page.getByRole('heading', { name: 'Audit trail' }).waitFor();
      await page.getByLabel('Event').fill('user.suspended');
      await page.getByText('1 record', { exact: true }).waitFor();
      await button(page, 'Details of user.suspended').click();
      await page.getByText('User agent').waitFor();
    });
  });

  it('is legible, accessible and obeys its policy at all widths [I01]', async () => {
    const { userId } = await world.person({ global_name: 'Wolfeschlegelsteinhausenberger-X' });
    const places: [string, string, string][] = [
      ['users', '/console/', 'Users'],
      ['nobody', '/console/?query=nobody-at-all', 'Users'],
      ['user', `/console/users/${userId}`, 'Wolfeschlegelsteinhausenberger-X'],
      ['audit', '/console/audit', 'Audit trail'],
      ['lost', '/console/users/1', 'User'],
    ];
    await visit(async ({ page }) => {
      await openConsole(page);
      for (const [name, address, heading] of places) {
        await page.goto(address);
        await page.getByRole('heading', { name: heading, exact: true }).waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        await look(page, name);
      }
      await page.goto(`/console/users/${userId}`);
      await button(page, 'Suspend').click();
      await look(page, 'suspend');
      await button(page, 'Suspend account').click();
      await dialog(page).filter({ hasText: 'Confirm it is you' }).waitFor();
      await look(page, 'sudo');
    });
  });

  async function look(page: Page, name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const where = `${name} ${width} ${colorScheme}`;
        expect(await sidewaysOverflow(page), where).toEqual([]);
        expect(await accessibilityProblems(page), where).toEqual([]);
        await takePicture(page, `console-${name}-${width}-${colorScheme}`);
      }
    }
  }
});
