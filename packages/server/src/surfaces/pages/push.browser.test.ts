import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityProblems, launchBrowser, newVisitor } from '../../testing/browser.ts';
import { createWorld, PASSWORD, type World } from '../../testing/index.ts';
import { createPushService, type PushService } from '../../testing/push-service.ts';

interface Registered {
  registrationId: string;
}

describe('notices in a browser', () => {
  let browser: Browser;
  let world: World;
  let service: PushService;
  beforeAll(async () => {
    browser = await launchBrowser();
    service = await createPushService();
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
    await service.close();
  });

  it('are asked for by a button, and shown while no page asks for anything', async () => {
    const { email, userId } = await world.person();
    const { subscription } = service.device();
    const { context, leave, page, complaints } = await newVisitor(browser, {
      baseURL: world.baseUrl,
      permissions: ['notifications'],
    });
    try {
      // A browser for tests has no push service of its own; everything else is real.
      await page.addInitScript(`
        PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async (options) => {
          window.asked = options;
          return { toJSON: () => (${JSON.stringify(subscription)}) };
        };
      `);
      await page.goto('/login?next=/account');
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: /^Sign in$/ }).click();
      await page.getByRole('link', { name: 'Notices on your devices' }).click();
      await page.getByRole('button', { name: 'Show notices on this device' }).click();
      await page.getByRole('status').getByText('This device shows notices from now on.').waitFor();
      expect(await world.instance.pushDevices.list(userId)).toHaveLength(1);
      expect(await accessibilityProblems(page)).toEqual([]);

      const debug = await context.newCDPSession(page);
      const registered = new Promise<Registered>((resolve) =>
        debug.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          if (registrations[0]) resolve(registrations[0]);
        }),
      );
      await debug.send('ServiceWorker.enable');
      const { registrationId } = await registered;
      const data = JSON.stringify({ title: 'Your password was changed', body: 'Fluxgate' });
      const shown = () =>
        page.evaluate<string[]>(`navigator.serviceWorker.ready
          .then((worker) => worker.getNotifications())
          .then((all) => all.map(({ title, body }) => title + ' / ' + body))`);
      // Chromium loses what is delivered this way while it starts the worker, as no push service does.
      const shownOfMany = async () => {
        await debug.send('ServiceWorker.deliverPushMessage', { origin: world.baseUrl, registrationId, data });
        return new Set(await shown());
      };
      await expect
        .poll(shownOfMany, { interval: 500 })
        .toEqual(new Set(['Your password was changed / Fluxgate']));
      expect(complaints).toEqual([]);
    } finally {
      await leave();
    }
  });
});
