import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  createWorld,
  DIALECTS,
  newPhoneNumber,
  PASSWORD,
  phoneSteps,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const TOO_MANY = '429 PHONE_RATE_LIMIT_EXCEEDED';
const BAD_CODE = '400 INVALID_PHONE_VERIFICATION_CODE';

describe.each(DIALECTS)('a code to a phone, contract 4.4, on %s', (dialect) => {
  let world: World;
  let steps: ReturnType<typeof phoneSteps>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    steps = phoneSteps(world);
  });
  afterAll(() => world.close());

  const wrong = (code: string) => (code === '000000' ? '111111' : '000000');

  it('gives one token to fifty who have it at once [B02]', async () => {
    const { client } = await world.person();
    const phone = newPhoneNumber();
    decode.empty(await steps.send(client, phone));
    const code = await steps.codeSent(phone);
    const replies = await Promise.all(Array.from({ length: 50 }, () => steps.verify(client, phone, code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200))
      expect([BAD_CODE, '429 RATE_LIMITED']).toContain(refusal(reply));
  });

  it('lives for ten minutes [B03]', async () => {
    const { client } = await world.person();
    const phone = newPhoneNumber();
    decode.empty(await steps.send(client, phone));
    world.clock.advance(9 * MINUTE + 59_000);
    decode.phoneToken(await steps.verify(client, phone, await steps.codeSent(phone)));
    decode.empty(await steps.send(client, phone));
    world.clock.advance(10 * MINUTE + 1000);
    expect(refusal(await steps.verify(client, phone, await steps.codeSent(phone)))).toBe(BAD_CODE);
  });

  it('is good for the session and the number it was asked for [B03]', async () => {
    const person = await world.person();
    const [phone, another] = [newPhoneNumber(), newPhoneNumber()];
    decode.empty(await steps.send(person.client, phone));
    const code = await steps.codeSent(phone);
    const elsewhere = world.client();
    const login = await elsewhere.post('/v1/auth/login', { email: person.email, password: PASSWORD });
    elsewhere.token = decode.token(login).token;
    expect(refusal(await steps.verify(elsewhere, phone, code))).toBe(BAD_CODE);
    const other = await world.person();
    expect(refusal(await steps.verify(other.client, phone, code))).toBe(BAD_CODE);
    expect(refusal(await steps.verify(person.client, another, code))).toBe(BAD_CODE);
    decode.phoneToken(await steps.verify(person.client, phone, code));
  });

  it('is used up by wrong guesses, and a new one does not start the count anew [B04, B05]', async () => {
    const { client } = await world.person();
    const phone = newPhoneNumber();
    const guess = async (times: number) => {
      decode.empty(await steps.send(client, phone));
      const code = await steps.codeSent(phone);
      for (let round = 0; round < times; round++)
        expect(refusal(await steps.verify(client, phone, wrong(code)))).toBe(BAD_CODE);
      return code;
    };
    const usedUp = await guess(5);
    expect(refusal(await steps.verify(client, phone, usedUp))).toBe(BAD_CODE);
    await guess(4);
    decode.empty(await steps.send(client, phone));
    expect(refusal(await steps.verify(client, phone, await steps.codeSent(phone)))).toBe('429 RATE_LIMITED');
    world.clock.advance(15 * MINUTE);
    decode.empty(await steps.send(client, phone));
    decode.phoneToken(await steps.verify(client, phone, await steps.codeSent(phone)));
  });

  it.each(['', ' ', '12345', '12345678901', 'abcdef', '１２３４５６', "' or 1=1"])(
    'cannot be %j',
    async (code) => {
      const { client } = await world.person();
      const phone = newPhoneNumber();
      decode.empty(await steps.send(client, phone));
      const reply = await steps.verify(client, phone, code);
      const isEmpty = code.trim() === '';
      expect(refusal(reply)).toBe(isEmpty ? '400 INVALID_FORM_BODY code:INVALID_FORMAT' : BAD_CODE);
    },
  );

  it('is sent five times to a number in ten minutes, whatever rate limits are [K06]', async () => {
    const { client } = await world.person();
    const phone = newPhoneNumber();
    for (let round = 0; round < 5; round++) decode.empty(await steps.send(client, phone));
    const reply = await steps.send(client, phone);
    expect(refusal(reply)).toBe(TOO_MANY);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(reply.json).toMatchObject({ retry_after: expect.any(Number), global: false });
    expect(await world.mails(phone)).toHaveLength(5);
    const other = await world.person();
    expect(refusal(await steps.send(other.client, phone))).toBe(TOO_MANY);
  });

  it('is sent for an account ten times in an hour, however many numbers it names [K06]', async () => {
    const { client } = await world.person();
    const numbers = Array.from({ length: 12 }, newPhoneNumber);
    const replies = await Promise.all(numbers.map((phone) => steps.send(client, phone)));
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(10);
    const messages = await Promise.all(numbers.map((phone) => world.mails(phone)));
    expect(messages.flat()).toHaveLength(10);
  });

  it('of a number that is taken costs its owner none of theirs [K04, K06]', async () => {
    const { phone } = await steps.personWithPhone();
    for (let round = 0; round < 4; round++) {
      const { client } = await world.person();
      for (let enquiry = 0; enquiry < 3; enquiry++)
        expect(refusal(await steps.send(client, phone))).toBe('400 PHONE_ALREADY_USED');
    }
    expect(await world.mails(phone)).toHaveLength(1);
    const [curious] = [await world.person()];
    for (let enquiry = 0; enquiry < 10; enquiry++) await steps.send(curious.client, phone);
    expect((await steps.send(curious.client, phone)).status).toBe(429);
  });
});
