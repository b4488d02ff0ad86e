import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, looksBad, newVisitor, type Visitor } from '../../server/src/testing/browser.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  createFluxMfa,
  createFluxProject,
  createIdentityProvider,
  createWorld,
  type FluxProject,
  finished,
  freePort,
  type IdentityProviderServer,
  newEmail,
  PASSWORD,
  PassingClock,
  somebody,
  until,
  type World,
} from '../../server/src/testing/index.ts';
import { plugInDevice } from '../../server/src/testing/passkey-device.ts';
import { oldNode } from './testing/index.ts';

const START = fileURLToPath(new URL('../../../examples/flux-node/src/start.js', import.meta.url));

describe('the example app in a real browser', () => {
  let world: World;
  let project: FluxProject;
  let browser: Browser;
  let google: IdentityProviderServer;
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
        methods: { password: true, 'magic-link': true, passkey: true, google: true },
        redirect_urls: [`${appUrl}/arrive`],
        allowed_origins: [appUrl],
        passkeys: { rp_id: 'localhost' },
      },
    });
    google = await createIdentityProvider({
      redirectUri: () => `${world.baseUrl}/flux/v1/oauth/google/callback`,
    });
    await world.instance.projectProviders.save({
      ...{ projectId: project.id, provider: 'google' },
      settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer },
      actor: { userId: null, sessionId: null, origin: null },
    });
    app = spawn(oldNode(), [START], {
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
    await google.close();
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

  it.each([
    ['as browsers do today', ''],
    [
      'in a browser that knows no JSON of passkeys',
      'for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"]) delete PublicKeyCredential[name]; delete PublicKeyCredential.prototype.toJSON;',
    ],
  ])('makes a passkey, and signs in with it alone, which shows two factors: %s', async (_how, script) => {
    await visit(async ({ page }) => {
      await page.addInitScript(script);
      await signUp(page);
      await page.goto('/security');
      await plugInDevice(page);
      await page.getByLabel('Name of this device').fill('Laptop <1>');
      await press(page, 'Add a passkey');
      await page.getByRole('button', { name: 'Delete Laptop <1>' }).waitFor();
      await press(page, 'Sign out');
      await page.goto('/sign-in');
      await press(page, 'Use a passkey');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);
    });
  });

  /** The page of the server where mails of a trial wait. */
  async function openMail(page: Page): Promise<string> {
    await world.instance.outboxWorker.settled();
    await page.goto(`${world.baseUrl}/dev/mailbox`);
    const mail = page.getByRole('listitem').first();
    const text = await mail.innerText();
    await mail.getByRole('link').first().click();
    return text;
  }

  async function askForLink(page: Page, email: string): Promise<void> {
    await page.goto('/sign-in');
    const form = section(page, 'With a mail');
    await form.getByLabel('E-mail address').fill(email);
    await press(page, 'Send me a link');
    await page.getByText('We have sent a mail.').waitFor();
  }

  it('signs in by a mailed link in a new tab, and leaves its token in no address', async () => {
    await visit(async ({ page, context }) => {
      const email = newEmail();
      await askForLink(page, email);
      const tab = await context.newPage();
      await openMail(tab);
      await heading(tab, 'Signed in');
      expect(await tab.getByText(email).isVisible()).toBe(true);
      expect(await tab.getByText('magic link').isVisible()).toBe(true);
      expect(await tab.evaluate('location.href')).toBe(`${appUrl}/`);
      expect(await tab.evaluate('JSON.stringify({ ...localStorage })')).toBe('{}');
    });
  });

  it('signs nobody in where a link was only opened: the code works where it was asked for', async () => {
    await visit(async ({ page }) => {
      const email = newEmail();
      await askForLink(page, email);
      await visit(async ({ page: other, context }) => {
        const text = await openMail(other);
        const alert = other.getByRole('alert');
        await alert.waitFor();
        expect(await alert.innerText()).toMatch(/another browser/);
        expect(await context.cookies(appUrl)).toEqual([]);
        await page.getByLabel('Code').fill('000000');
        await press(page, 'Go on');
        await page.getByRole('alert').waitFor();
        await page.getByLabel('Code').fill(/\b\d{6}\b/.exec(text)?.[0] ?? '');
        await press(page, 'Go on');
        await heading(page, 'Signed in');
      });
    });
  });

  it('confirms an address by a mailed link', async () => {
    await visit(async ({ page }) => {
      await signUp(page);
      await press(page, 'Send a mail to confirm the address');
      await page.getByText('A mail is on its way.').waitFor();
      await openMail(page);
      await page.getByText('Your address is confirmed.').waitFor();
      await page.getByRole('link', { name: 'Go on' }).click();
      await page.getByText('confirmed', { exact: true }).waitFor();
    });
  });

  it('gives a new password by mail', async () => {
    await visit(async ({ page }) => {
      const email = await signUp(page);
      await press(page, 'Sign out');
      await page.goto('/forgot');
      await page.getByLabel('E-mail address').fill(email);
      await press(page, 'Send a link');
      await page.getByText('a mail is on its way').waitFor();
      await openMail(page);
      await page.getByLabel('New password').fill('short');
      await press(page, 'Save and sign in');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('New password').fill('plum anvil quiet harbour');
      await press(page, 'Save and sign in');
      await heading(page, 'Signed in');
    });
  });

  it('signs in at a provider, and says when that was refused there', async () => {
    await visit(async ({ page, context }) => {
      const person = somebody();
      google.play(null);
      await page.goto('/sign-in');
      await press(page, 'Continue with Google');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/you, or they, said no/);
      expect(page.url()).toBe(`${appUrl}/arrive`);
      google.play(person);
      await page.goto('/sign-in');
      await press(page, 'Continue with Google');
      await heading(page, 'Signed in');
      expect(await page.getByText(String(person['email'])).isVisible()).toBe(true);
      expect((await context.cookies(appUrl)).map(({ name }) => name)).toContain('flux_session');
      // Somebody else's answer, slipped in.
      await page.goto('/arrive?code=THEIRS&state=theirs');
      await page.getByRole('alert').waitFor();
      expect(page.url()).toBe(`${appUrl}/arrive`);
    });
  });

  it("signs in on the server's own pages, and comes back", async () => {
    await visit(async ({ page }) => {
      const email = await signUp(page);
      await press(page, 'Sign out');
      await page.goto('/sign-in');
      await press(page, 'Use the page of the server');
      await page.waitForURL(`${world.baseUrl}/p/${project.id}/sign-in**`);
      await page.getByLabel('E-mail address').first().fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Signed in');
      expect(page.url()).toBe(`${appUrl}/`);
    });
  });

  it('sets up an authenticator app, owes it after the password, and opens nothing before it is shown', async () => {
    await visit(async ({ page }) => {
      const kit = createFluxMfa(world, project);
      const email = await signUp(page);
      await page.goto('/security');
      await press(page, 'Add an authenticator app');
      const secret = await page.locator('code').innerText();
      await page.getByLabel('Code').fill('000000');
      await press(page, 'Confirm');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Code').fill(kit.codeAt(secret));
      await press(page, 'Confirm');
      await heading(page, 'Recovery codes');
      const spare = await page.locator('.codes code').first().innerText();
      await page.getByRole('link', { name: 'I have kept them' }).click();
      await page.getByText('Recovery codes left: 10').waitFor();
      world.clock.advance(30_000);

      await press(page, 'Sign out');
      await signIn(page, email);
      await heading(page, 'One more step');
      for (const closed of ['/', '/security']) {
        await page.goto(closed);
        expect(new URL(page.url()).pathname).toBe('/mfa');
      }
      await page.getByLabel('Code', { exact: true }).fill('000000');
      await press(page, 'Confirm');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Code', { exact: true }).fill(kit.codeAt(secret));
      await press(page, 'Confirm');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);

      await press(page, 'Sign out');
      await signIn(page, email);
      await page.getByText('Use a recovery code').click();
      await page.getByLabel('Recovery code').fill(spare);
      await press(page, 'Use it');
      await heading(page, 'Signed in');
    });
  });

  it('asks for the first factor where the project demands one, and lets who has set it up go on', async () => {
    await project.change({ mfa: { required: true } });
    try {
      await visit(async ({ page }) => {
        await page.goto('/sign-up');
        await page.getByLabel('E-mail address').fill(newEmail());
        await page.getByLabel('Password').fill(PASSWORD);
        await press(page, 'Sign up');
        await heading(page, 'One more step');
        expect(await looksBad(page, 'flux-node-owed-first', [320])).toEqual([]);
        await press(page, 'Add an authenticator app');
        const secret = await page.locator('code').innerText();
        await page.getByLabel('Code').fill(createFluxMfa(world, project).codeAt(secret));
        await press(page, 'Confirm');
        await page.getByRole('link', { name: 'I have kept them' }).click();
        await heading(page, 'Security');
      });
    } finally {
      await project.change({ mfa: { required: false } });
    }
  });

  it('pays an owed factor by a passkey', async () => {
    await visit(async ({ page }) => {
      const email = await signUp(page);
      await page.goto('/security');
      await plugInDevice(page);
      await press(page, 'Add a passkey');
      await page.getByRole('button', { name: 'Delete This device' }).waitFor();
      await press(page, 'Sign out');
      await signIn(page, email);
      await heading(page, 'One more step');
      await press(page, 'Use a passkey');
      await heading(page, 'Signed in');
      expect(await page.getByText('shown in this session').isVisible()).toBe(true);
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
      for (const name of ['sign-up', 'forgot', 'arrive?code=x&state=y']) {
        await page.goto(`/${name}`);
        if (name.startsWith('arrive')) await page.getByRole('alert').waitFor();
        expect(await looksBad(page, `flux-node-${name.slice(0, 6)}`)).toEqual([]);
      }
      const email = await signUp(page, `${'long.address.'.repeat(3)}${newEmail()}`);
      expect(await looksBad(page, 'flux-node-home')).toEqual([]);
      await page.goto('/security');
      expect(await looksBad(page, 'flux-node-security')).toEqual([]);
      await press(page, 'Add an authenticator app');
      expect(await looksBad(page, 'flux-node-enrol')).toEqual([]);
      const kit = createFluxMfa(world, project);
      await page.getByLabel('Code').fill(kit.codeAt(await page.locator('code').innerText()));
      await press(page, 'Confirm');
      expect(await looksBad(page, 'flux-node-codes')).toEqual([]);
      await press(page, 'Sign out');
      await signIn(page, email);
      await heading(page, 'One more step');
      await page.getByText('Use a recovery code').click();
      expect(await looksBad(page, 'flux-node-owed')).toEqual([]);
    });
  });
});
