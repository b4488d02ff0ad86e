import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newPhoneNumber, phoneSteps, type World } from '../../testing/index.ts';

const MINUTE = 60_000;
const UNVERIFIED = '400 PHONE_VERIFICATION_REQUIRED';

describe.each(DIALECTS)('my phone number, contract 4.4, on %s', (dialect) => {
  let world: World;
  let steps: ReturnType<typeof phoneSteps>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    steps = phoneSteps(world);
  });
  afterAll(() => world.close());

  describe('a number', () => {
    it('is sent a code, which becomes a token, which adds it; and can be taken away', async () => {
      const { client, userId } = await world.person();
      const phone = newPhoneNumber();
      const token = await steps.verified(client, phone);
      expect(token).toMatch(/^[0-9A-Za-z]{64}$/);
      expect(await steps.phoneOf(client)).toBeNull();
      decode.empty(await steps.add(client, token));
      expect(await steps.phoneOf(client)).toBe(phone);
      decode.empty(await steps.remove(client));
      expect(await steps.phoneOf(client)).toBeNull();
      // There is nothing left to take away, and that is no mistake.
      decode.empty(await steps.remove(client));
      expect((await steps.events(userId)).slice(-3)).toEqual([
        'phone.code-sent',
        'contact.added',
        'contact.removed',
      ]);
    });

    it('is one number in every spelling, for its owner and for all others [K01]', async () => {
      const { client, phone } = await steps.personWithPhone();
      expect(await steps.phoneOf(client)).toBe(phone);
      const other = await world.person();
      const spelled = phone.replace('+49', '+490');
      expect(refusal(await steps.send(other.client, spelled))).toBe('400 PHONE_ALREADY_USED');
      // Its owner may prove it again.
      const token = await steps.verified(client, phone);
      decode.empty(await steps.add(client, token));
      expect(await steps.phoneOf(client)).toBe(phone);
    });

    it('asked for in one spelling is verified in another [K01]', async () => {
      const { client } = await world.person();
      const phone = newPhoneNumber();
      decode.empty(await steps.send(client, phone.replace('+49', '+490')));
      const token = decode.phoneToken(await steps.verify(client, phone, await steps.codeSent(phone)));
      decode.empty(await steps.add(client, token));
      expect(await steps.phoneOf(client)).toBe(phone);
    });

    it.each([
      ['+499001234567', '400 INVALID_PHONE_NUMBER'],
      ['+41840123456', '400 INVALID_PHONE_NUMBER'],
      ['+447640123456', '400 INVALID_PHONE_NUMBER'],
      ['+4915', '400 INVALID_PHONE_NUMBER'],
      ['015112345678', '400 INVALID_FORM_BODY phone:PHONE_NUMBER_INVALID_FORMAT'],
      ['+49 151 12345678', '400 INVALID_FORM_BODY phone:PHONE_NUMBER_INVALID_FORMAT'],
      ['+0151123456', '400 INVALID_FORM_BODY phone:PHONE_NUMBER_INVALID_FORMAT'],
      ['+491511234567890123', '400 INVALID_FORM_BODY phone:PHONE_NUMBER_INVALID_FORMAT'],
      ['+٤٩١٥١١٢٣٤٥٦٧', '400 INVALID_FORM_BODY phone:PHONE_NUMBER_INVALID_FORMAT'],
    ])('%s is refused with %s, and nothing is sent [K06]', async (phone, answer) => {
      const { client } = await world.person();
      const before = (await world.mails(phone)).length;
      expect(refusal(await steps.send(client, phone))).toBe(answer);
      expect(refusal(await steps.verify(client, phone, '123456'))).toBe(answer);
      expect(await world.mails(phone)).toHaveLength(before);
    });

    it('of somebody else is not sent a code, and cannot be added when it became theirs meanwhile', async () => {
      const [first, second] = [await world.person(), await world.person()];
      const phone = newPhoneNumber();
      const mine = await steps.verified(first.client, phone);
      const theirs = await steps.verified(second.client, phone);
      decode.empty(await steps.add(second.client, theirs));
      expect(refusal(await steps.add(first.client, mine))).toBe('400 PHONE_ALREADY_USED');
      expect(refusal(await steps.send(first.client, phone))).toBe('400 PHONE_ALREADY_USED');
      expect(await steps.phoneOf(first.client)).toBeNull();
      expect(await steps.phoneOf(second.client)).toBe(phone);
    });

    it('takes the place of the one before', async () => {
      const { client, phone } = await steps.personWithPhone();
      const another = newPhoneNumber();
      decode.empty(await steps.add(client, await steps.verified(client, another)));
      expect(await steps.phoneOf(client)).toBe(another);
      // The one before is free.
      const other = await world.person();
      decode.empty(await steps.add(other.client, await steps.verified(other.client, phone)));
    });

    it('is asked for with a session, and added and removed with a fresh proof', async () => {
      const stranger = world.client();
      for (const [method, path, body] of [
        ['POST', '/v1/users/@me/phone/send-verification', { phone: newPhoneNumber() }],
        ['POST', '/v1/users/@me/phone/verify', { phone: newPhoneNumber(), code: '123456' }],
        ['POST', '/v1/users/@me/phone', { phone_token: 'x' }],
        ['DELETE', '/v1/users/@me/phone', {}],
        ['POST', '/v1/users/@me/mfa/sms/enable', {}],
        ['POST', '/v1/users/@me/mfa/sms/disable', {}],
      ] as const)
        expect(refusal(await stranger.send(path, { method, body })), path).toBe('401 UNAUTHORIZED');
      const { client } = await world.person();
      const token = await steps.verified(client, newPhoneNumber());
      const unproved = [
        await client.post('/v1/users/@me/phone', { phone_token: token }),
        await client.send('/v1/users/@me/phone', { method: 'DELETE' }),
        await client.post('/v1/users/@me/mfa/sms/enable'),
        await client.post('/v1/users/@me/mfa/sms/disable'),
      ];
      for (const reply of unproved) expect(refusal(reply)).toBe('403 SUDO_MODE_REQUIRED');
      expect(refusal(await steps.add(client, token, { password: 'not this one' }))).toBe(
        '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
      );
      expect(await steps.phoneOf(client)).toBeNull();
      decode.empty(await steps.add(client, token));
    });
  });

  describe('a phone token', () => {
    it('adds its number once, in fifty hands at once too [B02]', async () => {
      const { client } = await world.person();
      const phone = newPhoneNumber();
      const token = await steps.verified(client, phone);
      const replies = await Promise.all(Array.from({ length: 50 }, () => steps.add(client, token)));
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status !== 204))
        expect([UNVERIFIED, '503 SERVICE_UNAVAILABLE']).toContain(refusal(reply));
      expect(await steps.phoneOf(client)).toBe(phone);
    });

    it('of two added at once leaves the account with one number', async () => {
      const { client, userId } = await world.person();
      const tokens = [
        await steps.verified(client, newPhoneNumber()),
        await steps.verified(client, newPhoneNumber()),
      ];
      for (const reply of await Promise.all(tokens.map((token) => steps.add(client, token))))
        decode.empty(reply);
      const { db } = world.instance.storage;
      const rows = await db
        .selectFrom('contact')
        .select('address')
        .where('user_id', '=', userId)
        .where('kind', '=', 'phone')
        .execute();
      expect(rows).toHaveLength(1);
      expect(await steps.phoneOf(client)).toBe(rows[0]?.address);
    });

    it('lives for 15 minutes, and is nobody else’s', async () => {
      const [person, thief] = [await world.person(), await world.person()];
      const phone = newPhoneNumber();
      const token = await steps.verified(person.client, phone);
      expect(refusal(await steps.add(thief.client, token))).toBe(UNVERIFIED);
      world.clock.advance(15 * MINUTE - 1000);
      decode.empty(await steps.add(person.client, token));
      const late = await steps.verified(person.client, newPhoneNumber());
      world.clock.advance(15 * MINUTE);
      expect(refusal(await steps.add(person.client, late))).toBe(UNVERIFIED);
      for (const nothing of ['x', 'x'.repeat(64)])
        expect(refusal(await steps.add(person.client, nothing))).toBe(UNVERIFIED);
    });

    it('stands in the database only as a hash', async () => {
      const { client, userId } = await world.person();
      const token = await steps.verified(client, newPhoneNumber());
      const rows = await world.instance.storage.db
        .selectFrom('link_token')
        .selectAll()
        .where('user_id', '=', userId)
        .execute();
      expect(rows.map(({ kind }) => kind)).toContain('phone-verification');
      expect(JSON.stringify(rows)).not.toContain(token);
    });
  });
});
