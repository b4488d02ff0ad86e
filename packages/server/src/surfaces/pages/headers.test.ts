import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMail } from '../../delivery/mail/render.tsx';
import { createWorld, DIALECTS, PASSWORD, type Reply, type World } from '../../testing/index.ts';

const PAGES = [
  '/login',
  '/register',
  '/check-mail',
  '/verify',
  '/forgot',
  '/reset',
  '/authorize-ip',
  '/wasntme',
  '/not-me',
  '/setup',
  '/docs',
  '/console/',
  '/console/audit',
  '/nothing/here',
];

function expectHeaders({ headers }: Reply, where: string): void {
  const policy = headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy, where).toContain(part);
  expect(policy, where).not.toMatch(/unsafe|\*|https?:/);
  expect(headers.get('content-type'), where).toBe('text/html; charset=utf-8');
  expect(headers.get('x-content-type-options'), where).toBe('nosniff');
  expect(headers.get('x-frame-options'), where).toBe('DENY');
  // Either tells other sites nothing; forms need the second (see `surface.ts`).
  expect(['no-referrer', 'same-origin'], where).toContain(headers.get('referrer-policy'));
  expect(headers.get('cross-origin-opener-policy'), where).toBe('same-origin');
  expect(headers.get('server'), where).toBeNull();
  expect(headers.get('x-powered-by'), where).toBeNull();
}

