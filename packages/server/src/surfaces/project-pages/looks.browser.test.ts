import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppServer, startApp } from '../../testing/app-server.ts';
import { launchBrowser, looksBad, newVisitor } from '../../testing/browser.ts';
import {
  createFluxMfa,
  createFluxPasskeys,
  createFluxProject,
  createWorld,
  type FluxProject,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

let browser: Browser;
let app: AppServer;
beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp();
});
afterAll(async () => {
  await browser.close();
  await app.close();
});

const CHALLENGE = 'x'.repeat(43);
const ACTOR = { userId: null, sessionId: null, origin: null };
const EVERYTHING = { 'magic-link': true, passkey: true, google: true, github: true, microsoft: true };

describe("every page of a project's", () => {
  let world: World;
  let project: FluxProject;
  let plain: string;
  let guarded: string;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    project = await createFluxProject(world, {
      settings: {
        redirect_urls: [app.back],
        methods: EVERYTHING,
        branding: { logo_url: app.logo, color: '#ffd400' },
      },
    });
    const { projects, projectProviders } = world.instance;
    await projects.change({ id: project.id, name: 'The Corner Shop of Long Names & Things', actor: ACTOR });
    for (const provider of ['google', 'github', 'microsoft'] as const) {
      const settings = {
        client_id: 'shop',
        client_secret: 'not-a-secret',
        ...(provider === 'microsoft' && { tenant: '11111111-2222-4333-8444-555555555555' }),
      };
      await projectProviders.save({ projectId: project.id, provider, settings, actor: ACTOR });
    }
    plain = (await project.signUp(`${'long.address.'.repeat(3)}${newEmail()}`)).user.email;
    const person = await project.signUp();
    guarded = person.user.email;
    const mfa = createFluxMfa(world, project);
    const { proved } = await mfa.totp(person.token);
    await mfa.sms(proved.token, '+4915112345678');
    const passkeys = createFluxPasskeys(world, project);
    expect((await passkeys.register(proved.token, passkeys.device())).status).toBe(200);
  });
  afterAll(() => world.close());

  const open = (page: Page, name: string, change: Record<string, string> = {}) => {
    const asked = { redirect_url: app.back, code_challenge: CHALLENGE, state: 's', ...change };
    return page.goto(`/p/${project.id}/${name}?${new URLSearchParams(asked)}`);
  };
  const land = (page: Page, name: string) => page.goto(`/p/${project.id}/${name}`);

  async function submit(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
    await page.locator('form:not([hidden]) button[type=submit]').first().click();
  }

  async function signIn(page: Page, email: string): Promise<void> {
    await open(page, 'sign-in');
    await submit(page, { email, password: PASSWORD });
    await page.waitForURL(/step-up/);
  }

  async function beginSetUp(page: Page): Promise<void> {
    await project.change({ mfa: { required: true } });
    await signIn(page, plain);
    await page.waitForURL('**/set-up');
  }

  async function askForMail(page: Page): Promise<void> {
    await open(page, 'sign-in');
    await page.locator('#email').fill(plain);
    await page.getByRole('button', { name: 'Mail me a link instead' }).click();
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  }

  const pages: [name: string, open: (page: Page) => Promise<unknown>][] = [
    ['sign-in', (page) => open(page, 'sign-in')],
    ['sign-in-back-from-elsewhere', (page) => open(page, 'sign-in', { error: 'account_exists' })],
    [
      'sign-in-refused',
      async (page) => {
        await open(page, 'sign-in');
        await submit(page, { email: plain, password: 'wrong' });
      },
    ],
    ['sign-up', (page) => open(page, 'sign-up')],
    [
      'sign-up-refused',
      async (page) => {
        await open(page, 'sign-up');
        await submit(page, { email: plain, password: 'short' });
      },
    ],
    ['forgot', (page) => open(page, 'forgot')],
    [
      'forgot-sent',
      async (page) => {
        await open(page, 'forgot');
        await submit(page, { email: plain });
      },
    ],
    ['reset', (page) => land(page, 'reset')],
    ['verify', (page) => land(page, 'verify')],
    ['mail-code', askForMail],
    [
      'mail-code-refused',
      async (page) => {
        await askForMail(page);
        await submit(page, { code: 'x' });
      },
    ],
    ['mail-elsewhere', (page) => land(page, 'magic')],
    ['astray', (page) => open(page, 'sign-in', { redirect_url: 'https://evil.example' })],
    ['step-up', (page) => signIn(page, guarded)],
    ['step-up-ticket', (page) => land(page, 'step-up')],
    [
      'step-up-sms',
      async (page) => {
        await signIn(page, guarded);
        await page.getByRole('button', { name: /Send a code by SMS/ }).click();
        await page.locator('#smsCode').waitFor();
      },
    ],
    ['set-up', beginSetUp],
    [
      'set-up-phone',
      async (page) => {
        await beginSetUp(page);
        await page.locator('#phone').fill('+4915112345679');
        await page.getByRole('button', { name: /Send me a code/ }).click();
        await page.locator('#smsCode').waitFor();
      },
    ],
    [
      'set-up-codes',
      async (page) => {
        await beginSetUp(page);
        await page.locator('#phone').fill('+4915112345680');
        await page.getByRole('button', { name: /Send me a code/ }).click();
        await page.locator('#smsCode').waitFor();
        const { token } = await world.newestMail('+4915112345680', 'sms_code');
        await submit(page, { smsCode: token });
        await page.locator('.codes').waitFor();
      },
    ],
  ];

  it.each(pages)(
    'looks good at every width, in light and dark, and breaks no rule of WCAG: %s',
    async (name, show) => {
      const visitor = await newVisitor(browser, { baseURL: world.baseUrl });
      await show(visitor.page);
      expect(await visitor.page.title()).toContain(' – The Corner Shop');
      expect(await looksBad(visitor.page, `project-${name}`)).toEqual([]);
      expect(visitor.complaints).toEqual([]);
      await visitor.leave();
    },
  );

  it.each(['#ffffff', '#000000', '#4f46e5', '#e11d48', '#808080'])(
    'can be read in the colour %s',
    async (color) => {
      await project.change({ branding: { color } });
      const visitor = await newVisitor(browser, { baseURL: world.baseUrl });
      await open(visitor.page, 'sign-in');
      expect(await looksBad(visitor.page, `project-colour-${color.slice(1)}`, [768])).toEqual([]);
      await visitor.leave();
    },
  );
});
