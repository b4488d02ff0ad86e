import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { safeNext } from '../../pages-kit/index.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

/** What has led a browser to another host somewhere, or runs as a script (security I04). */
const HOSTILE = [
  '//evil.example',
  '///evil.example',
  '////evil.example/a',
  '//evil.example@localhost',
  '//localhost@evil.example',
  '/\\evil.example',
  '/\\\\evil.example',
  '\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '\u0000//evil.example',
  '/\u0000/evil.example',
  '/%09/evil.example',
  '/%0a/evil.example',
  '/%0d%0aset-cookie:fluxgate=x',
  '/account\r\nset-cookie: fluxgate=x',
  '/%2fevil.example',
  '/%2Fevil.example',
  '/%2f%2fevil.example',
  '%2f%2fevil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/a/%2f%2fevil.example',
  'https://evil.example',
  'HTTPS://evil.example',
  'http:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'evil.example',
  '@evil.example',
  '.evil.example',
  ':80',
  '?next=//evil.example',
  '#//evil.example',
  '//evil.example#code=ABCD-EFGH',
  '/\\evil.example#code=ABCD-EFGH',
  '/handoff#code=ABCD-EFGH#//evil.example',
  '/handoff#code=//evil',
  '/handoff#token=ABCD-EFGH',
  '／／evil.example',
  '/／evil.example',
  '/⁄evil.example',
  '//evil。example',
  '/。。/evil.example',
  '//[::1]/',
  '/"><script>alert(1)</script>',
  '/<svg onload=alert(1)>',
  '/\u202e//evil.example',
  '/\ufeff/evil.example',
  `/${'a'.repeat(512)}`,
  '',
];

/** Paths of this server, some of which only look odd. */
const FRIENDLY = [
  '/console/',
  '/console/users/1480000000000000000?tab=sessions',
  '/console/audit?event=sign-in.&user_id=12',
  '/account?done=ended',
  '/a/b;c=d/e,f(g)!*',
  '/@somebody',
  '/a?u=https://evil.example/',
  '/%e2%9c%93',
  '/handoff#code=ABCD-EFGH',
];

describe('where sign-in goes on to', () => {
  it.each(HOSTILE)('refuses %j [I04, bug 68]', (next) => {
    expect(safeNext(next, '/account')).toBe('/account');
  });

  it.each([undefined, null, 7, ['/a'], { next: '/a' }])('refuses what is no text: %j', (next) => {
    expect(safeNext(next, '/account')).toBe('/account');
  });

  it.each(FRIENDLY)('goes to %j, which no browser reads as another host', (next) => {
    expect(safeNext(next, '/account')).toBe(next);
    expect(new URL(next, 'http://localhost:1').origin).toBe('http://localhost:1');
  });
});

describe.each(DIALECTS)('the sign-in form on %s', (dialect) => {
  let world: World;
  let email: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    ({ email } = await world.person());
  });
  afterAll(() => world.close());

  it('answers no hostile destination with an address of another host [I04, bug 68]', async () => {
    for (const next of HOSTILE) {
      const asked = await world.client().get(`/login?next=${encodeURIComponent(next)}`);
      // An address that holds a NUL is refused before any page sees it.
      const isReadable = !next.includes('\u0000');
      expect(asked.status, next).toBe(isReadable ? 200 : 400);
      if (isReadable) expect(asked.text).toContain('<input type="hidden" name="next" value="/account"/>');
      const reply = await world.client().form('/login', { email, password: PASSWORD, next });
      expect(reply.status, next).toBe(303);
      expect(reply.headers.get('location'), next).toBe('/account');
      expect(reply.headers.getSetCookie(), next).toHaveLength(1);
    }
  });

  it('keeps a good destination through a refused try', async () => {
    const next = '/console/audit?event=sign-in.';
    const refused = await world.client().form('/login', { email, password: 'wrong', next });
    expect(refused.text).toContain(`name="next" value="${next}"`);
    const reply = await world.client().form('/login', { email, password: PASSWORD, next });
    expect(reply.headers.get('location')).toBe(next);
  });

  it('takes a destination that is given twice for none [I04]', async () => {
    const reply = await world.client().send('/login', {
      method: 'POST',
      body: `email=${encodeURIComponent(email)}&password=${encodeURIComponent(PASSWORD)}&next=/console/&next=//evil.example`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: world.baseUrl },
    });
    expect(reply.headers.get('location')).toBe('/account');
  });
});