describe.each(DIALECTS)('what every page carries on %s', (dialect) => {
  let world: World;
  let site: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_SITE_NAME: '<b>House</b> & "Sons"' } });
    site = await createWorld({
      dialect,
      env: {
        FLUXGATE_PUBLIC_URL: 'https://login.example.com',
        FLUXGATE_SITE_NAME: '<img src=x onerror=alert(1)>',
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await site.close();
  });

  const form = { email: '', password: PASSWORD, consent: 'yes' };

  it('sends the security headers with every document, refusals too [I01, I02]', async () => {
    for (const path of PAGES) expectHeaders(await world.client().get(path), path);
    const { email } = await world.person();
    const refused: [string, Record<string, string>][] = [
      ['/login', { email, password: 'wrong' }],
      ['/register', { email, password: 'x' }],
      ['/verify', { token: 'x' }],
      ['/reset', { token: 'x', password: PASSWORD }],
      ['/wasntme', { token: 'x', password: PASSWORD }],
      ['/authorize-ip', { token: 'x' }],
      ['/login/passkey', { passkey: 'x' }],
      ['/setup', { token: 'x' }],
    ];
    for (const [path, fields] of refused) {
      const reply = await world.client().form(path, fields);
      expect(reply.status, path).toBe(400);
      expectHeaders(reply, path);
    }
    expectHeaders(await world.client().form('/login', {}, { origin: 'https://evil.example' }), 'cross-site');
    expectHeaders(await world.client().get('/dev/mailbox'), 'mailbox');
  });

  it('lets nobody keep a document of the pages [I05]', async () => {
    const { email, client } = await world.person();
    const signedIn = await client.form('/login', { email, password: PASSWORD });
    expect(signedIn.headers.get('cache-control')).toBe('no-store');
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const personal = [...PAGES.filter((path) => !path.startsWith('/console')), '/account', '/admin/v1/me'];
    for (const path of personal) {
      const reply = await client.get(path, { cookie });
      expect(reply.headers.get('cache-control'), path).toBe('no-store');
    }
  });

  it('asks for https for a year and more once the public address is https [I02]', async () => {
    const seconds = (reply: Reply) =>
      Number(/max-age=(\d+)/.exec(reply.headers.get('strict-transport-security') ?? '')?.[1] ?? 0);
    expect(seconds(await site.client().get('/login'))).toBeGreaterThanOrEqual(31_536_000);
    expect((await world.client().get('/login')).headers.get('strict-transport-security')).toBeNull();
  });

  it('sets the cookie for this host alone, out of reach of scripts [D03]', async () => {
    const { email } = await world.person();
    const reply = await world.client().form('/login', { email, password: PASSWORD });
    const [line = ''] = reply.headers.getSetCookie();
    expect(line).toMatch(/^fluxgate=fluxgate_session_\w+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(line.length).toBeLessThan(4096);
  });

  it('binds the cookie to https and to the host by its name [D03]', async () => {
    const origin = { origin: 'https://login.example.com' };
    const { email } = await site.person();
    const reply = await site.client().form('/login', { email, password: PASSWORD }, origin);
    const [line = ''] = reply.headers.getSetCookie();
    expect(line.split('; ').sort()).toEqual([
      'HttpOnly',
      'Max-Age=2592000',
      'Path=/',
      'SameSite=Lax',
      'Secure',
      expect.stringMatching(/^__Host-fluxgate=fluxgate_session_\w+$/),
    ]);
    const cookie = line.split(';')[0] ?? '';
    const out = await site.client().form('/logout', {}, { ...origin, cookie });
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-fluxgate=; Max-Age=0;.*Secure/);
    // A name without the prefix could have been planted by a sibling host.
    const value = cookie.split('=')[1];
    const planted = await site.client().get('/account', { cookie: `fluxgate=${value}` });
    expect(planted.status).toBe(303);
  });

  it('asks for passwords in fields that password managers know, and never hinders pasting [A07]', async () => {
    const expected: [string, string][] = [
      ['/login', 'current-password'],
      ['/register', 'new-password'],
      ['/reset', 'new-password'],
      ['/wasntme', 'new-password'],
      ['/setup', 'new-password'],
    ];
    for (const [path, autocomplete] of expected) {
      const { text } = await world.client().get(path);
      const [field = ''] = /<input[^>]*name="password"[^>]*>/.exec(text) ?? [];
      expect(field, path).toContain('type="password"');
      expect(field, path).toContain(`autocomplete="${autocomplete}"`);
      expect(field, path).not.toMatch(/\svalue="[^"]/);
      expect(text, path).not.toMatch(/\son\w+=/i);
    }
    expect((await world.client().get('/assets/token.js')).text).not.toMatch(/onpaste|addEventListener/);
  });

  it('holds no script and no style in a document itself [I01]', async () => {
    for (const path of PAGES) {
      const { text } = await world.client().get(path);
      expect(text, path).not.toMatch(/<style|\sstyle=|javascript:/i);
      for (const [, attributes, body] of text.matchAll(/<script([^>]*)>([^<]*)/g)) {
        expect(attributes, path).toMatch(/\ssrc="\/(assets|console)\//);
        expect(body?.trim(), path).toBe('');
      }
    }
  });

  it('writes hostile names and addresses as text [I01]', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const email = `"><svg/onload=alert(1)>@example.com`;
    const client = world.client();
    const refused = await client.form('/register', { ...form, password: 'x', email, name });
    expect(refused.text).toContain('&lt;img src=x onerror=alert(1)>');
    const again = await client.form('/login', { email, password: 'x' });
    const { email: owner } = await world.person({ global_name: name });
    const good = await client.form('/login', { email: owner, password: PASSWORD });
    const cookie = good.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const account = await client.get('/account', { cookie });
    expect(account.text).toContain('&lt;img src=x onerror');
    for (const { text } of [refused, again, account])
      expect(text).not.toMatch(/<(img|svg)[^>]*on(error|load)/i);
  });

  it('writes a hostile agent and token as text [I01]', async () => {
    const agent = 'Mozilla/5.0 <script>alert(1)</script>';
    const { email, client } = await world.person();
    await client.post('/v1/auth/login', { email, password: PASSWORD }, { 'user-agent': agent });
    const reply = await client.form('/login', { email, password: PASSWORD }, { 'user-agent': agent });
    const cookie = reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await client.get('/account', { cookie })).text).not.toContain('<script>');
    const hostile = await client.form('/verify', { token: '"><script>alert(1)</script>' });
    expect(hostile.text).not.toContain('<script>alert');
  });

  it("writes a hostile site name as text in pages and mails, and nothing of a person in a mail's head [L02, bug 63]", async () => {
    for (const server of [world, site])
      expect((await server.client().get('/login')).text).not.toMatch(/<(b|img)\b/);
    const { email } = await world.person({
      global_name: 'Ada\r\nBcc: a@evil.example <a>',
    });
    await world.client().form('/forgot', { email });
    const mails = await world.mails(email);
    expect(mails.map(({ kind }) => kind).sort()).toEqual(['email_verification', 'password_reset']);
    for (const { subject, to, text } of mails) {
      expect(to).toBe(email);
      expect(subject).toMatch(/^[\w -]+$/);
      expect(text).not.toMatch(/Bcc|evil|Ada/);
    }
    expect((await world.direct.get('/dev/mailbox')).text).not.toMatch(/<(b|img)\b/);
    const hostile = {
      name: '<img src=x onerror=alert(1)>',
      publicUrl: 'https://login.example.com',
      ...{ projectId: 'proj_1', isDefault: true, logoUrl: null, color: null },
    };
    for (const kind of ['email_verification', 'password_reset', 'password_changed']) {
      const { html } = renderMail(kind, { token: '"><script>' }, hostile);
      expect(html).not.toMatch(/<(img|script)/);
      expect(html).toContain('&lt;img src=x');
    }
  });
});
