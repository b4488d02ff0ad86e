import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeTwilio, type FakeTwilio, ManualClock, type Mischief } from '../../testing/index.ts';
import { ProviderError } from '../provider-error.ts';
import type { SmsVerifier } from './sms-verifier.ts';
import { createTwilioVerifier } from './twilio-verifier.ts';

let lastNumber = 0;
const newNumber = () => `+49151${String(lastNumber++).padStart(8, '0')}`;
const failed = (status: number, code: number): Mischief => ({
  status,
  body: JSON.stringify({ code, message: 'no', more_info: '', status }),
});

describe('Twilio Verify', () => {
  const clock = new ManualClock();
  let twilio: FakeTwilio;
  let verifier: SmsVerifier;
  /** For a service that says nothing: one that does answer may take longer on a busy machine. */
  let hasty: SmsVerifier;
  let to: string;
  beforeAll(async () => {
    twilio = await createFakeTwilio(clock.now);
    verifier = createTwilioVerifier({ ...twilio.options, timeoutMs: 10_000 });
    hasty = createTwilioVerifier({ ...twilio.options, timeoutMs: 300 });
  });
  afterAll(() => twilio.close());
  beforeEach(() => {
    to = newNumber();
  });
  afterEach(() => twilio.misbehave(null));

  async function started(replaces: string | null = null): Promise<string> {
    const answer = await verifier.start({ to, replaces });
    if (answer.outcome !== 'started') throw new Error(answer.reason);
    return answer.reference;
  }

  /** Another number than the right one. */
  const wrong = () => (twilio.codeOf(to) === '000000' ? '111111' : '000000');

  it('is spoken to as its manual says', async () => {
    const reference = await started();
    await verifier.check({ to, reference, code: twilio.codeOf(to) });
    const [start, check] = twilio.calls.slice(-2);
    const { accountSid, authToken, serviceSid } = twilio.options;
    expect(start).toMatchObject({
      method: 'POST',
      path: `/v2/Services/${serviceSid}/Verifications`,
      fields: { To: to, Channel: 'sms' },
    });
    expect(start?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
    });
    expect(check).toMatchObject({
      path: `/v2/Services/${serviceSid}/VerificationCheck`,
      fields: { VerificationSid: reference, Code: twilio.codeOf(to) },
    });
  });

  it('tells a right code from a wrong one, and a used one from both', async () => {
    const reference = await started();
    expect(await verifier.check({ to, reference, code: wrong() })).toBe('wrong');
    expect(await verifier.check({ to, reference, code: '12a456' })).toBe('wrong');
    expect(await verifier.check({ to, reference, code: twilio.codeOf(to) })).toBe('right');
    expect(await verifier.check({ to, reference, code: twilio.codeOf(to) })).toBe('gone');
  });

  it('keeps a code for ten minutes [B03]', async () => {
    const reference = await started();
    clock.advance(10 * 60_000);
    expect(await verifier.check({ to, reference, code: twilio.codeOf(to) })).toBe('gone');
  });

  it('repeats a code that is asked for again, and sends another where it replaces one [B03]', async () => {
    const reference = await started();
    const first = twilio.codeOf(to);
    expect(await started()).toBe(reference);
    expect(twilio.codeOf(to)).toBe(first);
    const another = await started(reference);
    expect(another).not.toBe(reference);
    expect(await verifier.check({ to, reference, code: first })).toBe('gone');
    expect(await verifier.check({ to, reference: another, code: twilio.codeOf(to) })).toBe('right');
    // What it replaces may have ended by itself meanwhile.
    expect(await started(another)).not.toBe(another);
  });

  it('has five tries for a code and five messages for a number', async () => {
    const reference = await started();
    for (let round = 0; round < 5; round++)
      expect(await verifier.check({ to, reference, code: wrong() })).toBe('wrong');
    expect(await verifier.check({ to, reference, code: twilio.codeOf(to) })).toBe('gone');
    expect(await verifier.start({ to, replaces: null })).toEqual({ outcome: 'refused', reason: 'limit' });
    to = newNumber();
    for (let round = 0; round < 5; round++) await started();
    expect(await verifier.start({ to, replaces: null })).toEqual({ outcome: 'refused', reason: 'limit' });
  });

  it.each([
    [400, 60200, 'number'],
    [403, 60205, 'number'],
    [403, 60410, 'number'],
    [403, 60605, 'number'],
    [403, 60238, 'number'],
    [429, 60203, 'limit'],
    [429, 60207, 'limit'],
    [429, 60212, 'limit'],
  ])('says %i, error %i, of a message: the %s is refused', async (status, code, reason) => {
    twilio.misbehave(failed(status, code));
    expect(await verifier.start({ to, replaces: null })).toEqual({ outcome: 'refused', reason });
  });

  it.each([
    [400, 60200, 'wrong'],
    [404, 20404, 'gone'],
    [429, 60202, 'gone'],
  ])('says %i, error %i, of a code: it is %s', async (status, code, checked) => {
    const reference = await started();
    twilio.misbehave(failed(status, code));
    expect(await verifier.check({ to, reference, code: '123456' })).toBe(checked);
  });

  const approved = (fields: Record<string, unknown>): Mischief => ({
    status: 200,
    body: JSON.stringify({ status: 'approved', valid: true, to, ...fields }),
  });
  const troubles: [string, () => Mischief][] = [
    ['breaks the connection', () => 'cut'],
    ['hangs', () => 'hang'],
    ['fails', () => ({ status: 500, body: 'oops' })],
    ['is busy', () => failed(429, 20429)],
    ['does not know our credentials', () => failed(401, 20003)],
    ['knows an error we do not', () => failed(400, 99999)],
    ['sends a page', () => ({ status: 200, body: '<html>' })],
    ['sends nothing', () => ({ status: 200, body: '' })],
    ['sends half of its answer', () => ({ status: 200, body: '{"status":"approved"}' })],
    ['goes on for ever', () => ({ status: 200, body: `{"status":"${'x'.repeat(100_000)}"}` })],
    ['redirects', () => ({ status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } })],
    ['says yes to another number', () => approved({ to: '+4915100000000x' })],
    ['says yes and pending', () => approved({ status: 'pending' })],
    ['says no and approved', () => approved({ valid: false })],
  ];

  it.each(troubles)(
    'that %s is trouble of its own, and says nothing of the code [L05, N06]',
    async (what, mischief) => {
      const reference = await started();
      const code = twilio.codeOf(to);
      twilio.misbehave(mischief());
      const check = (what === 'hangs' ? hasty : verifier).check({ to, reference, code });
      await expect(check).rejects.toBeInstanceOf(ProviderError);
      const { authToken } = twilio.options;
      const told = await check.catch((error: Error) => `${error.stack} ${String(error.cause)}`);
      for (const secret of [authToken, code, to]) expect(told).not.toContain(secret);
      twilio.misbehave(null);
      expect(await verifier.check({ to, reference, code })).toBe('right');
    },
  );

  it.each(troubles.slice(0, 11))('that %s sends nothing, and says so [L05]', async (what, mischief) => {
    twilio.misbehave(mischief());
    await expect((what === 'hangs' ? hasty : verifier).start({ to, replaces: null })).rejects.toBeInstanceOf(
      ProviderError,
    );
  });

  it('sends nothing new while the old code cannot be ended [B03]', async () => {
    const reference = await started();
    const before = twilio.messages.length;
    twilio.misbehave((call) => (call.fields['Status'] === 'canceled' ? failed(500, 20500) : null));
    await expect(verifier.start({ to, replaces: reference })).rejects.toBeInstanceOf(ProviderError);
    expect(twilio.messages).toHaveLength(before);
  });

  it('names the setting to look at when it refuses us', async () => {
    twilio.misbehave(failed(401, 20003));
    await expect(verifier.start({ to, replaces: null })).rejects.toThrow(/integrations\.sms\.auth_token/);
    twilio.misbehave(failed(404, 20404));
    await expect(verifier.start({ to, replaces: null })).rejects.toThrow(/verify_service_sid/);
    const nobody = createTwilioVerifier({ ...twilio.options, baseUrl: 'http://127.0.0.1:9' });
    await expect(nobody.start({ to, replaces: null })).rejects.toThrow(/api_base_url/);
  });
});
