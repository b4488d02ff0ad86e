import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

const HOUR = 3_600_000;
const PAGES = ['sign-in', 'sign-up', 'forgot'];

describe.each(DIALECTS)("the door of a project's pages on %s", (dialect) => {
  let world: World;
  let project: FluxProject;
  let email: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    project = await createFluxProject(world, {
      settings: { redirect_urls: [APP_URL, 'http://localhost:3000/back'] },
    });
    ({ email } = (await project.signUp()).user);
  });
  afterAll(() => world.close());

  const signIn = (visit: ReturnType<typeof visitProject>, fields: Record<string, string> = {}) =>
    visit.send('sign-in', { email, password: PASSWORD, ...fields });

  it.each([
    ['another site', 'https://evil.example/'],
    ['another path', 'https://app.example.com/signed-in/../evil?from=flux'],
    ['one more slash', 'https://app.example.com/signed-in/?from=flux'],
    ['one more parameter', `${APP_URL}&next=https://evil.example`],
    ['no query', 'https://app.example.com/signed-in'],
    ['a fragment', `${APP_URL}#x`],
    ['letters in upper case', APP_URL.toUpperCase()],
    ['a port', 'https://app.example.com:443/signed-in?from=flux'],
    ['a name before the host', 'https://app.example.com@evil.example/signed-in?from=flux'],
    ['a host that begins alike', 'https://app.example.com.evil.example/signed-in?from=flux'],
    ['no scheme', '//app.example.com/signed-in?from=flux'],
    ['a script', 'javascript:alert(1)'],
    ['a space in front', ` ${APP_URL}`],
    ['nothing in it', ''],
    ['a path of ours', '/account'],
  ])('leads nobody to an address with %s [I04]', async (_what, redirect_url) => {
    for (const page of PAGES) {
      const reply = await visitProject(world, project).open(page, { redirect_url });
      expect([reply.status, reply.headers.get('location')], page).toEqual([403, null]);
      expect(reply.text).toContain('not in the project’s list');
      expect(reply.text).not.toContain('<form');
    }
  });

  it.each([
    ['no redirect_url', { redirect_url: undefined }, 'redirect_url is missing'],
    ['no challenge', { code_challenge: undefined }, 'code_challenge is missing'],
    ['an empty challenge', { code_challenge: '' }, 'code_challenge is not'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'code_challenge is not'],
    ['a challenge that is too short', { code_challenge: 'x'.repeat(42) }, 'code_challenge is not'],
    ['a state that is too long', { state: 'x'.repeat(501) }, 'state may be given once'],
    ['a state of other letters', { state: 'é' }, 'state may be given once'],
  ])('tells the developer of %s, and has no form', async (_what, change, told) => {
    for (const page of PAGES) {
      const reply = await visitProject(world, project).open(page, change);
      expect([reply.status, reply.text.includes(told), reply.text.includes('<form')], page).toEqual([
        400,
        true,
        false,
      ]);
    }
  });

  it('takes each parameter once', async () => {
    const visit = visitProject(world, project);
    for (const name of ['redirect_url', 'code_challenge', 'state']) {
      const asked = new URLSearchParams({
        redirect_url: APP_URL,
        code_challenge: 'x'.repeat(43),
        state: 's',
      });
      asked.append(name, asked.get(name) ?? '');
      const { status } = await visit.browser.get(`${visit.path('sign-in')}?${asked}`);
      expect(status, name).toBe(400);
    }
  });

  it('is not there for a project that is not', async () => {
    for (const id of ['proj_x', 'x'.repeat(300), '%00', '..%2fadmin', project.id.toUpperCase()]) {
      for (const page of [...PAGES, 'reset', 'verify', 'step-up']) {
        const { status, text } = await world.direct.get(
          `/p/${id}/${page}?redirect_url=${encodeURIComponent(APP_URL)}`,
        );
        expect([400, 404], `${id} ${page}`).toContain(status);
        expect(text).not.toContain('<form');
      }
    }
  });

  it('hands back any state, just as it came', async () => {
    for (const state of ['', 'a b&c=d#e?f%2Fg+h', '"><script>alert(1)</script>', 'x'.repeat(500)]) {
      const visit = visitProject(world, project, { state });
      const page = await visit.open('sign-in');
      expect(page.text).not.toContain('<script>alert');
      expect(ledTo(await signIn(visit)).searchParams.get('state')).toBe(state);
    }
    const without = visitProject(world, project);
    await without.open('sign-in', { state: undefined });
    expect(ledTo(await signIn(without)).searchParams.has('state')).toBe(false);
  });

  it('lets nobody in by a form whose hidden field was written by somebody else', async () => {
    const visit = visitProject(world, project);
    const way = /name="way" value="([^"]+)"/.exec((await visit.open('sign-in')).text)?.[1] ?? '';
    const other = await createFluxProject(world, { settings: { redirect_urls: [APP_URL] } });
    const foreign = visitProject(world, other);
    const theirs = /name="way" value="([^"]+)"/.exec((await foreign.open('sign-in')).text)?.[1] ?? '';
    const forged = ['', 'x', way.slice(1), `${way}A`, way.split('').reverse().join(''), theirs, APP_URL];
    for (const one of forged) {
      const reply = await signIn(visit, { way: one });
      expect([reply.status, reply.headers.get('location')], one).toEqual([400, null]);
      expect(reply.text).toContain('begin again');
    }
    expect(ledTo(await signIn(visit)).searchParams.has('code')).toBe(true);
  });

  it('is open for an hour, and as long as the address is on the list', async () => {
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    await project.change({ redirect_urls: ['http://localhost:3000/back'] });
    expect((await signIn(visit)).status).toBe(400);
    await project.change({ redirect_urls: [APP_URL] });
    world.clock.advance(HOUR - 1);
    expect((await signIn(visit)).status).toBe(303);
    world.clock.advance(HOUR);
    expect((await signIn(visit)).status).toBe(400);
  });

  it('shows exactly the ways in that are on', async () => {
    const SHOWN = {
      password: 'Forgot your password?',
      'magic-link': 'Mail me a link',
      passkey: 'Sign in with a passkey',
      google: 'Continue with Google',
      github: 'Continue with GitHub',
      microsoft: 'Continue with Microsoft',
    };
    const none = Object.fromEntries(Object.keys(SHOWN).map((method) => [method, false]));
    const passive = await createFluxProject(world, { settings: { redirect_urls: [APP_URL], methods: none } });
    const page = async () => (await visitProject(world, passive).open('sign-in')).text;
    expect(await page()).toContain('Nobody can sign in here at present');
    for (const [method, text] of Object.entries(SHOWN)) {
      if (['google', 'github', 'microsoft'].includes(method)) continue;
      await passive.change({ methods: { ...none, [method]: true } });
      const html = await page();
      for (const other of Object.values(SHOWN))
        expect(html.includes(other), `${method}: ${other}`).toBe(other === text);
    }
  });

  it('refuses the form of a way in that was switched off meanwhile, and makes nobody', async () => {
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    await project.change({ methods: { password: false } });
    const address = 'nobody@example.com';
    for (const [page, fields] of Object.entries({
      'sign-in': { email, password: PASSWORD },
      'sign-up': { email: address, password: PASSWORD },
      forgot: { email },
      reset: { token: 'x'.repeat(43), password: PASSWORD },
      passkey: { passkey: '{}' },
      'passkey-options': {},
    })) {
      const reply = await visit.send(page, fields);
      expect([reply.status, reply.headers.get('location')], page).toEqual([403, null]);
      expect(reply.text).toContain('switched off');
    }
    for (const page of ['sign-up', 'forgot', 'reset'])
      expect((await visitProject(world, project).open(page)).status, page).toBe(403);
    await project.change({ methods: { password: true } });
    expect((await visit.send('sign-in', { email: address, password: PASSWORD })).status).toBe(400);
    expect(await world.mails(address)).toEqual([]);
  });

  it('takes no form from another site, whatever it says of itself [I03]', async () => {
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    for (const page of ['sign-in', 'sign-up', 'forgot', 'reset', 'verify', 'passkey'])
      for (const headers of [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'https://app.example.com' },
      ]) {
        const reply = await visit.send(page, { email, password: PASSWORD }, headers);
        expect([reply.status, reply.headers.get('set-cookie')], page).toEqual([403, null]);
      }
  });

  it('says the same of a wrong password and an unknown address [A09]', async () => {
    const told = async (fields: Record<string, string>) => {
      const visit = visitProject(world, project);
      await visit.open('sign-in');
      const { status, text } = await signIn(visit, fields);
      return [status, text.replace(/value="[^"]*"|code_challenge=[\w-]+/g, '')];
    };
    const wrong = await told({ password: 'wrong horse battery staple' });
    expect(wrong[0]).toBe(400);
    expect(await told({ email: 'nobody@example.com' })).toEqual(wrong);
  });

  it('shows the name, the logo and the colour of the project, and allows the logo’s origin alone [I01]', async () => {
    await world.instance.projects.change({
      id: project.id,
      name: 'A <b>Shop</b> & more',
      settings: { branding: { logo_url: 'https://cdn.example.net/logo.svg', color: '#0B7A75' } },
      actor: { userId: null, sessionId: null, origin: null },
    });
    const page = await visitProject(world, project).open('sign-in');
    expect(page.text).toContain('<title>Sign in – A &lt;b>Shop&lt;/b> &amp; more</title>');
    expect(page.text).toContain('src="https://cdn.example.net/logo.svg"');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("img-src 'self' data: https://cdn.example.net;");
    expect(policy).toContain("form-action 'self' https://app.example.com;");
    expect(policy).toContain("script-src 'self';");
    const [, sheet = ''] = /href="(\/p\/[^"]+brand\.css\?0b7a75)"/.exec(page.text) ?? [];
    const style = await world.direct.get(sheet);
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(style.text).toContain('--accent:#0b7a75');
    await project.change({ branding: { logo_url: null, color: null } });
    expect((await world.direct.get(sheet)).status).toBe(404);
  });
});
