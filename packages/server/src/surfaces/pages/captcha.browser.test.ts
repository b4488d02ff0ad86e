import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityProblems,
  launchBrowser,
  newVisitor,
  sidewaysOverflow,
  takePicture,
  type Visitor,
} from '../../testing/browser.ts';
import {
  type CaptchaService,
  createCaptchaService,
  createWorld,
  DIALECTS,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const path = (page: Page, world: World) => page.url().replace(world.baseUrl, '');
const alert = (page: Page) => page.getByRole('alert').innerText();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
}

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/login');
  await fill(page, { 'E-mail address': email, Password: password });
  await press(page, 'Sign in');
}

describe.each(DIALECTS)('the proof of work in a real browser, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_CAPTCHA: 'pow', FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  /** A browser for one test, which must not have complained of anything by its end. */
  async function visit(work: (visitor: Visitor) => Promise<void>, javaScriptEnabled = true): Promise<void> {
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl, javaScriptEnabled });
    try {
      await work(visitor);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
    }
  }

  it('lets a person register, ask for a new password and sign in by doing nothing more than that [K05, I01]', async () => {
    await visit(async ({ page }) => {
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      const email = newEmail();
      await page.goto('/register');
      await fill(page, { 'Your name': 'Ada', 'E-mail address': email, Password: PASSWORD });
      await page.locator('#consent').check();
      await press(page, 'Create account');
      await page.waitForURL('**/check-mail');
      const { token } = await world.newestMail(email, 'email_verification');
      await page.goto(`/verify#token=${token}`);
      await press(page, 'Confirm address');

      await page.goto('/forgot');
      await fill(page, { 'E-mail address': email });
      await press(page, 'Send the link');
      await page.waitForURL('**/check-mail?for=reset');
      await world.newestMail(email, 'password_reset');

      await signIn(page, email);
      await page.waitForURL('**/account');
      expect([...hosts]).toEqual([world.baseUrl]);
    });
  });

  it('starts over after a mistake, and waits for a person who is quicker than it', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      await signIn(page, email, 'wrong');
      await page.waitForSelector('[role=alert]');
      expect(await alert(page)).toMatch(/address or the password is wrong/);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByLabel('Password').press('Enter');
      await page.waitForURL('**/account');
    });
  });

  it('may be done ahead of time, from the keyboard', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      await page.goto('/login');
      await page.getByRole('checkbox').focus();
      await page.keyboard.press('Space');
      await page.getByText('Checked', { exact: true }).waitFor();
      expect(await page.getByRole('checkbox').isChecked()).toBe(true);
      await fill(page, { 'E-mail address': email, Password: PASSWORD });
      await press(page, 'Sign in');
      await page.waitForURL('**/account');
    });
  });

  it('takes a solved form that is sent twice once [K05]', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/login'),
      );
      await signIn(page, email);
      const body = (await sent).postData() ?? '';
      await page.waitForURL('**/account');
      expect(body).toMatch(/&captcha=\w{100}/);
      const again = await world.client().send('/login', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: world.baseUrl },
      });
      expect(again.status).toBe(400);
      expect(again.text).toMatch(/did not hold/);
      expect(again.headers.getSetCookie()).toEqual([]);
    });
  });

  it('says what to do where there is no JavaScript, before and after sending', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      await page.goto('/login');
      expect(await page.locator('.captcha noscript').innerText()).toMatch(/Switch JavaScript on/);
      await signIn(page, email);
      expect(path(page, world)).toBe('/login');
      expect(await alert(page)).toMatch(/needs JavaScript/);
    }, false);
  });

  it('shows nothing a machine reader or a narrow window trips over', async () => {
    const { email } = await world.person();
    await visit(async ({ page }) => {
      const states: [string, () => Promise<unknown>][] = [
        ['login', () => page.goto('/login')],
        ['register', () => page.goto('/register')],
        ['forgot', () => page.goto('/forgot')],
        ['refused', () => signIn(page, email, 'wrong').then(() => page.waitForSelector('[role=alert]'))],
        [
          'checked',
          async () => {
            await page.getByRole('checkbox').click();
            await page.getByText('Checked', { exact: true }).waitFor();
          },
        ],
      ];
      for (const [name, open] of states) {
        await open();
        await page.locator('altcha-widget input[type=checkbox]').waitFor();
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const width of [320, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            const where = `captcha-${name}-${width}-${colorScheme}`;
            expect(await sidewaysOverflow(page), where).toEqual([]);
            expect(await accessibilityProblems(page), where).toEqual([]);
            await takePicture(page, where);
          }
        }
      }
    });
  });

  it('says that the check did not work when the server cannot be reached, and never sends the form unasked', async () => {
    await visit(async ({ page, complaints }) => {
      await page.route('**/captcha/challenge*', (route) => route.fulfill({ status: 429, body: 'no' }));
      await signIn(page, newEmail());
      await page.getByText(/The check did not work/).waitFor();
      expect(path(page, world)).toBe('/login');
      expect(await page.getByLabel('Password').inputValue()).toBe(PASSWORD);
      complaints.length = 0;
    });
  });
});

