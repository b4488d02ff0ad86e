import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  emailChangeOf,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BAD_TICKET = '400 INVALID_FORM_BODY ticket:INVALID_OR_EXPIRED_AUTHORIZATION_TICKET';
const BAD_TOKEN = '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_AUTHORIZATION_TOKEN';

describe.each(DIALECTS)('a sign-in from a new place on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' },
    });
  });
  afterAll(() => world.close());

  const login = (client: Client, email: string, password = PASSWORD) =>
    client.post('/v1/auth/login', { email, password });
  const poll = (client: Client, ticket: string) =>
    client.get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
  const approve = (token: string) => world.client().post('/v1/auth/authorize-ip', { token });

  /** Somebody at home, and the same person's sign-in from elsewhere, waiting. */
  async function waiting() {
    const person = await world.person();
    const elsewhere = world.client();
    const { ticket } = decode.newPlace(await login(elsewhere, person.email));
    const { token } = await world.newestMail(person.email, 'ip_authorization');
    return { person, elsewhere, ticket, token };
  }

  it('waits for its mail, then goes on where it began and nowhere else [D11]', async () => {
    const { person, elsewhere, ticket, token } = await waiting();
    const pending = await poll(elsewhere, ticket);
    expect(decode.placePoll(pending)).toBeNull();
    expect(pending.json).toEqual({ completed: false });
    const opener = world.client();
    const approved = await opener.post('/v1/auth/authorize-ip', { token });
    decode.empty(approved);
    expect(approved.headers.has('set-cookie')).toBe(false);
    const answer = decode.placePoll(await poll(elsewhere, ticket));
    expect(answer?.user_id).toBe(person.userId);
    elsewhere.token = answer?.token ?? '';
    expect(decode.user(await elsewhere.get('/v1/users/@me')).id).toBe(person.userId);
    const sessions = decode.sessions(await elsewhere.get('/v1/auth/sessions'));
    const [address] = elsewhere.address.split('.').slice(1);
    expect(sessions.find(({ current }) => current)?.masked_ip).toContain(`10.${address}`);
    // One of the registration, one of the sign-in at home, and this.
    expect(sessions).toHaveLength(3);
  });

  it('knows the place from then on, the whole network of it and no other [D12]', async () => {
    const { person, elsewhere, token } = await waiting();
    decode.empty(await approve(token));
    decode.token(await login(elsewhere, person.email));
    const neighbour = world.client(elsewhere.address.replace(/\.\d+$/, '.99'));
    decode.token(await login(neighbour, person.email));
    decode.newPlace(await login(world.client('203.0.113.9'), person.email));
    decode.newPlace(await login(world.client('2001:db8:1::1'), person.email));
  });

  it('counts a /64 as one place, however the address is written [D12]', async () => {
    const { email } = await world.person();
    decode.newPlace(await login(world.client('2001:db8:5:6::1'), email));
    decode.empty(await approve((await world.newestMail(email, 'ip_authorization')).token));
    decode.token(await login(world.client('2001:0DB8:5:6:ffff::9'), email));
    decode.newPlace(await login(world.client('2001:db8:5:7::1'), email));
  });

  it('tells the mail where it was asked from, and the mail nobody else', async () => {
    const { person, elsewhere, ticket, token } = await waiting();
    const mail = await world.newestMail(person.email, 'ip_authorization');
    expect(mail.text).toContain(elsewhere.address);
    expect(mail.links[0]).toBe(`${world.baseUrl}/authorize-ip#token=${token}`);
    expect(token).not.toBe(ticket);
    expect(refusal(await approve(ticket))).toBe(BAD_TOKEN);
    expect(refusal(await poll(elsewhere, token))).toBe(BAD_TICKET);
  });

  it('asks nothing of a wrong password, and tells it nothing [A09]', async () => {
    const person = await world.person();
    const before = (await world.mails(person.email)).length;
    const reply = await login(world.client(), person.email, 'not the right password');
    expect(refusal(reply)).toBe(
      '400 INVALID_FORM_BODY email:INVALID_EMAIL_OR_PASSWORD password:INVALID_EMAIL_OR_PASSWORD',
    );
    expect(await world.mails(person.email)).toHaveLength(before);
  });

  it('gives the session for a minute, as often as it is asked, and then never again', async () => {
    const { elsewhere, ticket, token } = await waiting();
    decode.empty(await approve(token));
    const first = decode.placePoll(await poll(elsewhere, ticket));
    world.clock.advance(59 * SECOND);
    expect(decode.placePoll(await poll(elsewhere, ticket))?.token).toBe(first?.token);
    world.clock.advance(2 * SECOND);
    expect(refusal(await poll(elsewhere, ticket))).toBe(BAD_TICKET);
  });

  it('is over after 15 minutes, whether or not anybody cleans up [N08, bug 10]', async () => {
    const late = await waiting();
    world.clock.advance(15 * MINUTE - SECOND);
    expect(decode.placePoll(await poll(late.elsewhere, late.ticket))).toBeNull();
    world.clock.advance(SECOND);
    expect(refusal(await poll(late.elsewhere, late.ticket))).toBe(BAD_TICKET);
    expect(refusal(await approve(late.token))).toBe(BAD_TOKEN);
    decode.newPlace(await login(late.elsewhere, late.person.email));
  });

  it('mails the same link once more after half a minute, and not a third time', async () => {
    const { person, ticket, token } = await waiting();
    const resend = (asked: string) =>
      world.client().post('/v1/auth/ip-authorization/resend', { ticket: asked });
    const early = await resend(ticket);
    expect(refusal(early)).toBe('429 IP_AUTHORIZATION_RESEND_COOLDOWN');
    expect(early.json).toMatchObject({ resend_available_in: 30 });
    expect(early.headers.get('retry-after')).toBe('30');
    world.clock.advance(30 * SECOND);
    decode.empty(await resend(ticket));
    const mails = (await world.mails(person.email)).filter(({ kind }) => kind === 'ip_authorization');
    expect(mails.map((mail) => mail.token)).toEqual([token, token]);
    expect(refusal(await resend(ticket))).toBe('429 IP_AUTHORIZATION_RESEND_LIMIT_EXCEEDED');
    expect(refusal(await resend('x'.repeat(64)))).toBe(BAD_TICKET);
    decode.empty(await approve(token));
    expect(refusal(await resend(ticket))).toBe(BAD_TICKET);
  });

  it('speaks seed 000, too: "code" for the token, and its own path to poll', async () => {
    const { elsewhere, ticket, token } = await waiting();
    expect(refusal(await elsewhere.get('/v1/auth/authorize-ip/poll'))).toBe(BAD_TICKET);
    expect(decode.placePoll(await elsewhere.get(`/v1/auth/authorize-ip/poll?code=${ticket}`))).toBeNull();
    decode.empty(await world.client().post('/v1/auth/authorize-ip', { code: token }));
    const polled = await elsewhere.get(`/v1/auth/authorize-ip/poll?code=${ticket}`);
    expect(decode.placePoll(polled)).not.toBeNull();
    expect(polled.headers.get('cache-control')).toBe('no-store');
  });

  it('sets the cookie of seed 000 beside the token for the app that polls, and never through a link [D02]', async () => {
    const { elsewhere, ticket, token } = await waiting();
    const path = `/v1/auth/ip-authorization/poll?ticket=${ticket}`;
    expect((await elsewhere.get(path)).headers.has('set-cookie')).toBe(false);
    decode.empty(await approve(token));
    const polled = await elsewhere.get(path, { accept: 'application/json', 'sec-fetch-site': 'same-origin' });
    const session = decode.placePoll(polled)?.token;
    expect(polled.headers.get('set-cookie')).toMatch(
      new RegExp(`^fluxer_session=${session}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax$`),
    );
    const followed: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-site': 'none' },
      { accept: 'text/html' },
    ];
    for (const headers of followed) {
      const reply = await elsewhere.get(path, headers);
      expect(decode.placePoll(reply)?.token).toBe(session);
      expect(reply.headers.has('set-cookie')).toBe(false);
    }
  });

  it('is void once the password was changed by a reset meanwhile [bug 12]', async () => {
    const { person, elsewhere, ticket, token } = await waiting();
    world.clock.advance(SECOND);
    await world.client().post('/v1/auth/forgot', { email: person.email });
    const reset = await world.newestMail(person.email, 'password_reset');
    decode.token(
      await world
        .client()
        .post('/v1/auth/reset', { token: reset.token, password: 'another horse, another staple' }),
    );
    expect(refusal(await approve(token))).toBe(BAD_TOKEN);
    expect(refusal(await poll(elsewhere, ticket))).toBe(BAD_TICKET);
  });

  it('is void in the mailbox that the account has left meanwhile, and mailed nowhere once more [D05, D11]', async () => {
    const { person, elsewhere, ticket, token } = await waiting();
    const { address } = await emailChangeOf(world, person).changed();
    world.clock.advance(30 * SECOND);
    const mailed = (await world.mails(address)).length;
    expect(refusal(await world.client().post('/v1/auth/ip-authorization/resend', { ticket }))).toBe(
      BAD_TICKET,
    );
    expect(await world.mails(address)).toHaveLength(mailed);
    expect(refusal(await approve(token))).toBe(BAD_TOKEN);
    expect(refusal(await poll(elsewhere, ticket))).toBe(BAD_TICKET);
    // The new mailbox is asked anew, and its answer counts.
    const again = decode.newPlace(await login(elsewhere, address));
    decode.empty(await approve((await world.newestMail(address, 'ip_authorization')).token));
    expect(decode.placePoll(await poll(elsewhere, again.ticket))?.user_id).toBe(person.userId);
  });

  it('lets nobody in whose account was suspended meanwhile [bug 33]', async () => {
    const { person, elsewhere, ticket, token } = await waiting();
    const actor = { userId: null, sessionId: null, origin: null };
    const { users, project } = world.instance;
    await users.suspend({ projectId: project.id, id: person.userId, reason: null, actor });
    expect(refusal(await approve(token))).toBe(BAD_TOKEN);
    expect(refusal(await poll(elsewhere, ticket))).toBe(BAD_TICKET);
  });

  it('is asked for once more when the places were forgotten', async () => {
    const { client, email } = await world.person();
    decode.token(await login(client, email));
    const body = { password: PASSWORD };
    decode.empty(await client.send('/v1/users/@me/authorized-ips', { method: 'DELETE', body }));
    decode.newPlace(await login(client, email));
  });

  it('is approved once by fifty hands, and opens one session', async () => {
    const { elsewhere, ticket, token } = await waiting();
    const replies = await Promise.all(Array.from({ length: 50 }, () => approve(token)));
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 204))
      expect(refusal(reply)).toBe(BAD_TOKEN);
    elsewhere.token = decode.placePoll(await poll(elsewhere, ticket))?.token ?? '';
    expect(decode.sessions(await elsewhere.get('/v1/auth/sessions'))).toHaveLength(3);
  });

  it('takes the first place of an account that an operator made for its own', async () => {
    const { users, recovery, project } = world.instance;
    const person = await world.person();
    // As the command line makes it: nobody has signed in, and no place is known.
    const { db } = world.instance.storage;
    await db.updateTable('user').set({ last_seen_at: null }).where('id', '=', person.userId).execute();
    await db.deleteFrom('authorised_place').where('user_id', '=', person.userId).execute();
    expect((await users.find(project.id, person.userId)).lastSeenAt).toBeNull();
    const first = world.client();
    await first.post('/v1/auth/forgot', { email: person.email });
    const { token } = await world.newestMail(person.email, 'password_reset');
    expect(await recovery.isGood(project.id, token)).toBe(true);
    decode.token(await first.post('/v1/auth/reset', { token, password: PASSWORD }));
    decode.token(await login(first, person.email));
    decode.newPlace(await login(world.client(), person.email));
  });

  it('needs no approval for a reset, which has proved the mailbox, and remembers no place for it', async () => {
    const { email } = await world.person();
    const away = world.client();
    await away.post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    decode.token(await away.post('/v1/auth/reset', { token, password: PASSWORD }));
    decode.newPlace(await login(away, email));
  });

  it('keeps neither the link nor the session of it readable in the database', async () => {
    const { elsewhere, ticket, token } = await waiting();
    decode.empty(await approve(token));
    const session = decode.placePoll(await poll(elsewhere, ticket))?.token ?? '';
    const rows = await world.instance.storage.db.selectFrom('sign_in_ticket').selectAll().execute();
    const text = JSON.stringify(rows);
    for (const secret of [ticket, token, session]) expect(text).not.toContain(secret);
  });
});
