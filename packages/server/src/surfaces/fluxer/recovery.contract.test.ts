import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  ManualClock,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const NEW_PASSWORD = 'staple battery horse correct';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SPENT = '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_RESET_TOKEN';

describe.each(DIALECTS)('operations 16 and 17, forgot and reset, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const forgot = (email: unknown) => world.client().post('/v1/auth/forgot', { email });
  const reset = (body: unknown) => world.client().post('/v1/auth/reset', body);
  const login = (email: string, password: string) =>
    world.client().post('/v1/auth/login', { email, password });

  async function resetToken(email: string): Promise<string> {
    decode.empty(await forgot(email));
    return (await world.newestMail(email, 'password_reset')).token;
  }

  it('tells the trail from where a mail was asked for', async () => {
    const { email, userId } = await world.person();
    const stranger = world.client('203.0.113.77');
    decode.empty(await stranger.post('/v1/auth/forgot', { email }));
    await world.newestMail(email, 'password_reset');
    const rows = await world.instance.storage.db
      .selectFrom('audit_record')
      .select('address')
      .where('user_id', '=', userId)
      .where('event', '=', 'recovery.requested')
      .execute();
    expect(rows).toEqual([{ address: '203.0.113.77' }]);
  });

  it('answers the same 204 for known, unconfirmed and unknown addresses [A09, bug 73]', async () => {
    const { email } = await world.person();
    const unknown = newEmail();
    const unconfirmed = (await world.register(world.client())).email;
    const replies = [await forgot(email), await forgot(unknown), await forgot(unconfirmed)];
    for (const reply of replies) {
      decode.empty(reply);
      expect([...reply.headers.keys()].sort()).toEqual([...(replies[0]?.headers.keys() ?? [])].sort());
    }
    expect(await world.mails(unknown)).toEqual([]);
  });

  it('mails a link of this server with the token in the fragment, to the address of the account [L03]', async () => {
    const { email } = await world.person();
    decode.empty(await forgot(` ${email.toUpperCase()} `));
    const mail = await world.newestMail(email, 'password_reset');
    expect(mail.to).toBe(email);
    expect(mail.token).toMatch(/^[0-9A-Za-z]{64}$/);
    expect(mail.links).toContain(`${world.baseUrl}/reset#token=${mail.token}`);
  });

  it.each([
    [{}, 'email:INVALID_FORMAT'],
    [{ email: null }, 'email:INVALID_FORMAT'],
    [{ email: 'nobody' }, 'email:INVALID_EMAIL_FORMAT'],
    [{ email: ['a@example.com'] }, 'email:INVALID_FORMAT'],
  ])('refuses to send for %j', async (body, items) => {
    const reply = await world.client().post('/v1/auth/forgot', body);
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
  });

  it('sets the new password, ends every session and signs in [D05]', async () => {
    const { client, email, userId } = await world.person();
    const other = world.client();
    other.token = decode.token(await login(email, PASSWORD)).token;
    const before = decode.user(await client.get('/v1/users/@me')).password_last_changed_at;
    clock.advance(MINUTE);

    const reply = await reset({ token: await resetToken(email), password: NEW_PASSWORD });
    const fresh = world.client();
    fresh.token = decode.token(reply).token;
    expect(reply.headers.get('set-cookie')).toContain(`fluxer_session=${fresh.token}`);
    for (const old of [client, other]) {
      expect(refusal(await old.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    }
    const user = decode.user(await fresh.get('/v1/users/@me'));
    expect(user).toMatchObject({ id: userId, email });
    expect(Date.parse(user.password_last_changed_at ?? '')).toBe(Date.parse(before ?? '') + MINUTE);
    expect(decode.sessions(await fresh.get('/v1/auth/sessions'))).toHaveLength(1);
    expect((await login(email, PASSWORD)).status).toBe(400);
    decode.token(await login(email, NEW_PASSWORD));
  });

  it('takes a token once', async () => {
    const { email } = await world.person();
    const token = await resetToken(email);
    decode.token(await reset({ token, password: NEW_PASSWORD }));
    expect(refusal(await reset({ token, password: 'yet another horse battery' }))).toBe(SPENT);
    decode.token(await login(email, NEW_PASSWORD));
  });

  it('takes a token for one hour and not longer, whether or not anybody cleans up [N08, bug 10]', async () => {
    const { email } = await world.person();
    const inTime = await resetToken(email);
    clock.advance(HOUR - 1_000);
    decode.token(await reset({ token: inTime, password: NEW_PASSWORD }));
    const late = await resetToken(email);
    clock.advance(HOUR + 1_000);
    expect(refusal(await reset({ token: late, password: 'never to be set at all' }))).toBe(SPENT);
    decode.token(await login(email, NEW_PASSWORD));
  });

  it('keeps an older token good while nobody used a newer one', async () => {
    const { email } = await world.person();
    const older = await resetToken(email);
    await resetToken(email);
    decode.token(await reset({ token: older, password: NEW_PASSWORD }));
  });

  it('leaves the token good after a refused password', async () => {
    const { email, client } = await world.person();
    const token = await resetToken(email);
    const refused = [
      ['password123', 'PASSWORD_IS_TOO_COMMON'],
      ['short', 'PASSWORD_LENGTH_INVALID'],
      ['x'.repeat(257), 'PASSWORD_LENGTH_INVALID'],
    ] as const;
    for (const [password, code] of refused) {
      expect(refusal(await reset({ token, password }))).toBe(`400 INVALID_FORM_BODY password:${code}`);
    }
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    decode.token(await reset({ token, password: NEW_PASSWORD }));
  });

  it.each([
    ['nothing', {}, 'password:INVALID_FORMAT token:INVALID_FORMAT'],
    ['63 characters', { token: 'a'.repeat(63), password: NEW_PASSWORD }, 'token:STRING_LENGTH_EXACT'],
    ['65 characters', { token: 'a'.repeat(65), password: NEW_PASSWORD }, 'token:STRING_LENGTH_EXACT'],
    [
      'a made-up token',
      { token: 'a'.repeat(64), password: NEW_PASSWORD },
      'token:INVALID_OR_EXPIRED_RESET_TOKEN',
    ],
    ['a list', { token: ['a'.repeat(64)], password: NEW_PASSWORD }, 'token:INVALID_FORMAT'],
  ])('refuses %s', async (_what, body, items) => {
    expect(refusal(await reset(body))).toBe(`400 INVALID_FORM_BODY ${items}`);
  });

  it('refuses a token cut, lengthened or in another letter case [E10]', async () => {
    const { email } = await world.person();
    const token = await resetToken(email);
    const flipped = token.replace(/[a-zA-Z]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    for (const wrong of [`${token.slice(0, 63)}`, `${token}a`, flipped, token.split('').reverse().join('')]) {
      expect((await reset({ token: wrong, password: NEW_PASSWORD })).status).toBe(400);
    }
    decode.token(await reset({ token, password: NEW_PASSWORD }));
  });

  it('opens with each mail only the door it was made for [bug 12]', async () => {
    const { email } = await world.register(world.client());
    const verification = (await world.newestMail(email, 'email_verification')).token;
    const forReset = await resetToken(email);
    expect(refusal(await reset({ token: verification, password: NEW_PASSWORD }))).toBe(SPENT);
    expect(refusal(await world.client().post('/v1/auth/verify', { token: forReset }))).toBe(
      '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_VERIFICATION_TOKEN',
    );
    decode.empty(await world.client().post('/v1/auth/verify', { token: verification }));
    decode.token(await reset({ token: forReset, password: NEW_PASSWORD }));
  });

  it('tells whether a token would be taken, and spends nothing by telling', async () => {
    const { email } = await world.person();
    const token = await resetToken(email);
    const check = async (text: string) => (await world.client().get(`/v1/auth/reset/${text}`)).json;
    expect(await check(token)).toEqual({ valid: true });
    expect(await check(token)).toEqual({ valid: true });
    expect(await check('a'.repeat(64))).toEqual({ valid: false });
    expect(await check('a')).toEqual({ valid: false });
    decode.token(await reset({ token, password: NEW_PASSWORD }));
    expect(await check(token)).toEqual({ valid: false });
  });

  it('lets no suspended account back in by mail', async () => {
    const { email, userId } = await world.person();
    const token = await resetToken(email);
    const origin = {
      address: '127.0.0.1',
      source: '127.0.0.1',
      network: '127.0.0.0/24',
      userAgent: null,
      isDesktop: false,
    };
    const actor = { userId: null, sessionId: null, origin };
    await world.instance.users.suspend({
      projectId: world.instance.project.id,
      id: userId,
      reason: null,
      actor,
    });
    const reply = await reset({ token, password: NEW_PASSWORD });
    expect(refusal(reply)).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    expect(reply.headers.has('set-cookie')).toBe(false);
  });

  it("takes a stranger's factors off an account that was made in the owner's name [bug 38]", async () => {
    const kit = createFactorKit(world);
    const stranger = world.client();
    const { email, json } = await world.register(stranger);
    const { token: planted, user_id: userId } = json as { token: string; user_id: string };
    stranger.token = planted;
    await kit.totp({ client: stranger, email, userId, password: PASSWORD });
    const owner = decode.token(await reset({ token: await resetToken(email), password: NEW_PASSWORD }));
    expect(owner.user_id).toBe(userId);
    expect(refusal(await stranger.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    stranger.token = owner.token;
    expect(decode.user(await stranger.get('/v1/users/@me'))).toMatchObject({
      mfa_enabled: false,
      authenticator_types: [],
      verified: true,
    });
    decode.token(await login(email, NEW_PASSWORD));
  });

  it('casts a stranger out when the owner first answers the mail, from elsewhere [bug 38]', async () => {
    const stranger = world.client();
    const { email, json } = await world.register(stranger);
    const { token: planted, user_id: userId } = json as { token: string; user_id: string };
    stranger.token = planted;
    await createFactorKit(world).totp({ client: stranger, email, userId, password: PASSWORD });
    const { token } = await world.newestMail(email, 'email_verification');
    decode.empty(await world.client().post('/v1/auth/verify', { token }));
    expect(refusal(await stranger.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    decode.token(await reset({ token: await resetToken(email), password: NEW_PASSWORD }));
  });

  it('leaves alone who answers the mail where the account was made', async () => {
    const client = world.client();
    const { email, json } = await world.register(client);
    const { token: session, user_id: userId } = json as { token: string; user_id: string };
    client.token = session;
    await createFactorKit(world).totp({ client, email, userId, password: PASSWORD });
    const { token } = await world.newestMail(email, 'email_verification');
    decode.empty(await world.client(client.address).post('/v1/auth/verify', { token }));
    expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({
      mfa_enabled: true,
      verified: true,
    });
  });

  it('keeps the factors of an account whose mailbox was proved long ago [B07, bug 24]', async () => {
    const person = await world.person();
    await createFactorKit(world).totp(person);
    decode.owedProof(await reset({ token: await resetToken(person.email), password: NEW_PASSWORD }));
    decode.owedProof(await login(person.email, NEW_PASSWORD));
  });
});
