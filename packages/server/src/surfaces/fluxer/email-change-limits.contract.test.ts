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
const form = (items: string) => `400 INVALID_FORM_BODY ${items}`;

describe.each(DIALECTS)('the limits of a change of address, contract 4.7, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  async function person() {
    const who = await world.person();
    return { ...who, change: emailChangeOf(world, who) };
  }

  describe('time', () => {
    it('ends a code after ten minutes, whether or not anybody cleans up [B03, N08]', async () => {
      const { change } = await person();
      const { ticket } = await change.started();
      const code = await change.originalCode();
      clock.advance(10 * MINUTE);
      expect(refusal(await change.post('verify-original', { ticket, code }))).toBe(
        form('code:VERIFICATION_CODE_EXPIRED'),
      );
      decode.empty(await change.post('resend-original', { ticket }));
      const fresh = await change.originalCode();
      clock.advance(10 * MINUTE - 1);
      const proved = await change.post('verify-original', { ticket, code: fresh });
      expect(proved.status).toBe(200);
    });

    it('ends the code for the new address after ten minutes', async () => {
      const { change } = await person();
      const { ticket, original_proof, code, address } = await change.newRequested();
      clock.advance(10 * MINUTE);
      expect(refusal(await change.post('verify-new', { ticket, original_proof, code }))).toBe(
        form('code:VERIFICATION_CODE_EXPIRED'),
      );
      decode.empty(await change.post('resend-new', { ticket }));
      expect(refusal(await change.post('verify-new', { ticket, original_proof, code }))).toBe(
        form('code:INVALID_VERIFICATION_CODE'),
      );
      clock.advance(10 * MINUTE - 1);
      const fresh = await change.newCode(address);
      expect((await change.post('verify-new', { ticket, original_proof, code: fresh })).status).toBe(200);
    });

    it('ends a ticket after an hour', async () => {
      const { change } = await person();
      const { ticket, original_proof } = await change.originalProved();
      clock.advance(60 * MINUTE - 1);
      const wanted = { ticket, original_proof, new_email: newEmail() };
      expect((await change.post('request-new', wanted)).status).toBe(200);
      clock.advance(1);
      expect(refusal(await change.post('request-new', { ...wanted, new_email: newEmail() }))).toBe(
        form('ticket:INVALID_OR_EXPIRED_TICKET'),
      );
    });

    it.each([
      [30 * MINUTE - 1, null],
      [30 * MINUTE, 'email_token:EMAIL_TOKEN_EXPIRED'],
    ])('ends the token after half an hour: %d ms', async (wait, items) => {
      const { client, email, change } = await person();
      const { email_token, address } = await change.token();
      clock.advance(wait);
      const reply = await client.patch('/v1/users/@me', { email_token, password: PASSWORD });
      if (items === null) decode.user(reply);
      else expect(refusal(reply)).toBe(form(items));
      expect(await me(client)).toMatchObject({ email: items === null ? address : email });
    });

    it('lets half a minute pass between two mails to one address', async () => {
      const { change } = await person();
      const { ticket } = await change.started();
      const early = await change.post('resend-original', { ticket });
      expect(refusal(early)).toBe('429 RATE_LIMITED');
      expect(early.json).toMatchObject({ retry_after: 30, global: false });
      expect(early.headers.get('retry-after')).toBe('30');
      clock.advance(29_999);
      expect(refusal(await change.post('resend-original', { ticket }))).toBe('429 RATE_LIMITED');
      clock.advance(1);
      decode.empty(await change.post('resend-original', { ticket }));
      const code = await change.originalCode();
      const proved = await change.post('verify-original', { ticket, code });
      const { original_proof } = proved.json as { original_proof: string };
      const [typo, right] = [newEmail(), newEmail()];
      expect((await change.post('request-new', { ticket, original_proof, new_email: typo })).status).toBe(
        200,
      );
      expect(refusal(await change.post('request-new', { ticket, original_proof, new_email: typo }))).toBe(
        '429 RATE_LIMITED',
      );
      expect(refusal(await change.post('resend-new', { ticket }))).toBe('429 RATE_LIMITED');
      // Whoever has mistyped need not wait for the mail that goes nowhere.
      expect((await change.post('request-new', { ticket, original_proof, new_email: right })).status).toBe(
        200,
      );
      const stale = await change.newCode(typo);
      expect(refusal(await change.post('verify-new', { ticket, original_proof, code: stale }))).toBe(
        form('code:INVALID_VERIFICATION_CODE'),
      );
      const { json } = await change.post('verify-new', {
        ticket,
        original_proof,
        code: await change.newCode(right),
      });
      expect(json).toMatchObject({ email_token: expect.stringMatching(UUID) });
    });
  });

  describe('wrong codes', () => {
    it('end the ticket after five, new mails or not, the right code included [B04, B05, bug 19]', async () => {
      const { change } = await person();
      const { ticket } = await change.started();
      const wrong = () => change.post('verify-original', { ticket, code: 'AAAA-AAAA' });
      for (let round = 0; round < 3; round++)
        expect(refusal(await wrong())).toBe(form('code:INVALID_VERIFICATION_CODE'));
      clock.advance(31 * SECOND);
      decode.empty(await change.post('resend-original', { ticket }));
      for (let round = 0; round < 2; round++)
        expect(refusal(await wrong())).toBe(form('code:INVALID_VERIFICATION_CODE'));
      const dead = form('ticket:INVALID_OR_EXPIRED_TICKET');
      expect(refusal(await wrong())).toBe(dead);
      const code = await change.originalCode();
      expect(refusal(await change.post('verify-original', { ticket, code }))).toBe(dead);
      clock.advance(31 * SECOND);
      expect(refusal(await change.post('resend-original', { ticket }))).toBe(dead);
    });

    it('for the new address are counted over all the addresses that were asked for', async () => {
      const { change } = await person();
      const { ticket, original_proof } = await change.newRequested();
      const wrong = () => change.post('verify-new', { ticket, original_proof, code: 'AAAA-AAAA' });
      for (let round = 0; round < 4; round++) await wrong();
      expect(
        (await change.post('request-new', { ticket, original_proof, new_email: newEmail() })).status,
      ).toBe(200);
      expect(refusal(await wrong())).toBe(form('code:INVALID_VERIFICATION_CODE'));
      expect(refusal(await wrong())).toBe(form('ticket:INVALID_OR_EXPIRED_TICKET'));
    });

    it('are any but the very one: no other case, no missing hyphen, no code of another step', async () => {
      const { change } = await person();
      const { ticket } = await change.started();
      const code = await change.originalCode();
      for (const near of [code.toLowerCase(), code.replace('-', ''), `${code}A`, code.slice(1)]) {
        const reply = await change.post('verify-original', { ticket, code: near });
        expect(reply.status).toBe(400);
      }
      expect((await change.post('verify-original', { ticket, code })).status).toBe(200);
    });

    it('leave a trace, and right ones none of the code [M04, bug 21]', async () => {
      const { userId, change } = await person();
      const { ticket } = await change.started();
      await change.post('verify-original', { ticket, code: 'AAAA-AAAA' });
      const trail = await world.instance.storage.db
        .selectFrom('audit_record')
        .selectAll()
        .where('user_id', '=', userId)
        .execute();
      expect(trail.some((one) => one.event === 'contact.change-refused' && one.outcome === 'wrong')).toBe(
        true,
      );
      const code = await change.originalCode();
      expect(JSON.stringify(trail)).not.toContain(code);
      expect(world.logLines.join('')).not.toContain(code);
      expect(world.logLines.join('')).not.toContain(ticket);
    });
  });

  it('keeps no ticket, code, proof or token readable in the database [M02]', async () => {
    const { change } = await person();
    const { ticket, original_proof, code } = await change.newRequested();
    const { json } = await change.post('verify-new', { ticket, original_proof, code });
    const { email_token } = json as { email_token: string };
    const { db } = world.instance.storage;
    const rows = JSON.stringify([
      await db.selectFrom('email_change').selectAll().execute(),
      await db.selectFrom('mailed_code').selectAll().execute(),
      await db.selectFrom('outbox').selectAll().execute(),
    ]);
    for (const secret of [ticket, original_proof, code, email_token]) expect(rows).not.toContain(secret);
  });

  it('is cleaned away an hour or two later', async () => {
    const { change } = await person();
    await change.token();
    clock.advance(3 * 60 * MINUTE);
    await world.instance.clean();
    const { db } = world.instance.storage;
    expect(await db.selectFrom('email_change').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('mailed_code').selectAll().execute()).toEqual([]);
  });
});

