import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  ManualClock,
  newEmail,
  PASSWORD,
  until,
  type World,
} from '../../testing/index.ts';

const BASE = '/v1/users/@me/email-change/bounced';
const form = (items: string) => `400 INVALID_FORM_BODY ${items}`;

describe.each(DIALECTS)('replacing a mailbox that is gone, contract 4.7, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  const bounce = (address: string) =>
    world.instance.contacts.noteBounce({ projectId: world.instance.project.id, address });
  async function gone() {
    const person = await world.person();
    await bounce(person.email.toUpperCase());
    return person;
  }
  async function requested(client: Client, address = newEmail()) {
    const reply = await client.post(`${BASE}/request-new`, { new_email: address });
    const { ticket } = reply.json as { ticket: string };
    return { reply, ticket, address, code: (await world.newestMail(address, 'email_change_new')).token };
  }

  it('needs no proof of the old one, and sets the new one at once', async () => {
    const { client, email } = await gone();
    expect(await me(client)).toMatchObject({ email, email_bounced: true });
    const { reply, ticket, address, code } = await requested(client);
    expect(reply.json).toEqual({
      ticket,
      new_email: address,
      new_code_expires_at: new Date(clock.now() + 600_000).toISOString(),
      resend_available_at: new Date(clock.now() + 30_000).toISOString(),
    });
    expect(refusal(await client.post(`${BASE}/resend-new`, { ticket }))).toBe('429 RATE_LIMITED');
    const wrong = await client.post(`${BASE}/verify-new`, { ticket, code: 'AAAA-AAAA' });
    expect(refusal(wrong)).toBe(form('code:INVALID_VERIFICATION_CODE'));
    const changed = decode.user(await client.post(`${BASE}/verify-new`, { ticket, code }));
    expect(changed).toMatchObject({ email: address, verified: true, email_bounced: false });
    expect(await me(client)).toEqual(changed);
    expect((await world.mails(address))[0]?.kind).toBe('email_changed');
    const login = { email: address, password: PASSWORD };
    decode.token(await world.client().post('/v1/auth/login', login));
  });

  it('is for nobody whose mailbox is there', async () => {
    const { client, email } = await world.person();
    expect(await me(client)).toMatchObject({ email_bounced: false });
    const body = { new_email: newEmail() };
    expect(refusal(await client.post(`${BASE}/request-new`, body))).toBe('403 ACCESS_DENIED');
    expect(refusal(await world.client().post(`${BASE}/request-new`, body))).toBe('401 UNAUTHORIZED');
    expect(await me(client)).toMatchObject({ email });
  });

  it('ends when the mailbox proves to be there after all', async () => {
    const { client, email } = await gone();
    const { ticket, code } = await requested(client);
    await world.client().post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    const reset = await world.client().post('/v1/auth/reset', { token, password: 'there after all' });
    const owner = world.client();
    owner.token = decode.token(reset).token;
    expect(await me(owner)).toMatchObject({ email_bounced: false });
    expect(refusal(await client.post(`${BASE}/verify-new`, { ticket, code }))).toBe('401 UNAUTHORIZED');
    expect(refusal(await owner.post(`${BASE}/verify-new`, { ticket, code }))).toBe(
      form('ticket:INVALID_OR_EXPIRED_TICKET'),
    );
    expect(refusal(await owner.post(`${BASE}/request-new`, { new_email: newEmail() }))).toBe(
      '403 ACCESS_DENIED',
    );
  });

  it.each([
    [{}, 'new_email:EMAIL_IS_REQUIRED'],
    [{ new_email: '' }, 'new_email:EMAIL_IS_REQUIRED'],
    [{ new_email: 7 }, 'new_email:INVALID_FORMAT'],
    [{ new_email: 'no address' }, 'new_email:INVALID_EMAIL_FORMAT'],
  ])('refuses %j', async (body, items) => {
    const { client } = await gone();
    expect(refusal(await client.post(`${BASE}/request-new`, body))).toBe(form(items));
  });

  it('takes no address of somebody else, and not the one that is gone', async () => {
    const { client, email } = await gone();
    const ask = (new_email: string) => client.post(`${BASE}/request-new`, { new_email });
    expect(refusal(await ask((await world.person()).email))).toBe(form('new_email:EMAIL_ALREADY_IN_USE'));
    expect(refusal(await ask(email.toUpperCase()))).toBe(form('new_email:NEW_EMAIL_MUST_BE_DIFFERENT'));
    const { ticket, code, address } = await requested(client);
    await world.register(world.client(), { email: address });
    expect(refusal(await client.post(`${BASE}/verify-new`, { ticket, code }))).toBe(
      form('new_email:EMAIL_ALREADY_IN_USE'),
    );
    expect(await me(client)).toMatchObject({ email });
  });

  it('sets the address for one of fifty at once, and asks for a second factor where there is one [B02, B09]', async () => {
    const person = await gone();
    const { client } = person;
    const app = await createFactorKit(world).totp(person);
    const { ticket, code, address } = await requested(client);
    const verify = (proof: object) => client.post(`${BASE}/verify-new`, { ticket, code, ...proof });
    expect(refusal(await verify({ password: PASSWORD }))).toBe('403 SUDO_MODE_REQUIRED');
    const reply = await verify({ mfa_method: 'totp', mfa_code: app.code() });
    expect(decode.user(reply)).toMatchObject({ email: address });

    const { client: other } = await gone();
    const held = await requested(other);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        other.post(`${BASE}/verify-new`, { ticket: held.ticket, code: held.code }),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const one of replies.filter(({ status }) => status !== 200))
      expect(refusal(one)).toBe(form('ticket:TICKET_ALREADY_COMPLETED'));
  });
});

describe.each(DIALECTS)('what a mail server says of a mailbox on %s', (dialect) => {
  it.each([
    [550, '5.1.1 No such user here', true],
    [550, '5.1.2 No such domain', true],
    [550, '5.7.1 Relaying denied', false],
    [552, '5.2.2 Mailbox full', false],
    [550, 'Go away', false],
    [451, '4.1.1 Come back later', false],
  ])('is believed when it says that there is none: %d %s', async (responseCode, text, isGone) => {
    let refusals = 0;
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onRcptTo(_address, _session, done) {
        refusals++;
        done(Object.assign(new Error(text), { responseCode }));
      },
    });
    const port = await new Promise<number>((listening) => {
      const server = smtp.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
    });
    const world = await createWorld({
      dialect,
      env: { FLUXGATE_SMTP_URL: `smtp://127.0.0.1:${port}`, FLUXGATE_MAIL_FROM: 'a@example.org' },
    });
    try {
      const client = world.client();
      client.token = decode.token(await world.register(client)).token;
      await until(() => refusals === 1);
      await world.instance.outboxWorker.settled();
      expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({ email_bounced: isGone });
      // What will never arrive is not tried again; all else is.
      const rows = await world.instance.storage.db.selectFrom('outbox').select('due_at').execute();
      expect(rows.map(({ due_at }) => due_at === null)).toEqual([isGone]);
    } finally {
      await world.close();
      await new Promise<void>((closed) => smtp.close(() => closed()));
    }
  });
});
