import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  PASSWORD,
  PageClient,
  type World,
} from '../../testing/index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };

/** The full paths of Fastify's drawing of its routes, in which a branch shows only what it adds to its stem. */
function treePaths(drawing: string): string[] {
  const stems: string[] = [];
  return drawing.split('\n').flatMap((line) => {
    const [, indent = '', part = ''] = /^([│├└─\s]*)(\S+)/.exec(line) ?? [];
    const depth = indent.length / 4;
    stems.length = depth;
    stems[depth] = (stems[depth - 1] ?? '') + part;
    return line.includes('(') ? [stems[depth]] : [];
  });
}

describe.each(DIALECTS)('the pages of an account under suspicion on %s', (dialect) => {
  let world: World;
  let held: { paths: string[]; open: string[] };
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const { app } = world.server;
    const urls = treePaths(app.printRoutes({ commonPrefix: false }));
    const open = [
      '/account',
      '/account/resend',
      '/account/sessions',
      '/account/confirm',
      '/account/passkey-options',
      '/account/security/phone',
      '/account/security/phone/keep',
    ];
    const own = urls.filter((url) => url.startsWith('/account') || url === '/handoff');
    held = { open, paths: own.filter((url) => !open.includes(url)) };
  });
  afterAll(() => world.close());

  async function suspected(flag: 'REQUIRE_REVERIFIED_EMAIL' | 'REQUIRE_VERIFIED_PHONE') {
    const person = await world.person();
    const page = new PageClient(world.baseUrl);
    expect(await page.go('/login', { email: person.email, password: PASSWORD })).toBe('303 /account');
    const { users, project } = world.instance;
    await users.suspect({ projectId: project.id, id: person.userId, flags: [flag], actor: ACTOR });
    return { ...person, person, page };
  }

  it('lead back to what was asked, every one of them that is no way out', async () => {
    const { page } = await suspected('REQUIRE_REVERIFIED_EMAIL');
    expect(held.paths.length).toBeGreaterThan(15);
    for (const path of held.paths) {
      const reply = await page.form(path, {});
      const got = reply.status === 404 ? await page.get(path) : reply;
      expect(`${path} ${got.status} ${got.headers.get('location')}`).toBe(`${path} 303 /account`);
    }
    expect((await page.get('/account')).text).toContain('looks odd');
  });

  it('open again once the mailbox is proved', async () => {
    const { page, email } = await suspected('REQUIRE_REVERIFIED_EMAIL');
    expect(await page.go('/account/resend', {})).toBe('303 /account?done=resent');
    const { token } = await world.newestMail(email, 'email_verification');
    expect((await page.form('/verify', { token })).status).toBeLessThan(400);
    expect((await page.get('/account/security')).status).toBe(200);
    expect((await page.get('/account')).text).not.toContain('looks odd');
  });

  it('open again once a phone is proved, and not by the mailbox where only a phone would do', async () => {
    const { page, email } = await suspected('REQUIRE_VERIFIED_PHONE');
    const phone = '+4915112345678';
    await page.form('/account/security/phone', { phone, password: PASSWORD });
    await page.form('/account/security/phone', { phone });
    const code = await createFactorKit(world).smsCode(phone);
    expect((await page.get('/account/security')).status).toBe(303);
    await page.form('/account/security/phone/keep', { phone, phoneCode: code });
    expect((await page.get('/account/security')).status).toBe(200);
    expect(email).toBeDefined();
  });
});