describe.each(DIALECTS)('the mails of a change of address on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
  });
  afterAll(() => world.close());

  it('are three in a quarter of an hour to the old address [K06]', async () => {
    const who = await world.person();
    const change = emailChangeOf(world, who);
    const { ticket } = await change.started();
    clock.advance(31 * SECOND);
    decode.empty(await change.post('resend-original', { ticket }));
    // Too early: not sent, and so not counted.
    expect(refusal(await change.post('resend-original', { ticket }))).toBe('429 RATE_LIMITED');
    await change.started();
    clock.advance(31 * SECOND);
    expect(refusal(await change.post('resend-original', { ticket }))).toBe('429 RATE_LIMITED');
    expect(refusal(await change.post('start', {}))).toBe('429 RATE_LIMITED');
    const sent = (await world.mails(who.email)).filter(({ kind }) => kind === 'email_change_original');
    expect(sent).toHaveLength(3);
    clock.advance(15 * MINUTE);
    await change.started();
  });

  it('are five to new addresses, tries at taken ones included [K06, A09]', async () => {
    const change = emailChangeOf(world, await world.person());
    const held = await change.originalProved();
    const other = (await world.person()).email;
    const ask = (new_email: string) => change.post('request-new', { ...held, new_email });
    for (let round = 0; round < 3; round++)
      expect(refusal(await ask(other))).toBe('400 INVALID_FORM_BODY new_email:EMAIL_ALREADY_IN_USE');
    for (let round = 0; round < 2; round++) expect((await ask(newEmail())).status).toBe(200);
    expect(refusal(await ask(other))).toBe('429 RATE_LIMITED');
    expect(refusal(await ask(newEmail()))).toBe('429 RATE_LIMITED');
  });

  it('are five to one new address, whoever asks', async () => {
    const address = newEmail();
    for (let round = 0; round < 6; round++) {
      const change = emailChangeOf(world, await world.person());
      const held = await change.originalProved();
      const reply = await change.post('request-new', { ...held, new_email: address });
      if (round < 5) expect(reply.status).toBe(200);
      else expect(refusal(reply)).toBe('429 RATE_LIMITED');
    }
  });
});
