import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, ManualClock, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const WRONG = '400 INVALID_FORM_BODY email:INVALID_EMAIL_OR_PASSWORD password:INVALID_EMAIL_OR_PASSWORD';
const WRONG_PASSWORD = 'quite another horse battery';
const MINUTE = 60_000;

describe.each(DIALECTS)('operation 2, login, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const login = (body: unknown) => world.client().post('/v1/auth/login', body);

  it('answers 200 with a token that opens the account, and never the same token twice [D01]', async () => {
    const { email, userId } = await world.person();
    const first = decode.token(await login({ email, password: PASSWORD }));
    const second = decode.token(await login({ email, password: PASSWORD }));
    expect(first.user_id).toBe(userId);
    expect(second.token).not.toBe(first.token);
    const client = world.client();
    for (const { token } of [first, second]) {
      client.token = token;
      expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({ id: userId, email });
    }
  });

  it('takes the address in any letter case and with blanks around it [K01]', async () => {
    const { email, userId } = await world.person();
    for (const spelling of [
      email.toUpperCase(),
      `  ${email} `,
      `\t${email}`,
      email.replace('user', 'USER'),
    ]) {
      const answer = decode.token(await login({ email: spelling, password: PASSWORD }));
      expect(answer.user_id).toBe(userId);
    }
  });

  it('takes "login" when "email" is missing or null, and only then', async () => {
    const alice = await world.person();
    const bob = await world.person();
    for (const body of [
      { login: alice.email },
      { login: alice.email, email: null },
      { email: alice.email },
    ]) {
      expect(decode.token(await login({ ...body, password: PASSWORD })).user_id).toBe(alice.userId);
    }
    const both = await login({ email: bob.email, login: alice.email, password: PASSWORD });
    expect(decode.token(both).user_id).toBe(bob.userId);
  });

  it('answers unknown address, wrong password and account without a password in the very same bytes [A09, bug 73]', async () => {
    const { email } = await world.person();
    const passwordless = newEmail();
    await world.register(world.client(), { email: passwordless, password: undefined });
    const replies = [
      await login({ email, password: WRONG_PASSWORD }),
      await login({ email: newEmail(), password: WRONG_PASSWORD }),
      await login({ email: passwordless, password: WRONG_PASSWORD }),
    ];
    const [first] = replies;
    for (const reply of replies) {
      expect(refusal(reply)).toBe(WRONG);
      expect(reply.text).toBe(first?.text);
      expect([...reply.headers.keys()].sort()).toEqual([...(first?.headers.keys() ?? [])].sort());
      expect(reply.headers.has('set-cookie')).toBe(false);
    }
  });

  it.each([
    [
      'an empty body',
      { email: undefined, password: undefined },
      'email:INVALID_FORMAT password:INVALID_FORMAT',
    ],
    ['no password', { password: undefined }, 'password:INVALID_FORMAT'],
    ['no address', { email: undefined }, 'email:INVALID_FORMAT'],
    ['null as password', { password: null }, 'password:INVALID_FORMAT'],
    ['5 characters of password', { password: 'short' }, 'password:PASSWORD_LENGTH_INVALID'],
    ['257 characters of password', { password: 'x'.repeat(257) }, 'password:PASSWORD_LENGTH_INVALID'],
    ['no at sign', { email: 'nobody' }, 'email:INVALID_EMAIL_FORMAT'],
    ['a blank before the at sign', { email: 'a b@example.com' }, 'email:INVALID_EMAIL_LOCAL_PART'],
    ['255 characters of address', { email: `${'a'.repeat(243)}@example.com` }, 'email:EMAIL_LENGTH_INVALID'],
    ['a long invite code', { invite_code: 'x'.repeat(257) }, 'invite_code:STRING_LENGTH_INVALID'],
    ['a number as alias', { login: 7, email: null }, 'login:INVALID_FORMAT'],
  ])('refuses %s', async (_what, fields, items) => {
    const reply = await login({ email: 'a@example.com', password: PASSWORD, ...fields });
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
    expect(reply.headers.has('set-cookie')).toBe(false);
  });

  it('ignores an invite code it cannot use', async () => {
    const { email } = await world.person();
    for (const invite_code of ['abc', '', null])
      decode.token(await login({ email, password: PASSWORD, invite_code }));
  });

  it('asks for a confirmed address, and mails a new link for the right password only', async () => {
    const email = newEmail();
    await world.register(world.client(), { email });
    expect(await world.mails(email)).toHaveLength(1);

    expect(refusal(await login({ email, password: WRONG_PASSWORD }))).toBe(WRONG);
    expect(await world.mails(email)).toHaveLength(1);

    const reply = await login({ email, password: PASSWORD });
    expect(refusal(reply)).toBe('403 EMAIL_VERIFICATION_REQUIRED');
    expect(reply.headers.has('set-cookie')).toBe(false);
    const mails = await world.mails(email);
    expect(mails.map(({ kind }) => kind)).toEqual(['email_verification', 'email_verification']);

    decode.empty(await world.client().post('/v1/auth/verify', { token: mails[0]?.token }));
    decode.token(await login({ email, password: PASSWORD }));
  });

  it('lets nobody in without the whole password [A02]', async () => {
    const password = `${'Ab3 '.repeat(31)}last`;
    const { email, status } = await world.register(world.client(), { password });
    expect(status).toBe(200);
    const { token } = await world.newestMail(email, 'email_verification');
    await world.client().post('/v1/auth/verify', { token });
    for (const wrong of [
      password.slice(0, 72),
      password.slice(0, -1),
      `${password.slice(0, -1)}T`,
      `${password}x`,
    ])
      expect(refusal(await login({ email, password: wrong }))).toBe(WRONG);
    decode.token(await login({ email, password }));
  });

  it('refuses a suspended account the right password, ends its sessions, and lets it in again after', async () => {
    const { client, email, userId } = await world.person();
    const projectId = world.instance.project.id;
    const origin = {
      address: '127.0.0.1',
      source: '127.0.0.1',
      network: '127.0.0.0/24',
      userAgent: null,
      isDesktop: false,
    };
    const actor = { userId: null, sessionId: null, origin };
    await world.instance.users.suspend({ projectId, id: userId, reason: null, actor });
    expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    expect(refusal(await login({ email, password: PASSWORD }))).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    expect(refusal(await login({ email, password: WRONG_PASSWORD }))).toBe(WRONG);
    await world.instance.users.restore({ projectId, id: userId, actor });
    expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    decode.token(await login({ email, password: PASSWORD }));
  });
});

describe.each(DIALECTS)('mails of unconfirmed sign-ins on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
  });
  afterAll(() => world.close());

  it('sends one address no more than its three mails in 15 minutes, whatever is tried [K06]', async () => {
    const email = newEmail();
    await world.register(world.client(), { email });
    for (let round = 0; round < 5; round++) {
      const reply = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
      expect(refusal(reply)).toBe('403 EMAIL_VERIFICATION_REQUIRED');
    }
    const sent = (await world.mails(email)).length;
    expect(sent).toBeGreaterThan(1);
    expect(sent).toBeLessThanOrEqual(4);
    clock.advance(15 * MINUTE + 1);
    await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    expect(await world.mails(email)).toHaveLength(sent + 1);
  });
});

describe('without required confirmation', () => {
  it('signs in at once, as Fluxer itself does', async () => {
    const world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_REQUIRE_VERIFIED_EMAIL: 'off' } });
    try {
      const { email } = await world.register(world.client());
      const client = world.client();
      client.token = decode.token(await client.post('/v1/auth/login', { email, password: PASSWORD })).token;
      expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({ verified: false });
    } finally {
      await world.close();
    }
  });
});
