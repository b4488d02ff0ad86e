import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, ManualClock, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const HOUR = 3_600_000;
const SPENT = '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_VERIFICATION_TOKEN';

describe.each(DIALECTS)('operations 19 and 20, verify and resend, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
  });
  afterAll(() => world.close());

  const verify = (body: unknown) => world.client().post('/v1/auth/verify', body);

  async function newcomer() {
    const client = world.client();
    const reply = await world.register(client);
    client.token = decode.token(reply).token;
    const { token } = await world.newestMail(reply.email, 'email_verification');
    return { client, email: reply.email, token };
  }
  const isVerified = async (client: { get: World['direct']['get'] }) =>
    decode.user(await client.get('/v1/users/@me')).verified;

  it('confirms the address once, for whoever holds the token, without signing anybody in', async () => {
    const { client, token } = await newcomer();
    expect(await isVerified(client)).toBe(false);
    const reply = await verify({ token });
    decode.empty(reply);
    expect(reply.headers.has('set-cookie')).toBe(false);
    expect(await isVerified(client)).toBe(true);
    expect(refusal(await verify({ token }))).toBe(SPENT);
    expect(await isVerified(client)).toBe(true);
  });

  it('takes a token for 24 hours and not longer, whether or not anybody cleans up [N08, bug 10]', async () => {
    const early = await newcomer();
    clock.advance(24 * HOUR - 1_000);
    decode.empty(await verify({ token: early.token }));
    const late = await newcomer();
    clock.advance(24 * HOUR + 1_000);
    expect(refusal(await verify({ token: late.token }))).toBe(SPENT);
    expect(await isVerified(late.client)).toBe(false);
  });

  it.each([
    ['nothing', {}, 'token:INVALID_FORMAT'],
    ['null', { token: null }, 'token:INVALID_FORMAT'],
    ['an empty text', { token: '' }, 'token:INVALID_FORMAT'],
    ['63 characters', { token: 'a'.repeat(63) }, 'token:STRING_LENGTH_EXACT'],
    ['65 characters', { token: 'a'.repeat(65) }, 'token:STRING_LENGTH_EXACT'],
    ['a made-up token', { token: 'a'.repeat(64) }, 'token:INVALID_OR_EXPIRED_VERIFICATION_TOKEN'],
    ['a list', { token: ['a'.repeat(64)] }, 'token:INVALID_FORMAT'],
    ['a number', { token: 7 }, 'token:INVALID_FORMAT'],
  ])('refuses %s', async (_what, body, items) => {
    expect(refusal(await verify(body))).toBe(`400 INVALID_FORM_BODY ${items}`);
  });

  it('sends a second token on request, and both are good until one is used', async () => {
    const { client, email, token } = await newcomer();
    decode.empty(await client.post('/v1/auth/verify/resend'));
    const second = (await world.newestMail(email, 'email_verification')).token;
    expect(second).not.toBe(token);
    decode.empty(await verify({ token }));
    expect(await isVerified(client)).toBe(true);
  });

  it.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['an empty object', {}],
  ])('sends again with %s', async (_what, body) => {
    const { client, email } = await newcomer();
    decode.empty(await client.post('/v1/auth/verify/resend', body));
    expect(await world.mails(email)).toHaveLength(2);
  });

  it('sends nothing to a confirmed address, and says 204 all the same', async () => {
    const { client, email } = await world.person();
    const before = (await world.mails(email)).length;
    decode.empty(await client.post('/v1/auth/verify/resend'));
    expect(await world.mails(email)).toHaveLength(before);
  });

  it('sends for nobody without a session', async () => {
    expect(refusal(await world.client().post('/v1/auth/verify/resend'))).toBe('401 UNAUTHORIZED');
  });

  it('sends one address three mails in 15 minutes and says when to come again [K06]', async () => {
    const { client, email } = await newcomer();
    const replies = [];
    for (let round = 0; round < 5; round++) replies.push(await client.post('/v1/auth/verify/resend'));
    const limited = replies.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(2);
    for (const reply of limited) expect(refusal(reply)).toBe('429 RATE_LIMITED');
    const sent = (await world.mails(email)).length;
    expect(sent).toBe(1 + replies.length - limited.length);
    clock.advance(HOUR / 4 + 1);
    decode.empty(await client.post('/v1/auth/verify/resend'));
  });

  it('lets a mail scanner look at the link without using it up [L03]', async () => {
    const { email, client } = await newcomer();
    const { links, token } = await world.newestMail(email, 'email_verification');
    for (const link of links) {
      const { pathname, search } = new URL(link);
      expect(search).toBe('');
      for (const method of ['GET', 'HEAD']) await world.client().send(pathname, { method });
    }
    expect(await isVerified(client)).toBe(false);
    decode.empty(await verify({ token }));
  });

  it('is of no use to an account that registers the same address later in another letter case [K01]', async () => {
    const email = newEmail();
    await world.register(world.client(), { email });
    const reply = await world.register(world.client(), { email: email.toUpperCase(), password: PASSWORD });
    expect(refusal(reply)).toBe('400 INVALID_FORM_BODY email:EMAIL_ALREADY_IN_USE');
  });
});
