import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { newVisitor, type Visitor } from '../../../server/src/testing/browser.ts';
import {
  anyCallbackOf,
  CLIENT_ID,
  CLIENT_SECRET,
  createFluxProject,
  createIdentityProvider,
  createWorld,
  finished,
  freePort,
  newEmail,
  PASSWORD,
  PassingClock,
  until,
} from '../../../server/src/testing/index.ts';
import { oldNode } from './installed-package.ts';

const START = fileURLToPath(new URL('../../../../examples/flux-node/src/start.js', import.meta.url));

export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
/** Waits for the page of this title. */
export const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const section = (page: Page, name: string) => page.getByRole('region', { name });

export type ExampleApp = Awaited<ReturnType<typeof startExampleApp>>;

/**
 * The example app under the oldest Node it is for, beside a server with a project in which every way to sign in is on,
 * and what people do at its pages. Closing it fails when the app has printed its secret key.
 */
export async function startExampleApp(browser: Browser) {
  const world = await createWorld({
    dialect: 'sqlite',
    env: { FLUXGATE_RATE_LIMITS: 'off' },
    clock: new PassingClock(),
  });
  const port = await freePort();
  const appUrl = `http://localhost:${port}`;
  const project = await createFluxProject(world, {
    settings: {
      methods: { password: true, 'magic-link': true, passkey: true, google: true },
      redirect_urls: [`${appUrl}/arrive`],
      allowed_origins: [appUrl],
      passkeys: { rp_id: 'localhost' },
    },
  });
  const google = await createIdentityProvider({
    isCallback: anyCallbackOf(() => world, 'google'),
  });
  await world.instance.projectProviders.save({
    ...{ projectId: project.id, provider: 'google' },
    settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer },
    actor: { userId: null, sessionId: null, origin: null },
  });
  const app = spawn(oldNode(), [START], {
    env: {
      FLUX_URL: world.baseUrl,
      FLUX_SECRET_KEY: project.keys.secret.plain,
      FLUX_PUBLISHABLE_KEY: project.keys.publishable.plain,
      PORT: String(port),
    } as NodeJS.ProcessEnv,
  });
  let output = '';
  for (const stream of [app.stdout, app.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await until(() => {
    if (app.exitCode !== null) throw new Error(output);
    return output.includes(`open ${appUrl}`);
  });

  return {
    world,
    project,
    google,
    url: appUrl,

    async close(): Promise<void> {
      const ended = finished(app);
      app.kill('SIGTERM');
      await ended;
      await google.close();
      await world.close();
      expect(output).not.toContain(project.keys.secret.plain);
    },

    /** A browser for one test, which must not have complained of anything by its end. */
    async visit(work: (visitor: Visitor) => Promise<void>): Promise<void> {
      const visitor = await newVisitor(browser, { baseURL: appUrl });
      try {
        await work(visitor);
        expect(visitor.complaints).toEqual([]);
      } finally {
        await visitor.leave();
      }
    },

    async signUp(page: Page, email = newEmail()): Promise<string> {
      await page.goto('/sign-up');
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await press(page, 'Sign up');
      await heading(page, 'Signed in');
      return email;
    },

    async signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
      await page.goto('/sign-in');
      const form = section(page, 'With a password');
      await form.getByLabel('E-mail address').fill(email);
      await form.getByLabel('Password').fill(password);
      await form.getByRole('button', { name: 'Sign in' }).click();
    },

    async askForLink(page: Page, email: string): Promise<void> {
      await page.goto('/sign-in');
      const form = section(page, 'With a mail');
      await form.getByLabel('E-mail address').fill(email);
      await press(page, 'Send me a link');
      await page.getByText('We have sent a mail.').waitFor();
    },

    /** Follows the link of the newest mail, in the mailbox where mails of a trial wait; the text of the mail. */
    async openMail(page: Page): Promise<string> {
      await world.instance.outboxWorker.settled();
      await page.goto(`${world.baseUrl}/dev/mailbox`);
      const mail = page.getByRole('listitem').first();
      const text = await mail.innerText();
      await mail.getByRole('link').first().click();
      return text;
    },
  };
}
