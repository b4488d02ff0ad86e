import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad, newVisitor, type Visitor } from '../../server/src/testing/browser.ts';
import {
  createFluxProject,
  createWorld,
  type FluxProject,
  finished,
  freePort,
  newEmail,
  PASSWORD,
  PassingClock,
  until,
  type World,
} from '../../server/src/testing/index.ts';

const START = fileURLToPath(new URL('../../../examples/flux-node/src/start.js', import.meta.url));

describe('the example app in a real browser', () => {
  let world: World;
  let project: FluxProject;
  let browser: Browser;
  let app: ChildProcess;
  let appUrl: string;
  let output = '';

  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createWorld({
      dialect: 'sqlite',
      env: { FLUXGATE_RATE_LIMITS: 'off' },
      clock: new PassingClock(),
    });
    const port = await freePort();
    appUrl = `http://localhost:${port}`;
    project = await createFluxProject(world, {
      settings: {
        methods: { password: true, 'magic-link': true, passkey: true },
        redirect_urls: [`${appUrl}/arrive`],
        allowed_origins: [appUrl],
        passkeys: { rp_id: 'localhost' },
      },
    });
    app = spawn(process.execPath, [START], {
      env: {
        FLUX_URL: world.baseUrl,
        FLUX_SECRET_KEY: project.keys.secret.plain,
        FLUX_PUBLISHABLE_KEY: project.keys.publishable.plain,
        PORT: String(port),
      } as NodeJS.ProcessEnv,
    });
    for (const stream of [app.stdout, app.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await until(() => {
      if (app.exitCode !== null) throw new Error(output);
      return output.includes(`open ${appUrl}`);
    });
  });

  afterAll(async () => {
    const ended = finished(app);
    app.kill('SIGTERM');
    await ended;
    await browser.close();
    await world.close();
    const { secret } = project.keys;
    expect(output).not.toContain(secret.plain);
  });

  /** A browser for one test, which must not have complained of anything by its end. */
  async function visit(work: (visitor: Visitor) => Promise<void>): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL: appUrl });
    try {
      await work(visitor);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.context.close();
    }
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const section = (page: Page, name: string) => page.getByRole('region', { name });
  const heading = (page: Page, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

  async function signUp(page: Page, email = newEmail()): Promise<string> {
    await page.goto('/sign-up');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Sign up');
    await heading(page, 'Signed in');
    return email;
  }

  async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
    await page.goto('/sign-in');
    const form = section(page, 'With a password');
    await form.getByLabel('E-mail address').fill(email);
    await form.getByLabel('Password').fill(password);
    await form.getByRole('button', { name: 'Sign in' }).click();
  }

  it('signs up, out and in with a password, and keeps the token where no script reads it', async () => {
    await visit(async ({ page, context }) => {
      const email = await signUp(page);
      expect(await page.getByText(email).isVisible()).toBe(true);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ name: 'flux_session', httpOnly: true, sameSite: 'Lax' });
      expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe(
        '[{},{}]',
      );
      await press(page, 'Sign out');
      await heading(page, 'Welcome');
      expect(await context.cookies()).toEqual([]);
      await signIn(page, email, 'wrong horse battery');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/do not fit together/);
      await signIn(page, email);
      await heading(page, 'Signed in');
    });
  });

  it('signs out everywhere: the other browser at its next step', async () => {
    await visit(async ({ page }) => {
      const email = await signUp(page);
      await visit(async ({ page: other }) => {
        await signIn(other, email);
        await heading(other, 'Signed in');
        await press(page, 'Sign out everywhere');
        await heading(page, 'Welcome');
        await other.goto('/');
        await heading(other, 'Welcome');
        await signIn(other, email);
        await heading(other, 'Signed in');
      });
    });
  });

  it('looks right at all widths, light and dark, and breaks no rule of WCAG', {
    timeout: 120_000,
  }, async () => {
    await visit(async ({ page }) => {
      await page.goto('/');
      expect(await looksBad(page, 'flux-node-welcome')).toEqual([]);
      await page.goto('/sign-in');
      expect(await looksBad(page, 'flux-node-sign-in')).toEqual([]);
      await signUp(page, `${'long.address.'.repeat(3)}${newEmail()}`);
      expect(await looksBad(page, 'flux-node-home')).toEqual([]);
    });
  });
});
