import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  createWorld,
  DIALECTS,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

function cookieIn(reply: Reply): string | null {
  const line = reply.headers.getSetCookie().find((one) => one.startsWith('fluxgate='));
  return line === undefined ? null : (/^fluxgate=([^;]*)/.exec(line)?.[1] ?? null);
}

describe.each(DIALECTS)('the forms of the hosted pages on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  async function signIn(client: Client, email: string, cookie?: string): Promise<string> {
    const headers = cookie === undefined ? {} : { cookie: `fluxgate=${cookie}` };
    const reply = await client.form('/login', { email, password: PASSWORD }, headers);
    expect(reply.status).toBe(303);
    return cookieIn(reply) ?? '';
  }

  const account = (client: Client, cookie: string) =>
    client.get('/account', { cookie: `fluxgate=${cookie}` });

  async function isLive(client: Client, cookie: string): Promise<boolean> {
    return (await account(client, cookie)).status === 200;
  }

  describe('sent from another site', () => {
    const foreign: [string, Record<string, string>][] = [
      ['Origin of another host', { origin: 'https://evil.example' }],
      ['Origin null', { origin: 'null' }],
      ['Origin of another port', { origin: 'http://localhost:1' }],
      ['Origin that begins alike', { origin: 'http://localhost.evil.example' }],
      ['empty Origin', { origin: '' }],
      ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
      ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
      ['Origin null from another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['Origin null from nowhere', { origin: 'null', 'sec-fetch-site': 'none' }],
      ['two headers that disagree', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ];

    /** As `client.form`, but with no Origin unless the test gives one. */
    function send(
      client: Client,
      path: string,
      fields: Record<string, string>,
      headers: Record<string, string>,
    ) {
      const body = new URLSearchParams(fields).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return client.send(path, { method: 'POST', body, headers: { ...type, ...headers } });
    }

    it.each(foreign)('registers nobody: %s [I03]', async (_, headers) => {
      const email = newEmail();
      const fields = { email, password: PASSWORD, consent: 'yes' };
      const reply = await send(world.client(), '/register', fields, headers);
      expect(reply.status).toBe(403);
      expect(reply.text).toContain(`not sent from ${world.baseUrl}`);
      expect(reply.headers.getSetCookie()).toEqual([]);
      expect(await world.mails(email)).toEqual([]);
    });

    it.each(foreign)('signs nobody in or out, and ends no session: %s [I03]', async (_, headers) => {
      const { email, client } = await world.person();
      const cookie = await signIn(client, email);
      const withCookie = { ...headers, cookie: `fluxgate=${cookie}` };
      const login = await send(client, '/login', { email, password: PASSWORD }, headers);
      expect(login.status).toBe(403);
      expect(login.headers.getSetCookie()).toEqual([]);
      expect((await send(client, '/logout', {}, withCookie)).status).toBe(403);
      const ending = { which: 'others', password: PASSWORD };
      expect((await send(client, '/account/sessions', ending, withCookie)).status).toBe(403);
      expect(await isLive(client, cookie)).toBe(true);
      expect((await client.get('/v1/users/@me')).status).toBe(200);
    });

    it.each(foreign)('spends no link and sends no mail: %s [I03]', async (_, headers) => {
      const client = world.client();
      const { email } = await world.register(client);
      const { token } = await world.newestMail(email, 'email_verification');
      expect((await send(client, '/verify', { token }, headers)).status).toBe(403);
      expect((await send(client, '/forgot', { email }, headers)).status).toBe(403);
      expect(await world.mails(email)).toHaveLength(1);
      expect((await client.form('/verify', { token })).status).toBe(200);
    });

    it('does as told where there is no browser to deceive', async () => {
      const { email } = await world.person();
      const reply = await send(world.client(), '/login', { email, password: PASSWORD }, {});
      expect(reply.status).toBe(303);
    });
  });

  it('changes nothing by GET, and takes no JSON for a form [I03]', async () => {
    const { email, client } = await world.person();
    const cookie = await signIn(client, email);
    const headers = { cookie: `fluxgate=${cookie}` };
    for (const path of ['/logout', '/account/sessions', '/account/resend'])
      expect((await client.get(path, headers)).status).toBe(404);
    const asJson = await client.post('/login', { email, password: PASSWORD }, { origin: world.baseUrl });
    expect(asJson.headers.getSetCookie()).toEqual([]);
    const asText = await client.send('/logout', {
      method: 'POST',
      body: 'x',
      headers: { ...headers, 'content-type': 'text/plain', origin: world.baseUrl },
    });
    expect(asText.status).toBe(415);
    expect(await isLive(client, cookie)).toBe(true);
  });

  it('never makes a session of a cookie that was planted before the sign-in [D02, bug 25]', async () => {
    const { email, client } = await world.person();
    const planted = `fluxgate_session_${'A'.repeat(43)}`;
    const cookie = await signIn(client, email, planted);
    expect(cookie).not.toBe(planted);
    expect(await isLive(client, planted)).toBe(false);
    expect(await isLive(client, cookie)).toBe(true);
  });

  it("never signs the victim in to the attacker's planted session, which ends [D02, bug 25, bug 28]", async () => {
    const attacker = await world.person();
    const victim = await world.person();
    const planted = await signIn(attacker.client, attacker.email);
    const cookie = await signIn(victim.client, victim.email, planted);
    expect(cookie).not.toBe(planted);
    expect(await isLive(attacker.client, planted)).toBe(false);
    const page = (await account(victim.client, cookie)).text;
    expect(page).toContain(victim.email);
    expect(page).not.toContain(attacker.email);
  });

  it('gives a new token on every sign-in, and the one it replaces is dead [D01]', async () => {
    const { email, client } = await world.person();
    const first = await signIn(client, email);
    const second = await signIn(client, email, first);
    expect(second).not.toBe(first);
    expect(await isLive(client, first)).toBe(false);
    expect(await isLive(client, second)).toBe(true);
  });

  it('gives a new token on step-up, and the old one is dead [D01]', async () => {
    const { email, client } = await world.person();
    const before = await signIn(client, email);
    const headers = { cookie: `fluxgate=${before}` };
    const reply = await client.form('/account/sessions', { which: 'others', password: PASSWORD }, headers);
    const after = cookieIn(reply);
    expect(after).toMatch(/^fluxgate_session_/);
    expect(after).not.toBe(before);
    expect(await isLive(client, before)).toBe(false);
    expect(await isLive(client, after ?? '')).toBe(true);
  });

  it('ends nothing without the password, and asks again after 15 minutes [D06, D08]', async () => {
    const { email, client } = await world.person();
    const cookie = await signIn(client, email);
    const end = (fields: Record<string, string>, token: string) =>
      client.form('/account/sessions', { which: 'others', ...fields }, { cookie: `fluxgate=${token}` });
    for (const fields of [{}, { password: 'wrong' }] as Record<string, string>[]) {
      const refused = await end(fields, cookie);
      expect(refused.status).toBe(400);
      expect(refused.headers.getSetCookie()).toEqual([]);
    }
    expect((await client.get('/v1/users/@me')).status).toBe(200);

    const raised = cookieIn(await end({ password: PASSWORD }, cookie)) ?? '';
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    world.clock.advance(15 * 60_000 - 1);
    expect((await end({}, raised)).status).toBe(303);
    world.clock.advance(1);
    expect((await end({}, raised)).status).toBe(400);
  });

  it('passes over sessions of other people, however they are named [J02]', async () => {
    const stranger = await world.person();
    const cookie = await signIn(stranger.client, stranger.email);
    const listed = (await account(stranger.client, cookie)).text;
    const foreign = [...listed.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id ?? '');
    expect(foreign.length).toBeGreaterThan(0);

    const { email, client } = await world.person();
    const own = await signIn(client, email);
    for (const session of foreign) {
      const fields = { which: 'chosen', session, password: PASSWORD };
      await client.form('/account/sessions', fields, { cookie: `fluxgate=${own}` });
    }
    expect((await stranger.client.get('/v1/users/@me')).status).toBe(200);
    expect(await isLive(stranger.client, cookie)).toBe(true);
  });

  it('takes a NUL in any field for nothing at all, and never for a failure of its own', async () => {
    const { email, client } = await world.person();
    const cookie = await signIn(client, email);
    const headers = { cookie: `fluxgate=${cookie}` };
    const nul = 'a\u0000b';
    const tries: [string, Record<string, string>, number][] = [
      ['/login', { email: nul, password: nul, next: nul }, 400],
      ['/login', { email, password: nul }, 400],
      ['/register', { email: newEmail(), name: nul, password: 'x' }, 400],
      ['/forgot', { email: nul }, 400],
      ['/verify', { token: nul }, 400],
      ['/reset', { token: nul, password: PASSWORD }, 400],
      ['/setup', { token: nul, email: nul, password: PASSWORD }, 400],
      ['/account/sessions', { which: 'chosen', session: nul, password: PASSWORD }, 303],
    ];
    for (const [path, fields, status] of tries)
      expect((await client.form(path, fields, headers)).status, path).toBe(status);
    for (const path of ['/dev/mailbox.json?to=%00', '/login?next=%00', '/account?done=%00'])
      expect((await world.direct.send(path)).status, path).toBeLessThan(500);
  });

  it('clears the cookie and what the browser keeps on sign-out, and the token is dead [D05, I05]', async () => {
    const { email, client } = await world.person();
    const cookie = await signIn(client, email);
    const reply = await client.form('/logout', {}, { cookie: `fluxgate=${cookie}` });
    expect(reply.status).toBe(303);
    expect(cookieIn(reply)).toBe('');
    expect(reply.headers.get('clear-site-data')).toContain('"storage"');
    expect(await isLive(client, cookie)).toBe(false);
  });

  it('does not take a token of another surface for its cookie', async () => {
    const { client } = await world.person();
    expect(await isLive(client, client.token ?? '')).toBe(false);
  });

  it('says the same of a known and an unknown address when a new password is asked for [A09, bug 73]', async () => {
    const { email } = await world.person();
    const known = await world.client().form('/forgot', { email });
    const unknown = await world.client().form('/forgot', { email: newEmail() });
    expect([known.status, known.headers.get('location')]).toEqual([303, '/check-mail?for=reset']);
    expect([unknown.status, unknown.headers.get('location')]).toEqual([303, '/check-mail?for=reset']);
    expect(unknown.text).toBe(known.text);
  });

  it('says the same of a wrong password and an unknown address [A09, bug 73]', async () => {
    const { email } = await world.person();
    const stranger = newEmail();
    const known = await world.client().form('/login', { email, password: 'wrong' });
    const unknown = await world.client().form('/login', { email: stranger, password: 'wrong' });
    expect(unknown.status).toBe(known.status);
    expect(unknown.text.replace(stranger, email)).toBe(known.text);
  });

  it.each(['Everyone', 'here', 'A System Message', ' HERE '])(
    'lets nobody be called %j, on a sign-up or a set-up',
    async (name) => {
      const email = newEmail();
      const fields = { email, name, password: PASSWORD, consent: 'yes' };
      const reply = await world.client().form('/register', fields);
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('This name is reserved.');
      expect(await world.mails(email)).toEqual([]);
      const token = await world.instance.setup.issueLink(world.instance.project.id);
      if (token === null) return;
      const setUp = await world.client().form('/setup', { ...fields, token });
      expect(setUp.status).toBe(400);
      expect(setUp.text).toContain('This name is reserved.');
      expect(await world.instance.setup.isGood(world.instance.project.id, token)).toBe(true);
    },
  );

  it('gives out no session while the address is unconfirmed, and mails a fresh link', async () => {
    const { email } = await world.register(world.client());
    const reply = await world.client().form('/login', { email, password: PASSWORD });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('Confirm your e-mail address first');
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(await world.mails(email)).toHaveLength(2);
  });

  it('stops a flood of guesses without judging them, and says so', async () => {
    const { email } = await world.person();
    const client = world.client();
    const statuses: number[] = [];
    for (let round = 0; round < 7; round++)
      statuses.push((await client.form('/login', { email, password: 'wrong' })).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
    expect((await client.form('/login', { email, password: PASSWORD })).headers.getSetCookie()).toEqual([]);
  });
});