describe.each(['hcaptcha', 'turnstile'] as const)('%s in a real browser, its script stood in for', (name) => {
  let service: CaptchaService;
  let world: World;
  beforeAll(async () => {
    service = await createCaptchaService(name);
    world = await createWorld({
      dialect: 'sqlite',
      captchaAddresses: service.addresses,
      env: service.env,
    });
  });
  afterAll(async () => {
    await world.close();
    await service.close();
  });

  /** As the real ones do: a frame and requests of their own origin, and a hidden field for the answer. */
  const widget = (origin: string, field: string) => `
    const box = document.querySelector('.h-captcha, .cf-turnstile');
    const frame = document.createElement('iframe');
    frame.src = '${origin}/frame';
    frame.title = 'Puzzle';
    const answer = document.createElement('input');
    answer.type = 'hidden';
    answer.name = '${field}';
    const { sitekey, action, cdata } = box.dataset;
    window.solvedFor = { sitekey, action, cdata };
    window.give = (token) => { answer.value = token; };
    box.append(frame, answer);`;

  const SCRIPTS = {
    hcaptcha: {
      url: 'https://js.hcaptcha.com/1/api.js*',
      frame: 'https://newassets.hcaptcha.com',
      field: 'h-captcha-response',
    },
    turnstile: {
      url: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
      frame: 'https://challenges.cloudflare.com',
      field: 'cf-turnstile-response',
    },
  };

  it('is let in by the content policy, and its answer lets a person in [K05, I01]', async () => {
    const { url, frame, field } = SCRIPTS[name];
    const visitor = await newVisitor(browser, { baseURL: world.baseUrl });
    const { page, leave } = visitor;
    try {
      await page.route(`${frame}/**`, (route) =>
        route.fulfill({ contentType: 'text/html', body: 'A puzzle' }),
      );
      await page.route(url, (route) =>
        route.fulfill({ contentType: 'text/javascript', body: widget(frame, field) }),
      );
      const solve = async (action: string) => {
        const known = await page.evaluate<Record<string, string | undefined>>('solvedFor');
        expect(known['sitekey']).toBe(service.siteKey);
        if (name === 'turnstile') expect(known).toMatchObject({ action, cdata: 'pages' });
        const token = service.solve({ hostname: 'localhost', ...known });
        await page.evaluate(`give(${JSON.stringify(token)})`);
      };
      const email = newEmail();
      await page.goto('/register');
      await fill(page, { 'E-mail address': email, Password: PASSWORD });
      await page.locator('#consent').check();
      await solve('register');
      await press(page, 'Create account');
      await page.waitForURL('**/check-mail');
      const { token } = await world.newestMail(email, 'email_verification');
      await world.client().post('/v1/auth/verify', { token });

      await signIn(page, email);
      expect(await alert(page)).toMatch(/robot is missing/);
      await page.getByLabel('Password').fill(PASSWORD);
      await solve('login');
      await press(page, 'Sign in');
      await page.waitForURL('**/account');
      expect(visitor.complaints).toEqual([]);
    } finally {
      await leave();
    }
  });

  it.runIf(name === 'turnstile')(
    'takes no answer given for another form, or to another surface [K05]',
    async () => {
      const login = async (known: Record<string, string>) => {
        const fields = { email: newEmail(), password: PASSWORD };
        const token = service.solve({ hostname: 'localhost', ...known });
        return (await world.client().form('/login', { ...fields, [SCRIPTS.turnstile.field]: token })).text;
      };
      expect(await login({ action: 'login', cdata: 'pages' })).toMatch(/password is wrong/);
      for (const known of [
        {},
        { action: 'login' },
        { action: 'register', cdata: 'pages' },
        { cdata: 'pages' },
      ])
        expect(await login(known), JSON.stringify(known)).toMatch(/did not hold/);
    },
  );
});
