import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../testing/index.ts';

const POW = { FLUXGATE_CAPTCHA: 'pow' };

describe('pages with a CAPTCHA', () => {
  const FORMS = ['/login', '/register', '/forgot'];
  const OTHERS = ['/reset', '/verify', '/setup', '/check-mail', '/nothing'];
  const SERVICE = (name: 'HCAPTCHA' | 'TURNSTILE') => ({
    FLUXGATE_CAPTCHA: name.toLowerCase(),
    [`FLUXGATE_INTEGRATIONS_CAPTCHA_${name}_SITE_KEY`]: 'c0ffee-site',
    [`FLUXGATE_INTEGRATIONS_CAPTCHA_${name}_SECRET_KEY`]: '0xc0ffee-5e',
  });

  async function on(env: Record<string, string>, work: (world: World) => Promise<void>): Promise<void> {
    const world = await createWorld({ dialect: 'sqlite', env });
    try {
      await work(world);
    } finally {
      await world.close();
    }
  }

  const policyOf = async (world: World, path: string) =>
    Object.fromEntries(
      ((await world.client().get(path)).headers.get('content-security-policy') ?? '')
        .split('; ')
        .map((directive) => {
          const [name = '', ...sources] = directive.split(' ');
          return [name, sources.join(' ')];
        }),
    );

  const OURS = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'font-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  };
  const HCAPTCHA = 'https://hcaptcha.com https://*.hcaptcha.com';
  const TURNSTILE = 'https://challenges.cloudflare.com';

  it.each([
    ['off', {}, {}],
    ['pow', POW, {}],
    [
      'hcaptcha',
      SERVICE('HCAPTCHA'),
      {
        'script-src': `'self' ${HCAPTCHA}`,
        'style-src': `'self' ${HCAPTCHA}`,
        'connect-src': `'self' ${HCAPTCHA}`,
        'frame-src': HCAPTCHA,
      },
    ],
    ['turnstile', SERVICE('TURNSTILE'), { 'script-src': `'self' ${TURNSTILE}`, 'frame-src': TURNSTILE }],
  ])(
    'allow exactly what the puzzle needs, where it is shown and nowhere else: %s [I01]',
    async (_kind, env, extra) => {
      await on(env, async (world) => {
        for (const path of FORMS) expect(await policyOf(world, path), path).toEqual({ ...OURS, ...extra });
        for (const path of OTHERS) expect(await policyOf(world, path), path).toEqual(OURS);
      });
    },
  );

  it.each([
    ['pow', POW, /<altcha-widget [^>]*challenge="\/captcha\/challenge\?for=(\w+)"/],
    ['hcaptcha', SERVICE('HCAPTCHA'), /<div class="h-captcha" data-sitekey="c0ffee-site"/],
    [
      'turnstile',
      SERVICE('TURNSTILE'),
      /<div class="cf-turnstile" data-sitekey="c0ffee-site" data-action="(\w+)"/,
    ],
  ])(
    'show it before and after a mistake, and say what to do without JavaScript: %s',
    async (_kind, env, widget) => {
      await on(env, async (world) => {
        for (const path of FORMS) {
          const replies = [await world.client().get(path), await world.client().form(path, {})];
          for (const { text } of replies) {
            expect(widget.exec(text)?.[1] ?? path.slice(1), path).toBe(path.slice(1));
            expect(text).toMatch(/<noscript>[\s\S]*Switch JavaScript on[\s\S]*<\/noscript>/);
            expect(text).not.toContain('0xc0ffee-5e');
            expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
          }
        }
      });
    },
  );

  it('serve the files of the widget while it is needed, and load none while it is not', async () => {
    const files = ['altcha.js', 'altcha.css', 'altcha-worker.js'];
    await on(POW, async (world) => {
      for (const file of files) {
        const reply = await world.client().get(`/assets/${file}`);
        expect([reply.status, reply.headers.get('content-type')]).toEqual([
          200,
          `text/${file.endsWith('css') ? 'css' : 'javascript'}; charset=utf-8`,
        ]);
      }
    });
    await on({}, async (world) => {
      for (const path of FORMS)
        expect((await world.client().get(path)).text).not.toMatch(
          /captcha|<script(?! src="\/assets\/(passkey|kept-code).js")/,
        );
      for (const file of files) expect((await world.client().get(`/assets/${file}`)).status).toBe(404);
      expect((await world.client().get('/captcha/challenge?for=login')).status).toBe(404);
    });
  });

  it('limit how many puzzles one address asks for', async () => {
    await on(POW, async (world) => {
      const client = world.client();
      const replies = await Promise.all(
        Array.from({ length: 130 }, () => client.get('/captcha/challenge?for=login')),
      );
      const refused = replies.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(1);
      expect(refused.length).toBeLessThanOrEqual(10);
      for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await world.client().get('/captcha/challenge?for=login')).status).toBe(200);
    });
  });
});
