import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  emailChangeOf,
  ManualClock,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CODE = /^[A-Z0-9]{4}-[A-Z0-9]{4}$/;
const form = (items: string) => `400 INVALID_FORM_BODY ${items}`;

describe.each(DIALECTS)('changing the e-mail address, contract 4.7, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  const login = (email: string, password = PASSWORD) =>
    world.client().post('/v1/auth/login', { email, password });
  const iso = (at: number) => new Date(at).toISOString();
  async function person() {
    const who = await world.person();
    return { ...who, change: emailChangeOf(world, who) };
  }

  it('leads a proved address through both mailboxes to the new one', async () => {
    const { client, email, change } = await person();
    const address = `New.${newEmail()}`;

    const start = await change.post('start', {});
    expect(start.status).toBe(200);
    const { ticket } = start.json as { ticket: string };
    expect(start.json).toEqual({
      ticket: expect.stringMatching(UUID),
      require_original: true,
      original_email: email,
      original_proof: null,
      original_code_expires_at: iso(clock.now() + 10 * MINUTE),
      resend_available_at: iso(clock.now() + 30 * SECOND),
    });
    const originalCode = await change.originalCode();
    expect(originalCode).toMatch(CODE);

    const proved = await change.post('verify-original', { ticket, code: ` ${originalCode} ` });
    expect(proved.json).toEqual({ original_proof: expect.stringMatching(UUID) });
    const { original_proof } = proved.json as { original_proof: string };

    const requested = await change.post('request-new', { ticket, new_email: address, original_proof });
    expect(requested.json).toEqual({
      ticket,
      new_email: address,
      new_code_expires_at: iso(clock.now() + 10 * MINUTE),
      resend_available_at: iso(clock.now() + 30 * SECOND),
    });
    const code = await change.newCode(address);
    expect(code).toMatch(CODE);

    const verified = await change.post('verify-new', { ticket, code, original_proof });
    expect(verified.json).toEqual({ email_token: expect.stringMatching(UUID) });
    // Nothing has changed until the token is used.
    expect(await me(client)).toMatchObject({ email, verified: true });

    const { email_token } = verified.json as { email_token: string };
    const changed = decode.user(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
    expect(changed).toMatchObject({ email: address, verified: true });
    expect(await me(client)).toEqual(changed);
    decode.token(await login(address.toUpperCase()));
    expect((await login(email)).status).toBe(400);
    // The old address is free for somebody else.
    decode.token(await world.register(world.client(), { email }));
  });

  it('tells both mailboxes, and mails only to the old one what takes it back [A12]', async () => {
    const { email, change } = await person();
    const { address } = await change.changed();
    const kinds = async (to: string) => (await world.mails(to)).map(({ kind }) => kind);
    expect(await kinds(address)).toEqual(['email_changed', 'email_change_new']);
    expect((await kinds(email)).slice(0, 2)).toEqual(['email_change_revert', 'email_change_original']);
    const { token, links, text } = await world.newestMail(email, 'email_change_revert');
    expect(token).toMatch(/^[0-9A-Za-z]{64}$/);
    expect(links).toEqual([`${world.baseUrl}/wasntme#token=${token}`]);
    expect(text).not.toContain(address);
    for (const mail of [...(await world.mails(email)), ...(await world.mails(address))]) {
      expect(mail.text).not.toMatch(/\{\w+\}|undefined/);
    }
  });

  it('mails a code without a link, and says who asks [L03, bug 40]', async () => {
    const who = await world.person({ username: 'asks_for_it' });
    const change = emailChangeOf(world, who);
    const { address, code } = await change.newRequested();
    const mail = await world.newestMail(address, 'email_change_new');
    expect(mail.links).toEqual([]);
    expect(mail.text).toMatch(/asks_for_it#\d{4}/);
    expect(mail.text).toContain(`\n${code}\n`);
  });

  it('voids what was mailed to the old address [D05]', async () => {
    const { email, change } = await person();
    await world.client().post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    await change.changed();
    const reset = { token, password: 'chosen in the old mailbox' };
    expect(refusal(await world.client().post('/v1/auth/reset', reset))).toBe(
      form('token:INVALID_OR_EXPIRED_RESET_TOKEN'),
    );
    expect((await world.client().post('/v1/auth/forgot', { email })).status).toBe(204);
    expect((await world.mails(email)).filter(({ kind }) => kind === 'password_reset')).toHaveLength(1);
  });

  it('asks nothing of an address that was never proved, and mails it no way back', async () => {
    const client = world.client();
    const { email, json } = await world.register(client);
    client.token = (json as { token: string }).token;
    const change = emailChangeOf(world, { client, email });
    const start = await change.post('start', {});
    expect(start.json).toMatchObject({
      require_original: false,
      original_email: email,
      original_proof: expect.stringMatching(UUID),
      original_code_expires_at: null,
      resend_available_at: null,
    });
    const { ticket, original_proof } = start.json as { ticket: string; original_proof: string };
    const address = newEmail();
    await change.post('request-new', { ticket, new_email: address, original_proof });
    const code = await change.newCode(address);
    const verified = await change.post('verify-new', { ticket, code, original_proof });
    const { email_token } = verified.json as { email_token: string };
    decode.user(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
    expect(await me(client)).toMatchObject({ email: address, verified: true });
    // That mailbox may be a stranger's, who must not be handed the account.
    expect((await world.mails(email)).map(({ kind }) => kind)).toEqual([
      'email_changed',
      'email_verification',
    ]);
    const { token } = await world.newestMail(email, 'email_verification');
    expect((await world.client().post('/v1/auth/verify', { token })).status).toBe(400);
  });

  describe('claiming an account that is nobody’s', () => {
    async function nobody() {
      const client = world.client();
      client.token = decode.token(await world.register(client, { email: null, password: null })).token;
      const change = emailChangeOf(world, { client, email: '' });
      const start = await change.post('start', {});
      expect(start.json).toMatchObject({ require_original: false, original_email: null });
      const { ticket, original_proof } = start.json as { ticket: string; original_proof: string };
      const address = newEmail();
      await change.post('request-new', { ticket, new_email: address, original_proof });
      const code = await change.newCode(address);
      const verified = await change.post('verify-new', { ticket, code, original_proof });
      return { client, address, email_token: (verified.json as { email_token: string }).email_token };
    }

    it('takes address and password in one request, and keeps the session', async () => {
      const { client, address, email_token } = await nobody();
      const reply = await client.patch('/v1/users/@me', { email_token, new_password: PASSWORD });
      expect(decode.user(reply)).toMatchObject({ email: address, verified: true });
      expect(reply.headers.has('x-fluxer-session-token')).toBe(false);
      expect(await me(client)).toMatchObject({ email: address });
      decode.token(await login(address));
    });

    it('takes neither when the password is refused', async () => {
      const { client, address, email_token } = await nobody();
      const common = await client.patch('/v1/users/@me', { email_token, new_password: 'password123' });
      expect(refusal(common)).toBe(form('new_password:PASSWORD_IS_TOO_COMMON'));
      expect(await me(client)).toMatchObject({ email: null, password_last_changed_at: null });
      decode.user(await client.patch('/v1/users/@me', { email_token, new_password: PASSWORD }));
      decode.token(await login(address));
    });

    it('takes neither when the token is not good', async () => {
      const { client } = await nobody();
      const body = { email_token: 'made-up', new_password: PASSWORD };
      expect(refusal(await client.patch('/v1/users/@me', body))).toBe(
        form('email_token:INVALID_EMAIL_TOKEN'),
      );
      expect(await me(client)).toMatchObject({ email: null, password_last_changed_at: null });
    });

    it('takes the address first and the password by mail', async () => {
      const { client, address, email_token } = await nobody();
      decode.user(await client.patch('/v1/users/@me', { email_token }));
      // From now on it is somebody's, and a first password is set by whoever has the mailbox.
      expect(refusal(await client.patch('/v1/users/@me', { new_password: PASSWORD }))).toBe(
        '403 SUDO_MODE_REQUIRED',
      );
      const start = await client.post('/v1/users/@me/password-change/start', {});
      const { ticket } = start.json as { ticket: string };
      const { token: code } = await world.newestMail(address, 'password_change_verification');
      const verify = await client.post('/v1/users/@me/password-change/verify', { ticket, code });
      const complete = { ticket, ...(verify.json as object), new_password: PASSWORD };
      expect((await client.post('/v1/users/@me/password-change/complete', complete)).status).toBe(200);
      decode.token(await login(address));
    });

    it('gives one first address to an account that asks for two at once', async () => {
      const one = await nobody();
      const change = emailChangeOf(world, { client: one.client, email: '' });
      const start = await change.post('start', {});
      const { ticket, original_proof } = start.json as { ticket: string; original_proof: string };
      const address = newEmail();
      await change.post('request-new', { ticket, new_email: address, original_proof });
      const code = await change.newCode(address);
      const { json } = await change.post('verify-new', { ticket, code, original_proof });
      const tokens = [one.email_token, (json as { email_token: string }).email_token];
      const replies = await Promise.all(
        tokens.map((email_token) => one.client.patch('/v1/users/@me', { email_token })),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      const rows = await world.instance.storage.db
        .selectFrom('contact')
        .select('address')
        .where('address', 'in', [one.address, address])
        .execute();
      expect(rows).toHaveLength(1);
    });
  });

  it('is not for a claimed account that never had an address', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client, { email: null, password: null })).token;
    decode.user(await client.patch('/v1/users/@me', { new_password: PASSWORD }));
    expect(refusal(await client.post('/v1/users/@me/email-change/start', {}))).toBe(
      form('email:MUST_HAVE_EMAIL_TO_CHANGE_IT'),
    );
  });

  it('changes address, name and password together, or nothing of them', async () => {
    const { client, email, change } = await person();
    const { email_token, address } = await change.token();
    const all = {
      email_token,
      username: 'all_of_it',
      new_password: 'another fine phrase',
      password: PASSWORD,
    };
    expect(refusal(await client.patch('/v1/users/@me', { ...all, email_token: 'none' }))).toBe(
      form('email_token:INVALID_EMAIL_TOKEN'),
    );
    expect(refusal(await client.patch('/v1/users/@me', { ...all, new_password: 'password123' }))).toBe(
      form('new_password:PASSWORD_IS_TOO_COMMON'),
    );
    expect(await me(client)).toMatchObject({ email });
    const reply = await client.patch('/v1/users/@me', all);
    expect(decode.user(reply)).toMatchObject({ email: address, username: 'all_of_it' });
    expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    decode.token(await login(address, 'another fine phrase'));
  });

  it('takes the token only with a fresh proof, and spends nothing without [D08]', async () => {
    const { client, email, change } = await person();
    const { email_token, address } = await change.token();
    expect(refusal(await client.patch('/v1/users/@me', { email_token }))).toBe('403 SUDO_MODE_REQUIRED');
    expect(refusal(await client.patch('/v1/users/@me', { email_token, password: 'not the right one' }))).toBe(
      form('password:INVALID_PASSWORD'),
    );
    expect(await me(client)).toMatchObject({ email });
    decode.user(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
    expect(await me(client)).toMatchObject({ email: address });
  });

  it.each([
    ['another user', async () => (await world.person()).client],
    [
      'another session of the same user',
      async (email: string) => {
        const client = world.client();
        client.token = decode.token(await login(email)).token;
        return client;
      },
    ],
  ])('gives nothing of it into the hands of %s [J03, bug 12]', async (_who, otherOf) => {
    const { client, email, change } = await person();
    const { ticket, original_proof, code } = await change.newRequested();
    const other = emailChangeOf(world, { client: await otherOf(email), email });
    const unknown = form('ticket:INVALID_OR_EXPIRED_TICKET');
    const steps: [string, object][] = [
      ['resend-original', { ticket }],
      ['verify-original', { ticket, code: await change.originalCode() }],
      ['request-new', { ticket, new_email: newEmail(), original_proof }],
      ['resend-new', { ticket }],
      ['verify-new', { ticket, code, original_proof }],
      ['bounced/resend-new', { ticket }],
      ['bounced/verify-new', { ticket, code }],
    ];
    for (const [step, body] of steps) expect(refusal(await other.post(step, body))).toBe(unknown);
    const verified = await change.post('verify-new', { ticket, code, original_proof });
    const { email_token } = verified.json as { email_token: string };
    const thief = await otherOf(email);
    expect(refusal(await thief.patch('/v1/users/@me', { email_token, password: PASSWORD }))).toBe(
      form('email_token:INVALID_EMAIL_TOKEN'),
    );
    decode.user(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
  });

  it('dies with its session', async () => {
    const { client, email, change } = await person();
    const { email_token } = await change.token();
    await client.post('/v1/auth/logout');
    client.token = decode.token(await login(email)).token;
    expect(refusal(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }))).toBe(
      form('email_token:INVALID_EMAIL_TOKEN'),
    );
    expect(await me(client)).toMatchObject({ email });
  });

  describe('an address that is somebody’s', () => {
    const taken = form('new_email:EMAIL_ALREADY_IN_USE');

    it('cannot be asked for, in any spelling', async () => {
      const { change, email } = await person();
      const held = await change.originalProved();
      const other = (await world.person()).email;
      for (const new_email of [other, other.toUpperCase(), ` ${other} `]) {
        expect(refusal(await change.post('request-new', { ...held, new_email }))).toBe(taken);
      }
      expect(refusal(await change.post('request-new', { ...held, new_email: email.toUpperCase() }))).toBe(
        form('new_email:NEW_EMAIL_MUST_BE_DIFFERENT'),
      );
      expect((await world.mails(other)).some(({ kind }) => kind === 'email_change_new')).toBe(false);
    });

    it('that was taken while its code was on the way is refused, and the code stays good', async () => {
      const { change } = await person();
      const { ticket, original_proof, code, address } = await change.newRequested();
      const squatter = await world.register(world.client(), { email: address });
      expect(squatter.status).toBe(200);
      expect(refusal(await change.post('verify-new', { ticket, original_proof, code }))).toBe(taken);
      await world.instance.storage.db.deleteFrom('contact').where('address', '=', address).execute();
      expect((await change.post('verify-new', { ticket, original_proof, code })).status).toBe(200);
    });

    it('that was taken before the token was used is refused, and nothing changes', async () => {
      const { client, email, change } = await person();
      const { email_token, address } = await change.token();
      await world.register(world.client(), { email: address });
      const use = { email_token, password: PASSWORD, bio: 'not this either' };
      expect(refusal(await client.patch('/v1/users/@me', use))).toBe(form('email:EMAIL_ALREADY_IN_USE'));
      expect(await me(client)).toMatchObject({ email, bio: null });
      expect((await world.mails(email)).some(({ kind }) => kind === 'email_change_revert')).toBe(false);
    });
  });

  it('is of no use once another change was quicker: a ticket proves nothing of a later address', async () => {
    const { client, change } = await person();
    const first = await change.token();
    clock.advance(31 * SECOND);
    const second = await change.token();
    decode.user(await client.patch('/v1/users/@me', { email_token: first.email_token, password: PASSWORD }));
    expect(
      refusal(await client.patch('/v1/users/@me', { email_token: second.email_token, password: PASSWORD })),
    ).toBe(form('email_token:INVALID_EMAIL_TOKEN'));
    expect(await me(client)).toMatchObject({ email: first.address });
  });
});
