import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad, newVisitor } from '../../testing/browser.ts';
import { emailChangeOf } from '../../testing/email-change.ts';
import {
  type App,
  createFactorKit,
  createWorld,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

/** An address behind which every sign-in is one from a new place; the longest there is. */
const ELSEWHERE = '2001:db8:85a3:8d3:1319:8a2e:370:7348';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

type Pages = [name: string, open: (page: Page) => Promise<unknown>][];

async function submit(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
  await page.locator('form button[type=submit]').first().click();
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

async function looksGood(baseURL: string, [name, open]: Pages[number]): Promise<void> {
  const visitor = await newVisitor(browser, { baseURL });
  await open(visitor.page);
  expect(await looksBad(visitor.page, name)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}

const longEmail = () => `${'long.address.'.repeat(3)}${newEmail()}`;

describe('every page between the first proof and the session', () => {
  let world: World;
  let email: string;
  let home: string;
  let app: App;
  let passkeyOnly: string;
  let plain: { email: string; address: string };
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    world = await createWorld({ dialect: 'sqlite', env });
    const kit = createFactorKit(world);
    const person = await world.person({ email: longEmail() });
    email = person.email;
    home = person.client.address;
    app = await kit.totp(person);
    await kit.sms(person, app);
    await kit.passkey(person, await kit.sudo(person, app));
    const other = await world.person();
    await kit.passkey(other);
    passkeyOnly = other.email;
    const third = await world.person({ email: longEmail() });
    plain = { email: third.email, address: third.client.address };
  });
  afterAll(() => world.close());

  async function signIn(page: Page, who: string, from: string): Promise<void> {
    await page.context().setExtraHTTPHeaders({ 'x-forwarded-for': from });
    await page.goto('/login');
    await submit(page, { email: who, password: PASSWORD });
    await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  }

  /** Somebody waits elsewhere, and the mail's link was opened. */
  async function openMail(page: Page): Promise<void> {
    const { email } = await world.person({ email: longEmail() });
    await world.client(ELSEWHERE).form('/login', { email, password: PASSWORD });
    const { token } = await world.newestMail(email, 'ip_authorization');
    await page.goto(`/authorize-ip#token=${token}`);
    await page.locator('.facts').waitFor();
  }

  async function beginHandoff(): Promise<string> {
    const reply = await world.client(ELSEWHERE).post('/v1/auth/handoff/initiate');
    return (reply.json as { code: string }).code;
  }

  async function openHandoff(page: Page): Promise<void> {
    await signIn(page, plain.email, plain.address);
    await page.goto(`/handoff?code=${await beginHandoff()}`);
  }

  const pages: Pages = [
    ['confirm', (page) => signIn(page, email, home)],
    [
      'confirm-refused',
      async (page) => {
        await signIn(page, email, home);
        await submit(page, { code: app.wrong() });
      },
    ],
    [
      'confirm-sms',
      async (page) => {
        await signIn(page, email, home);
        await press(page, /Send a code by SMS/);
        await page.locator('#smsCode').waitFor();
      },
    ],
    [
      'confirm-sms-refused',
      async (page) => {
        await signIn(page, email, home);
        await press(page, /Send a code by SMS/);
        await submit(page, { smsCode: 'x' });
      },
    ],
    ['confirm-passkey', (page) => signIn(page, passkeyOnly, home)],
    [
      'confirm-recovery-code-refused',
      async (page) => {
        await signIn(page, passkeyOnly, home);
        await page.getByText('Use a recovery code instead').click();
        await page.locator('#code').fill('aaaa-bbbb');
        await press(page, 'Confirm');
      },
    ],
    [
      'confirm-passkey-refused',
      async (page) => {
        await signIn(page, passkeyOnly, home);
        await page.evaluate(`navigator.credentials.get = () => Promise.reject(new Error())`);
        await press(page, 'Use a passkey');
        await page.getByRole('alert').waitFor();
      },
    ],
    ['login-over', (page) => page.goto('/login?because=over')],
    ['login-unanswered', (page) => page.goto('/login?because=unanswered')],
    ['waiting', (page) => signIn(page, plain.email, ELSEWHERE)],
    [
      'waiting-too-soon',
      async (page) => {
        await signIn(page, plain.email, ELSEWHERE);
        await press(page, 'Send the mail again');
      },
    ],
    [
      'waiting-resent',
      async (page) => {
        await signIn(page, plain.email, ELSEWHERE);
        world.clock.advance(30_000);
        await press(page, 'Send the mail again');
        await page.getByRole('status').first().waitFor();
      },
    ],
    ['place-by-hand', (page) => page.goto('/authorize-ip')],
    ['place', openMail],
    [
      'place-refused',
      async (page) => {
        await openMail(page);
        await press(page, 'No, that was not me');
      },
    ],
    [
      'place-allowed',
      async (page) => {
        await openMail(page);
        await press(page, 'Yes, allow');
      },
    ],
    [
      'place-gone',
      async (page) => {
        await page.goto('/authorize-ip');
        await submit(page, { token: 'a'.repeat(64) });
      },
    ],
    [
      'revert',
      async (page) => {
        const person = await world.person();
        const { revertToken } = await emailChangeOf(world, person).changed();
        await page.goto(`/wasntme#token=${revertToken}`);
        await submit(page, { password: 'password' });
      },
    ],
    ['revert-by-hand', (page) => page.goto('/wasntme')],
    [
      'handoff-code',
      async (page) => {
        await signIn(page, plain.email, plain.address);
        await page.goto('/handoff');
      },
    ],
    [
      'handoff-code-refused',
      async (page) => {
        await signIn(page, plain.email, plain.address);
        await page.goto('/handoff?code=AAAA-AAAA');
      },
    ],
    ['handoff', openHandoff],
    [
      'handoff-done',
      async (page) => {
        await openHandoff(page);
        await press(page, 'Yes, sign it in');
      },
    ],
    [
      'handoff-cancelled',
      async (page) => {
        await openHandoff(page);
        await press(page, 'Cancel');
      },
    ],
  ];

  it.each(pages)('is legible, accessible and obeys its own policy at all widths: %s [I01]', (...page) =>
    looksGood(world.baseUrl, page),
  );
});

describe('every page of a factor that is set up on the way in', () => {
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_MFA: 'on' };
    world = await createWorld({ dialect: 'sqlite', env });
  });
  afterAll(() => world.close());

  async function begin(page: Page): Promise<void> {
    const { email } = await world.register(world.client(), {
      email: `${'long.address.'.repeat(3)}${newEmail()}`,
    });
    const { token } = await world.newestMail(email, 'email_verification');
    await world.client().form('/verify', { token });
    await page.goto('/login');
    await submit(page, { email, password: PASSWORD });
    await page.waitForURL('**/login/authenticator');
  }

  const pages: Pages = [
    ['authenticator', begin],
    [
      'authenticator-refused',
      async (page) => {
        await begin(page);
        await submit(page, { code: 'x' });
      },
    ],
    [
      'authenticator-done',
      async (page) => {
        await begin(page);
        const secret = (await page.locator('code.secret').innerText()).replaceAll(' ', '');
        await submit(page, { code: createFactorKit(world).codeOf(secret) });
        await page.locator('.codes').waitFor();
      },
    ],
  ];

  it.each(pages)('is legible, accessible and obeys its own policy at all widths: %s [I01]', (...page) =>
    looksGood(world.baseUrl, page),
  );
});
