import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  emailChangeOf,
  ManualClock,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const HOUR = 3_600_000;
const NEW_PASSWORD = 'chosen by the owner of the mailbox';
const SPENT = '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_REVERT_TOKEN';

describe.each(DIALECTS)('operation 18, taking an account back, contract 1.11, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  const revert = (token: string, password = NEW_PASSWORD, client = world.client()) =>
    client.post('/v1/auth/email-revert', { token, password });
  const login = (email: string, password: string, client = world.client()) =>
    client.post('/v1/auth/login', { email, password });
  const signedIn = (reply: Awaited<ReturnType<typeof login>>) => {
    const client = world.client();
    client.token = decode.token(reply).token;
    return client;
  };
  async function robbed() {
    const person = await world.person();
    return { ...person, ...(await emailChangeOf(world, person).changed()) };
  }

  it('puts the address back, sets the password, ends every session and signs the owner in [D05]', async () => {
    const { client: thief, email, userId, address, revertToken } = await robbed();
    const other = signedIn(await login(address, PASSWORD, world.client(thief.address)));
    const reply = await revert(revertToken);
    const answer = decode.token(reply);
    expect(answer.user_id).toBe(userId);
    expect(reply.headers.get('set-cookie')).toContain(`fluxer_session=${answer.token}`);
    const owner = signedIn(reply);
    expect(await me(owner)).toMatchObject({ id: userId, email, verified: true, phone: null });
    expect(decode.sessions(await owner.get('/v1/auth/sessions'))).toHaveLength(1);
    for (const old of [thief, other])
      expect(refusal(await old.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    decode.token(await login(email, NEW_PASSWORD, world.client(owner.address)));
    for (const [address_, password] of [
      [email, PASSWORD],
      [address, PASSWORD],
      [address, NEW_PASSWORD],
    ] as const)
      expect((await login(address_, password)).status).toBe(400);
  });

  it('takes every factor and the phone away that the thief put in, and asks for none of them [B07, B08]', async () => {
    const { revertToken, email, ...person } = await robbed();
    const app = await kit.totp({ ...person, email });
    const phone = await kit.sms({ ...person, email }, app);
    await kit.passkey({ ...person, email }, await kit.sudo({ ...person, email }, app));
    expect(await me(person.client)).toMatchObject({ authenticator_types: [0, 1, 2], phone });
    const reply = await revert(revertToken);
    const owner = signedIn(reply);
    expect(await me(owner)).toMatchObject({ mfa_enabled: false, authenticator_types: [], phone: null });
    decode.token(await login(email, NEW_PASSWORD, world.client(owner.address)));
    for (const table of ['totp_credential', 'recovery_code', 'passkey', 'sms_credential'] as const) {
      const rows = await world.instance.storage.db
        .selectFrom(table)
        .selectAll()
        .where('user_id', '=', person.userId)
        .execute();
      expect(rows, table).toEqual([]);
    }
    // The number is free for somebody else.
    expect(
      JSON.stringify(await world.instance.storage.db.selectFrom('contact').selectAll().execute()),
    ).not.toContain(phone);
  });

  it('forgets the places of the thief and remembers the owner’s', async () => {
    const { userId, revertToken } = await robbed();
    const ownersHome = world.client('198.51.100.77');
    decode.token(await revert(revertToken, NEW_PASSWORD, ownersHome));
    expect((await world.instance.places.list(userId)).map(({ key }) => key)).toEqual(['198.51.100.0/24']);
  });

  it('voids whatever was mailed while the account was in other hands [D05]', async () => {
    const { address, email, revertToken } = await robbed();
    await world.client().post('/v1/auth/forgot', { email: address });
    const { token: resetToken } = await world.newestMail(address, 'password_reset');
    decode.token(await revert(revertToken));
    const reset = { token: resetToken, password: 'chosen by the thief once more' };
    expect(refusal(await world.client().post('/v1/auth/reset', reset))).toBe(
      '400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_RESET_TOKEN',
    );
    decode.empty(await world.client().post('/v1/auth/forgot', { email: address }));
    expect((await world.mails(address)).filter(({ kind }) => kind === 'password_reset')).toHaveLength(1);
    expect((await world.mails(email)).some(({ kind }) => kind === 'password_reset')).toBe(false);
  });

  it('leaves a change of address that was under way dead', async () => {
    const { client: thief, email, address, revertToken } = await robbed();
    clock.advance(31_000);
    const { email_token } = await emailChangeOf(world, { client: thief, email: address }).token();
    const owner = signedIn(await revert(revertToken));
    const use = { email_token, password: NEW_PASSWORD };
    expect(refusal(await thief.patch('/v1/users/@me', use))).toBe('401 UNAUTHORIZED');
    expect(refusal(await owner.patch('/v1/users/@me', use))).toBe(
      '400 INVALID_FORM_BODY email_token:INVALID_EMAIL_TOKEN',
    );
    expect(await me(owner)).toMatchObject({ email });
  });

  it('takes the token once, the password refused or not', async () => {
    const { revertToken, email } = await robbed();
    for (const [password, code] of [
      ['password123', 'PASSWORD_IS_TOO_COMMON'],
      ['short', 'PASSWORD_LENGTH_INVALID'],
      [`${email.split('@')[0]}1`, 'PASSWORD_IS_TOO_COMMON'],
    ] as const)
      expect(refusal(await revert(revertToken, password))).toBe(`400 INVALID_FORM_BODY password:${code}`);
    expect(await world.instance.recovery.isGood(world.instance.project.id, revertToken, 'email-revert')).toBe(
      true,
    );
    decode.token(await revert(revertToken));
    expect(await world.instance.recovery.isGood(world.instance.project.id, revertToken, 'email-revert')).toBe(
      false,
    );
    expect(refusal(await revert(revertToken))).toBe(SPENT);
  });

  it.each([
    [48 * HOUR - 1, true],
    [48 * HOUR, false],
  ])('takes the token for 48 hours, whether or not anybody cleans up: %d ms [N08]', async (wait, isGood) => {
    const { revertToken, email } = await robbed();
    clock.advance(wait);
    const reply = await revert(revertToken);
    if (isGood) decode.token(reply);
    else expect(refusal(reply)).toBe(SPENT);
    expect((await login(email, NEW_PASSWORD)).status === 400).toBe(!isGood);
  });

  it.each([
    ['nothing', {}, 'password:INVALID_FORMAT token:INVALID_FORMAT'],
    ['63 characters', { token: 'a'.repeat(63), password: NEW_PASSWORD }, 'token:STRING_LENGTH_EXACT'],
    [
      'a made-up token',
      { token: 'a'.repeat(64), password: NEW_PASSWORD },
      'token:INVALID_OR_EXPIRED_REVERT_TOKEN',
    ],
  ])('refuses %s [bug 13]', async (_what, body, items) => {
    const reply = await world.client().post('/v1/auth/email-revert', body);
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
  });

  it('takes no token of another kind, and its own opens no other door [bug 12]', async () => {
    const { address, revertToken } = await robbed();
    await world.client().post('/v1/auth/forgot', { email: address });
    const { token } = await world.newestMail(address, 'password_reset');
    expect(refusal(await revert(token))).toBe(SPENT);
    const others = { '/v1/auth/reset': { password: NEW_PASSWORD }, '/v1/auth/verify': {} };
    for (const [path, rest] of Object.entries(others))
      expect((await world.client().post(path, { token: revertToken, ...rest })).status).toBe(400);
    decode.token(await revert(revertToken));
  });

  it('gives an address back that a stranger has taken without proving it', async () => {
    const { email, revertToken } = await robbed();
    const squatter = world.client();
    squatter.token = decode.token(await world.register(squatter, { email })).token;
    const owner = signedIn(await revert(revertToken));
    expect(await me(owner)).toMatchObject({ email, verified: true });
    expect(await me(squatter)).toMatchObject({ email: null });
    const { token } = await world.newestMail(email, 'email_verification');
    expect((await world.client().post('/v1/auth/verify', { token })).status).toBe(400);
  });

  it('takes no address from whoever has proved it since', async () => {
    const { client: thief, email, address, revertToken } = await robbed();
    const other = world.client();
    other.token = decode.token(await world.register(other, { email })).token;
    const { token } = await world.newestMail(email, 'email_verification');
    decode.empty(await world.client().post('/v1/auth/verify', { token }));
    expect(refusal(await revert(revertToken))).toBe('400 INVALID_FORM_BODY email:EMAIL_ALREADY_IN_USE');
    // And nothing else of it has happened.
    expect(await me(other)).toMatchObject({ email });
    expect(await me(thief)).toMatchObject({ email: address });
  });

  it('keeps the word of the oldest address over those that came after it', async () => {
    const person = await world.person();
    const { address: second, revertToken: ofFirst } = await emailChangeOf(world, person).changed();
    clock.advance(60_000);
    const { revertToken: ofSecond } = await emailChangeOf(world, { ...person, email: second }).changed();
    clock.advance(60_000);
    // Whoever has the second mailbox is quicker, and it helps nothing.
    const quick = signedIn(await revert(ofSecond, 'chosen in the second mailbox'));
    expect(await me(quick)).toMatchObject({ email: second });
    const owner = signedIn(await revert(ofFirst));
    expect(await me(owner)).toMatchObject({ email: person.email });
    expect(refusal(await quick.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
  });

  it('voids with the oldest word all that came after it', async () => {
    const person = await world.person();
    const { address: second, revertToken: ofFirst } = await emailChangeOf(world, person).changed();
    clock.advance(60_000);
    const { revertToken: ofSecond } = await emailChangeOf(world, { ...person, email: second }).changed();
    decode.token(await revert(ofFirst));
    expect(refusal(await revert(ofSecond))).toBe(SPENT);
  });

  it.each(['disable', 'delete'])('brings an account back that the thief asked to %s', async (act) => {
    const { client: thief, email, revertToken } = await robbed();
    decode.empty(await thief.post(`/v1/users/@me/${act}`, { password: PASSWORD }));
    const owner = signedIn(await revert(revertToken));
    clock.advance(80 * HOUR);
    await world.instance.clean();
    expect(await me(owner)).toMatchObject({ email });
  });

  it('lets no suspended account back in, and spends nothing', async () => {
    const { userId, revertToken } = await robbed();
    const change = {
      projectId: world.instance.project.id,
      id: userId,
      actor: { userId: null, sessionId: null, origin: null },
    };
    await world.instance.users.suspend({ ...change, reason: null });
    const reply = await revert(revertToken);
    expect(refusal(reply)).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    expect(reply.headers.has('set-cookie')).toBe(false);
    await world.instance.users.restore(change);
    decode.token(await revert(revertToken));
  });

  it('tells both mailboxes, and the owner of the password too [A12]', async () => {
    const { email, address, revertToken } = await robbed();
    decode.token(await revert(revertToken));
    const kinds = async (to: string) => (await world.mails(to)).map(({ kind }) => kind);
    expect((await kinds(email)).slice(0, 2).sort()).toEqual(['email_changed', 'password_changed']);
    expect((await kinds(address))[0]).toBe('email_changed');
  });

  it('records what happened and no secret of it [M04]', async () => {
    const { userId, revertToken } = await robbed();
    decode.token(await revert(revertToken));
    const trail = await world.instance.storage.db
      .selectFrom('audit_record')
      .selectAll()
      .where('user_id', '=', userId)
      .execute();
    const events = trail.map(({ event }) => event);
    for (const event of ['contact.changed', 'recovery.reverted', 'sign-in.succeeded'])
      expect(events).toContain(event);
    expect(JSON.stringify(trail)).not.toContain(revertToken);
    expect(world.logLines.join('')).not.toContain(revertToken);
  });

  it('is decided once when reset and revert come at the same time: the mailbox of before wins [D05]', async () => {
    for (let round = 0; round < 5; round++) {
      const { email, address, revertToken } = await robbed();
      await world.client().post('/v1/auth/forgot', { email: address });
      const { token } = await world.newestMail(address, 'password_reset');
      const [back] = await Promise.all([
        revert(revertToken),
        ...Array.from({ length: 3 }, () =>
          world.client().post('/v1/auth/reset', { token, password: 'chosen by the thief once more' }),
        ),
      ]);
      const owner = signedIn(back);
      expect(await me(owner)).toMatchObject({ email });
      expect(decode.sessions(await owner.get('/v1/auth/sessions'))).toHaveLength(1);
      for (const thieves of [address, email])
        expect((await login(thieves, 'chosen by the thief once more')).status).toBe(400);
    }
  });

  it('needs an address that was proved: to one that never was, no way back is mailed', async () => {
    const client = world.client();
    const { email, json } = await world.register(client);
    client.token = (json as { token: string }).token;
    const change = emailChangeOf(world, { client, email });
    const start = (await change.post('start', {})).json as { ticket: string; original_proof: string };
    const { ticket, original_proof } = start;
    const address = newEmail();
    await change.post('request-new', { ticket, original_proof, new_email: address });
    const code = await change.newCode(address);
    const { json: verified } = await change.post('verify-new', { ticket, original_proof, code });
    decode.user(await client.patch('/v1/users/@me', { ...(verified as object), password: PASSWORD }));
    expect((await world.mails(email)).some(({ kind }) => kind === 'email_change_revert')).toBe(false);
  });
});
