import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad, newVisitor } from '../../testing/browser.ts';
import { createWorld, newEmail, PASSWORD, type World } from '../../testing/index.ts';

describe('every hosted page', () => {
  let world: World;
  let browser: Browser;
  let email: string;
  let setupToken: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    setupToken = (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';
    // The longest that fits everywhere, so that what could overflow does.
    const person = await world.person({
      email: `${'long.address.'.repeat(3)}${newEmail()}`,
      global_name: 'Wolfeschlegelsteinhausenberger-X',
    });
    email = person.email;
    const agents = [
      'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    ];
    for (const agent of agents) {
      const client = world.client('2001:db8:85a3:8d3:1319:8a2e:370:7348');
      await client.post('/v1/auth/login', { email, password: PASSWORD }, { 'user-agent': agent });
    }
    await world.client().form('/forgot', { email });
    await world.newestMail(email, 'password_reset');
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  async function submit(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
    // Past the browser's own checks, to see what ours look like.
    await page.evaluate(`document.querySelector('form').noValidate = true`);
    await page.locator('form button[type=submit]').first().click();
  }

  async function signIn(page: Page): Promise<void> {
    await page.goto('/login');
    await submit(page, { email, password: PASSWORD });
    await page.waitForURL('**/account');
  }

  const pages: [name: string, open: (page: Page) => Promise<unknown>][] = [
    ['login', (page) => page.goto('/login')],
    [
      'login-refused',
      async (page) => {
        await page.goto('/login');
        await submit(page, { email, password: 'wrong' });
      },
    ],
    [
      'login-empty',
      async (page) => {
        await page.goto('/login');
        await submit(page, {});
      },
    ],
    ['register', (page) => page.goto('/register')],
    [
      'register-refused',
      async (page) => {
        await page.goto('/register');
        await page.locator('#consent').check();
        await submit(page, { name: 'Ada', email: newEmail(), password: 'password' });
      },
    ],
    [
      'register-no-consent',
      async (page) => {
        await page.goto('/register');
        await submit(page, { name: 'Ada', email: newEmail(), password: PASSWORD });
      },
    ],
    ['check-mail', (page) => page.goto('/check-mail')],
    ['check-mail-reset', (page) => page.goto('/check-mail?for=reset')],
    ['verify', (page) => page.goto(`/verify#token=${'a'.repeat(40)}`)],
    ['verify-by-hand', (page) => page.goto('/verify')],
    [
      'verify-refused',
      async (page) => {
        await page.goto('/verify');
        await submit(page, { token: 'a'.repeat(40) });
      },
    ],
    [
      'verified',
      async (page) => {
        const fresh = newEmail();
        await world.register(world.client(), { email: fresh });
        await page.goto('/verify');
        await submit(page, { token: (await world.newestMail(fresh, 'email_verification')).token });
      },
    ],
    ['forgot', (page) => page.goto('/forgot')],
    [
      'forgot-refused',
      async (page) => {
        await page.goto('/forgot');
        await submit(page, { email: 'nobody' });
      },
    ],
    ['reset', (page) => page.goto(`/reset#token=${'a'.repeat(40)}`)],
    [
      'reset-refused',
      async (page) => {
        await page.goto('/reset');
        await submit(page, { token: 'a'.repeat(40), password: PASSWORD });
      },
    ],
    ['setup', (page) => page.goto(`/setup#token=${setupToken}`)],
    [
      'setup-refused',
      async (page) => {
        await page.goto(`/setup#token=${setupToken}`);
        await submit(page, { email: newEmail(), password: 'password' });
      },
    ],
    [
      'setup-gone',
      async (page) => {
        await page.goto('/setup');
        await submit(page, { token: 'a'.repeat(40), email: newEmail(), password: PASSWORD });
      },
    ],
    ['account', signIn],
    [
      'account-ended',
      async (page) => {
        await signIn(page);
        await page.goto('/account?done=ended');
      },
    ],
    [
      'account-refused',
      async (page) => {
        await signIn(page);
        await page.locator('#password').fill('wrong');
        await page.getByRole('button', { name: 'End all other sessions' }).click();
      },
    ],
    [
      'account-unconfirmed',
      async (page) => {
        // Only where the operator does not ask for confirmed addresses does anybody get here.
        const { registration, project } = world.instance;
        const result = await registration.register({
          projectId: project.id,
          surface: 'pages',
          email: newEmail(),
          password: PASSWORD,
          username: null,
          globalName: 'Ada',
          dateOfBirth: null,
          consent: true,
          origin: {
            address: '127.0.0.1',
            source: '127.0.0.1',
            network: '127.0.0.0/24',
            userAgent: null,
            isDesktop: false,
          },
        });
        const value = result.state === 'signed-in' ? result.session.token : '';
        await page.context().addCookies([{ name: 'fluxgate', value, url: world.baseUrl }]);
        await page.goto('/account');
      },
    ],
    ['mailbox', (page) => page.goto('/dev/mailbox')],
    ['docs', (page) => page.goto('/docs')],
    ['not-found', (page) => page.goto('/nothing/here')],
  ];

  it.each(pages)(
    'is legible, accessible and obeys its own policy at all widths: %s [I01]',
    async (name, open) => {
      const visitor = await newVisitor(browser, { baseURL: world.baseUrl });
      await open(visitor.page);
      // The reference is long and the same at every width; looking at all of it six times takes half a minute.
      const closely = name === 'docs' ? [1280] : undefined;
      expect(await looksBad(visitor.page, name, closely)).toEqual([]);
      expect(visitor.complaints).toEqual([]);
      await visitor.leave();
    },
  );
});
