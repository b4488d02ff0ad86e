import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenHash } from '../../crypto/index.ts';
import { type AppServer, startApp } from '../../testing/app-server.ts';
import { launchBrowser, newVisitor, type Visitor } from '../../testing/browser.ts';
import {
  createFactorKit,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { plugInDevice } from '../../testing/passkey-device.ts';

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

describe.each(DIALECTS)("a project's pages in a real browser on %s", (dialect) => {
  let world: World;
  let project: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    project = await createFluxProject(world, {
      settings: {
        redirect_urls: [app.back],
        methods: { 'magic-link': true, passkey: true },
        branding: { logo_url: app.logo, color: '#ffd400' },
      },
    });
  });
  afterAll(() => world.close());

  interface Visiting extends Visitor {
    open(page: string): Promise<unknown>;
    /** What the app gets when the visitor has come back to it. */
    session(): Promise<ReturnType<typeof handed>>;
  }

  async function visit(work: (visiting: Visiting) => Promise<void>, { script = true } = {}): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl, javaScriptEnabled: script });
    const { page } = visitor;
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      redirect_url: app.back,
      state: 'mine',
      code_challenge: tokenHash(verifier),
    });
    try {
      await work({
        ...visitor,
        open: (name) => page.goto(`/p/${project.id}/${name}?${query}`),
        async session() {
          await page.waitForURL(`${app.origin}/home`);
          const came = app.visits.at(-1);
          expect(came?.url.searchParams.get('state')).toBe('mine');
          // The app is told nothing of where its visitor was.
          expect(came?.referer).toBeUndefined();
          const code = came?.url.searchParams.get('code');
          return handed(await project.app('/sessions/exchange', { code, code_verifier: verifier }));
        },
      });
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  /** Ends when the page that follows, if any, is read whole: what is on it can be asked for at once. */
  async function press(page: Page, name: string | RegExp): Promise<void> {
    await page.getByRole('button', { name }).click();
    await page.waitForLoadState('domcontentloaded');
  }

  async function fill(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields))
      await page.getByLabel(label, { exact: true }).fill(value);
  }

  it.each([true, false])('make an account and sign in to it by password, script: %s', async (script) => {
    const email = newEmail();
    await visit(
      async ({ page, open, session }) => {
        await open('sign-in');
        await page.getByRole('link', { name: 'Create an account' }).click();
        await fill(page, { 'E-mail address': email, Password: PASSWORD });
        await press(page, 'Create account');
        expect((await session()).user.email).toBe(email);
      },
      { script },
    );
    await visit(
      async ({ page, open, session, context }) => {
        await open('sign-in');
        await fill(page, { 'E-mail address': email, Password: 'wrong horse' });
        await press(page, /^Sign in$/);
        expect(await page.getByRole('alert').first().innerText()).toContain(
          'The address or the password is wrong.',
        );
        await fill(page, { Password: PASSWORD });
        await press(page, /^Sign in$/);
        expect((await session()).user.email).toBe(email);
        expect(await context.cookies(world.baseUrl)).toEqual([]);
      },
      { script },
    );
  });

  it('sign in by the link of a mail, whose secret leaves the address at once [I06]', async () => {
    const email = newEmail();
    await visit(async ({ page, open, session }) => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await open('sign-in');
      await fill(page, { 'E-mail address': email });
      await press(page, 'Mail me a link instead');
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
      const mail = await world.newestMail(email, 'magic_link');
      await page.goto(mail.links[0] ?? '');
      expect((await session()).session.authentication_method).toBe('magic_link');
      expect(asked.filter((url) => url.includes(mail.token) && !url.includes('#'))).toEqual([]);
    });
  });

  it('sign in by the code of a mail without script', async () => {
    const email = newEmail();
    await visit(
      async ({ page, open, session }) => {
        await open('sign-in');
        await fill(page, { 'E-mail address': email });
        await press(page, 'Mail me a link instead');
        const mail = await world.newestMail(email, 'magic_link');
        await fill(page, { 'Code from the mail': /\b\d{6}\b/.exec(mail.text)?.[0] ?? '' });
        await press(page, /^Sign in$/);
        expect((await session()).user.email).toBe(email);
      },
      { script: false },
    );
  });

  it('choose a new password by the link of a mail', async () => {
    const { user } = await project.signUp();
    await visit(async ({ page, open, session }) => {
      await open('sign-in');
      await page.getByRole('link', { name: 'Forgot your password?' }).click();
      await fill(page, { 'E-mail address': user.email });
      await press(page, 'Send the link');
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
      await page.goto((await world.newestMail(user.email, 'password_reset')).links[0] ?? '');
      await page.waitForURL((url) => url.hash === '');
      await fill(page, { 'New password': 'plum anvil quiet harbour' });
      await press(page, 'Save the password');
      expect((await session()).user.id).toBe(user.id);
    });
  });

  it('sign in by a passkey from the field, and by the button', async () => {
    const { user, token } = await project.signUp();
    await visit(async ({ page, open, session }) => {
      await page.goto(`/p/${project.id}/verify`);
      const device = await plugInDevice(page);
      expect(
        await page.evaluate<number>(
          `(${REGISTER})(${JSON.stringify({ ...project.asPage, 'x-flux-session': token })})`,
        ),
      ).toBe(200);
      await open('sign-in');
      expect(await session()).toMatchObject({ user: { id: user.id }, session: { mfa_verified: true } });
      await device.present(false);
      await page.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable');
      await open('sign-in');
      await device.present(true);
      await press(page, 'Sign in with a passkey');
      expect((await session()).session.authentication_method).toBe('passkey');
    });
  });

  it('ask for the second step that is owed, by the code of an app', async () => {
    const { user, token } = await project.signUp();
    const { code } = await createFluxMfa(world, project).totp(token);
    await visit(
      async ({ page, open, session }) => {
        await open('sign-in');
        await fill(page, { 'E-mail address': user.email, Password: PASSWORD });
        await press(page, /^Sign in$/);
        await page.waitForURL('**/step-up');
        await fill(page, { 'Code from your authenticator app': code() });
        await press(page, 'Confirm');
        expect((await session()).session).toMatchObject({ mfa_verified: true, mfa_required: false });
      },
      { script: false },
    );
  });

  it('set up the second step that is owed, without script', async () => {
    await project.change({ mfa: { required: true } });
    const { user } = await project.signUp();
    await visit(
      async ({ page, open, session }) => {
        await open('sign-in');
        await fill(page, { 'E-mail address': user.email, Password: PASSWORD });
        await press(page, /^Sign in$/);
        await page.waitForURL('**/step-up/set-up');
        const secret = (await page.locator('code.secret').innerText()).replace(/ /g, '');
        await fill(page, { 'Code that the app shows now': createFactorKit(world).codeOf(secret) });
        await press(page, 'Switch on and go on');
        expect(await page.locator('.codes code').count()).toBe(10);
        await page.getByRole('link', { name: 'I have kept them' }).click();
        expect((await session()).session.mfa_verified).toBe(true);
      },
      { script: false },
    );
    await project.change({ mfa: { required: false } });
  });

  it('go on by themselves with the ticket that an app sent its visitor with', async () => {
    const { user, token } = await project.signUp();
    const { code } = await createFluxMfa(world, project).totp(token);
    const session = await project.signIn(user.email);
    const asked = await world.direct.post(
      '/flux/v1/mfa/step_up',
      { redirect_url: app.back, state: 'mine' },
      { ...project.asPage, 'x-flux-session': session.token },
    );
    await visit(async ({ page }) => {
      await page.goto((asked.json as { url: string }).url);
      await fill(page, { 'Code from your authenticator app': code() });
      await press(page, 'Confirm');
      await page.waitForURL(`${app.origin}/home`);
      expect(app.visits.at(-1)?.url.search).toBe('?state=mine');
      expect(handed(await project.verify(session.token)).session.mfa_verified).toBe(true);
    });
  });

  it('can be used by the keyboard alone', async () => {
    const { user } = await project.signUp();
    await visit(async ({ page, open, session }) => {
      await open('sign-in');
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('email');
      await page.keyboard.type(user.email);
      await page.keyboard.press('Tab');
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      expect((await session()).user.id).toBe(user.id);
    });
  });
});

/** Runs in the page, as a text: the types here are the server's, not a browser's. */
const REGISTER = `async (headers) => {
  const send = (to, body) => fetch('/flux/v1/passkeys/register/' + to, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { options } = await (await send('start', {})).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const response = (await navigator.credentials.create({ publicKey })).toJSON();
  return (await send('finish', { response })).status;
}`;
