import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createFakeTwilio,
  createWorld,
  DIALECTS,
  type FakeTwilio,
  type Mischief,
  newPhoneNumber,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const UNAVAILABLE = '503 SERVICE_UNAVAILABLE';
const BAD_CODE = '400 INVALID_PHONE_VERIFICATION_CODE';

const failed = (status: number, code: number): Mischief => ({
  status,
  body: JSON.stringify({ code, message: 'no', status }),
});

describe.each(DIALECTS)('a provider of SMS behind %s', (dialect) => {
  let world: World;
  let twilio: FakeTwilio;
  let client: Client;
  let phone: string;
  beforeAll(async () => {
    twilio = await createFakeTwilio();
    // Without e-mail of its own the instance has a dev mailbox, too; codes must not be found there.
    world = await createWorld({ dialect, env: { ...twilio.env, FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await world.close();
    await twilio.close();
  });
  beforeEach(async () => {
    ({ client } = await world.person());
    phone = newPhoneNumber();
  });
  afterEach(() => twilio.misbehave(null));

  const send = () => client.post('/v1/users/@me/phone/send-verification', { phone });
  const verify = (code: string) => client.post('/v1/users/@me/phone/verify', { phone, code });
  const wrong = () => (twilio.codeOf(phone) === '000000' ? '111111' : '000000');

  function expectUnavailable(reply: Reply): void {
    expect(refusal(reply)).toBe(UNAVAILABLE);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(reply.text).not.toMatch(/twilio|code is wrong/i);
  }

  it('sends the code and judges it; the number becomes mine, once [B02]', async () => {
    decode.empty(await send());
    expect(await world.mails(phone)).toEqual([]);
    expect(refusal(await verify(wrong()))).toBe(BAD_CODE);
    const code = twilio.codeOf(phone);
    const replies = await Promise.all(Array.from({ length: 50 }, () => verify(code)));
    const tokens = replies.filter(({ status }) => status === 200).map(decode.phoneToken);
    expect(tokens).toHaveLength(1);
    decode.empty(await client.post('/v1/users/@me/phone', { phone_token: tokens[0], password: PASSWORD }));
  });

  it('is told the one spelling of a number [K01]', async () => {
    const written = phone.replace('+49', '+490');
    decode.empty(await client.post('/v1/users/@me/phone/send-verification', { phone: written }));
    expect(twilio.calls.at(-1)?.fields['To']).toBe(phone);
  });

  it.each<[string, Mischief]>([
    ['that is down', 'cut'],
    ['that fails', { status: 500, body: '' }],
    ['that is busy', failed(429, 20429)],
    ['that does not know us', failed(401, 20003)],
    ['that talks nonsense', { status: 200, body: '{"valid":"true","status":"approved"}' }],
    ['that never stops talking', { status: 200, body: 'x'.repeat(1_000_000) }],
  ])('%s is a 503, and never a wrong code [L05, N06]', async (_, mischief) => {
    decode.empty(await send());
    const code = twilio.codeOf(phone);
    twilio.misbehave(mischief);
    // More often than an account may be wrong, and more often than a number may be written to.
    for (let round = 0; round < 12; round++) expectUnavailable(await verify(code));
    for (let round = 0; round < 6; round++) expectUnavailable(await send());
    twilio.misbehave(null);
    decode.phoneToken(await verify(code));
  });

  it('that hangs keeps nobody else waiting [L05]', async () => {
    decode.empty(await send());
    const code = twilio.codeOf(phone);
    twilio.misbehave('hang');
    const hanging = Array.from({ length: 20 }, () => verify(code));
    const since = performance.now();
    await world.person();
    decode.user(await client.get('/v1/users/@me'));
    expect(performance.now() - since).toBeLessThan(5000);
    // Its time is ten seconds.
    for (const reply of await Promise.all(hanging)) {
      if (reply.status !== 429) expectUnavailable(reply);
    }
    expect(performance.now() - since).toBeLessThan(15_000);
    twilio.misbehave(null);
    decode.phoneToken(await verify(code));
  }, 30_000);

  it('that says yes to everybody gives one token all the same [B02]', async () => {
    decode.empty(await send());
    twilio.misbehave(({ path }) =>
      path.endsWith('/VerificationCheck')
        ? { status: 200, body: JSON.stringify({ status: 'approved', valid: true, to: phone }) }
        : null,
    );
    const replies = await Promise.all(Array.from({ length: 10 }, () => verify('123456')));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(refusal(await verify('123456'))).toBe(BAD_CODE);
  });

  it.each([
    [400, 60200, '400 INVALID_PHONE_NUMBER'],
    [403, 60410, '400 INVALID_PHONE_NUMBER'],
    [429, 60203, '429 PHONE_RATE_LIMIT_EXCEEDED'],
  ])('saying %i, error %i, of a number is passed on as %s', async (status, code, answer) => {
    twilio.misbehave(failed(status, code));
    const reply = await send();
    expect(refusal(reply)).toBe(answer);
    if (status === 429) expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is not asked about what cannot be a code, nor about one that nobody asked for [B03]', async () => {
    const before = twilio.calls.length;
    expect(refusal(await verify('123456'))).toBe(BAD_CODE);
    decode.empty(await send());
    expect(refusal(await verify('12345a'))).toBe(BAD_CODE);
    expect(twilio.calls).toHaveLength(before + 1);
  });

  it('has its trouble in the log, with the setting and without number, code or secret [M06]', async () => {
    decode.empty(await send());
    const code = twilio.codeOf(phone);
    twilio.misbehave(failed(401, 20003));
    const from = world.logLines.length;
    expectUnavailable(await verify(code));
    const logged = world.logLines.slice(from).join('');
    expect(logged).toContain('integrations.sms.auth_token');
    const { authToken } = twilio.options;
    for (const secret of [code, phone, authToken, Buffer.from(authToken).toString('base64')])
      expect(logged).not.toContain(secret);
  });
});
