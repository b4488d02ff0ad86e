/**
 * Owns what the console's own browser tests share: a server that is set up, and administrators who are signed in at it.
 * Is never built or shipped.
 */

import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Permissions } from '../../../server/src/core/access/index.ts';
import { newVisitor } from '../../../server/src/testing/browser.ts';
import {
  createSiteKit,
  createWorld,
  type Dialect,
  type FluxProject,
  newEmail,
  PASSWORD,
  setRights,
} from '../../../server/src/testing/index.ts';

export const OPERATOR = { userId: null, sessionId: null, origin: null };
export const NOTHING: Permissions = { admin: [], resources: [] };

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
export const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
export const dialog = (page: Page) => page.getByRole('dialog');
export const toggle = (page: Page, name: string) => page.getByRole('switch', { name, exact: true });
/** Waits for a notice, or another sentence that assistive technology is told of. */
export const said = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

/** Answers the password dialog, which stands above whatever asked for it. */
export async function confirmIdentity(page: Page): Promise<void> {
  const asking = dialog(page).filter({ hasText: 'Confirm it is you' });
  await asking.getByLabel('Password').fill(PASSWORD);
  await asking.getByRole('button', { name: 'Confirm' }).click();
  await asking.waitFor({ state: 'detached' });
}

/** A server with its first administrator, `root`, and what tests of the settings need of it. */
export async function createConsole(browser: Browser, dialect: Dialect) {
  const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  const { setup, project, roles, apiTokens } = world.instance;
  const projectId = project.id;
  const root = newEmail();
  const form = {
    token: (await setup.issueLink(projectId)) ?? '',
    ...{ email: root, password: PASSWORD, name: 'Root' },
  };
  expect((await world.client().form('/setup', form)).status).toBe(303);
  let count = 0;
  const newName = () => `name-${count++}`;

  /** A browser signed in at the console, as the first administrator if not as somebody else. */
  async function visit(address: string, work: (page: Page) => Promise<void>, email = root): Promise<void> {
    const { leave, page, complaints } = await newVisitor(browser, {
      baseURL: world.baseUrl,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    // The browser tells relative times, and the server's clock stands still.
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
      await leave();
    }
  }

  return {
    world,
    root,
    newName,
    visit,
    ...createSiteKit(world),

    /** The first administrator at a page of a project made by `createFluxProject`; `tab` is the end of its path. */
    async visitProject(flux: FluxProject, tab: string, work: (page: Page) => Promise<void>): Promise<void> {
      await visit(`/projects/${flux.id}${tab}`, async (page) => {
        await heading(page, 'App').waitFor();
        await work(page);
      });
    },

    async administrator(rights: Partial<Permissions>): Promise<string> {
      const { email, userId } = await world.person();
      await setRights(world, userId, rights);
      return email;
    },

    async newRole(permissions: Permissions): Promise<string> {
      const code = newName();
      await roles.create({ projectId, code, permissions, actor: OPERATOR });
      return code;
    },

    async tokenOf({ name = newName(), permissions = NOTHING, expiresAt = null as number | null } = {}) {
      const { token } = await apiTokens.create({ projectId, name, expiresAt, permissions, actor: OPERATOR });
      return token;
    },
  };
}
