import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAdministration } from '../../server/src/core/access/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  newVisitor,
  sidewaysOverflow,
  takePicture,
} from '../../server/src/testing/browser.ts';
import { createFactorKit, createWorld, PASSWORD, type World } from '../../server/src/testing/index.ts';
import { plugInDevice } from '../../server/src/testing/passkey-device.ts';

describe('the console of an administrator with second factors', () => {
  let browser: Browser;
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  async function administrator() {
    const person = await world.person({ global_name: 'Root' });
    const { storage, project } = world.instance;
    await storage.transaction((tx) =>
      grantAdministration(tx, { projectId: project.id, userId: person.userId, now: world.clock.now() }),
    );
    return person;
  }

  async function signIn(page: Page, email: string): Promise<void> {
    await page.goto('/login?next=%2Fconsole%2F');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  const ask = (page: Page) => page.getByRole('dialog').filter({ hasText: 'Confirm it is you' });

  async function removeFactors(page: Page, userId: string): Promise<void> {
    await page.goto(`/console/users/${userId}`);
    await page.getByText('Authenticator app').waitFor();
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await ask(page).waitFor();
  }

  it('asks for the code of the app or one by SMS, and takes the factors of a user away [B11, D06]', async () => {
    const admin = await administrator();
    const app = await kit.totp(admin);
    const phone = await kit.sms(admin, app);
    const other = await world.person({ global_name: 'Ada' });
    await kit.totp(other);
    const { leave, page, complaints } = await newVisitor(browser, { baseURL: world.baseUrl });
    await page.clock.setFixedTime(world.clock.now());
    await signIn(page, admin.email);
    await page.waitForURL('**/login/confirm');
    await page.getByLabel('Code from your authenticator app').fill(app.code());
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();

    await removeFactors(page, other.userId);
    expect(await ask(page).getByLabel('Password').count()).toBe(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await sidewaysOverflow(page)).toEqual([]);
        expect(await accessibilityProblems(page)).toEqual([]);
        await takePicture(page, `console-sudo-${width}-${colorScheme}`);
      }
    }
    await ask(page).getByLabel('Code from your authenticator app').fill(app.wrong());
    await ask(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByText('That code is wrong or was used already.').waitFor();
    expect((await other.client.get('/v1/users/@me')).status).toBe(200);

    await ask(page).getByRole('button', { name: 'Send a code by SMS' }).click();
    await page.getByText('A code is on its way to your phone.').waitFor();
    await ask(page)
      .getByLabel('Code from the SMS')
      .fill(await kit.smsCode(phone));
    await ask(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByText('Ada has no second factor any more.').waitFor();
    await page.getByText('This account has none').waitFor();
    expect((await other.client.get('/v1/users/@me')).status).toBe(401);
    await takePicture(page, 'console-factors-1280-dark');
    expect(complaints).toEqual([]);
    await leave();
  });

  it('takes a passkey', async () => {
    const admin = await administrator();
    const other = await world.person({ global_name: 'Ada' });
    await kit.totp(other);
    const { leave, page, complaints } = await newVisitor(browser, { baseURL: world.baseUrl });
    await page.clock.setFixedTime(world.clock.now());
    await page.goto('/check-mail');
    const device = await plugInDevice(page);
    await device.register(admin.client.token ?? '');
    await page.goto('/login?next=%2Fconsole%2F');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    await removeFactors(page, other.userId);
    await ask(page).getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('Ada has no second factor any more.').waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });
});
