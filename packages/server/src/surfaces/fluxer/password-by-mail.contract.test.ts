import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  emailChangeOf,
  ManualClock,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NEW_PASSWORD = 'an entirely different phrase';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const BASE = '/v1/users/@me/password-change';
const form = (items: string) => `400 INVALID_FORM_BODY ${items}`;
const UNKNOWN = form('ticket:INVALID_OR_EXPIRED_TICKET');

describe.each(DIALECTS)('changing the password by mail, contract 4.8, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const post = (client: Client, step: string, body: unknown) => client.post(`${BASE}/${step}`, body);
  const codeTo = async (email: string) =>
    (await world.newestMail(email, 'password_change_verification')).token;
  const login = (email: string, password: string) =>
    world.client().post('/v1/auth/login', { email, password });
  const iso = (at: number) => new Date(at).toISOString();

  async function started() {
    const person = await world.person();
    const { ticket } = (await post(person.client, 'start', {})).json as { ticket: string };
    return { ...person, ticket, code: await codeTo(person.email) };
  }
  async function proved() {
    const held = await started();
    const { client, ticket, code } = held;
    const reply = await post(client, 'verify', { ticket, code });
    return { ...held, ...(reply.json as { verification_proof: string }) };
  }

  it('leads through the mailbox to a new password, and every other session ends [D05]', async () => {
    const { client, email } = await world.person();
    const other = world.client();
    other.token = decode.token(await login(email, PASSWORD)).token;
    const start = await post(client, 'start', {});
    const { ticket } = start.json as { ticket: string };
    expect(start.status).toBe(200);
    expect(start.json).toEqual({
      ticket: expect.stringMatching(UUID),
      code_expires_at: iso(clock.now() + 10 * MINUTE),
      resend_available_at: iso(clock.now() + 30 * SECOND),
    });
    const code = await codeTo(email);
    expect(code).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    const verify = await post(client, 'verify', { ticket, code });
    expect(verify.json).toEqual({ verification_proof: expect.stringMatching(UUID) });
    const complete = { ticket, ...(verify.json as object), new_password: NEW_PASSWORD };
    const reply = await post(client, 'complete', complete);
    expect(reply.status).toBe(200);
    const { token, auth_session_id_hash } = reply.json as { token: string; auth_session_id_hash: string };
    expect(Object.keys(reply.json).sort()).toEqual(['auth_session_id_hash', 'token']);
    expect(reply.headers.get('set-cookie')).toContain(`fluxer_session=${token}`);
    for (const old of [client, other])
      expect(refusal(await old.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    const fresh = world.client();
    fresh.token = token;
    const sessions = decode.sessions(await fresh.get('/v1/auth/sessions'));
    expect(sessions.map(({ id_hash }) => id_hash)).toEqual([auth_session_id_hash]);
    expect((await login(email, PASSWORD)).status).toBe(400);
    decode.token(await login(email, NEW_PASSWORD));
    // A12: the owner hears of it.
    const kinds = (await world.mails(email)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'password_changed')).toHaveLength(1);
    expect((await world.newestMail(email, 'password_change_verification')).links).toEqual([]);
  });

  it('is not for an account without an address', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client, { email: null, password: null })).token;
    expect(refusal(await post(client, 'start', {}))).toBe(form('email:MUST_HAVE_EMAIL_TO_CHANGE_IT'));
  });

  it('asks who it is', async () => {
    for (const step of ['start', 'resend', 'verify', 'complete'])
      expect(refusal(await post(world.client(), step, {}))).toBe('401 UNAUTHORIZED');
  });

  it('skips no step, whatever is sent in its place [bug 12, bug 13, bug 14]', async () => {
    const { client, email, ticket, code } = await started();
    const complete = (verification_proof: unknown) =>
      post(client, 'complete', { ticket, verification_proof, new_password: NEW_PASSWORD });
    const wrong = form('verification_proof:INVALID_PROOF_TOKEN');
    for (const proof of ['none', ticket, code]) expect(refusal(await complete(proof))).toBe(wrong);
    for (const proof of [null, '', undefined, true, ['x']])
      expect(refusal(await complete(proof))).toBe(form('verification_proof:INVALID_FORMAT'));
    for (const body of [undefined, {}, { ticket }, { code }])
      expect((await post(client, 'verify', body)).status).toBe(400);
    expect((await login(email, NEW_PASSWORD)).status).toBe(400);
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    expect((await post(client, 'verify', { ticket, code })).status).toBe(200);
    expect(refusal(await complete('none'))).toBe(wrong);
  });

  it('takes no proof of another ticket, and none that a newer one replaced', async () => {
    const first = await proved();
    const { client } = first;
    const second = (await post(client, 'start', {})).json as { ticket: string };
    const mixed = { ticket: second.ticket, verification_proof: first.verification_proof };
    expect(refusal(await post(client, 'complete', { ...mixed, new_password: NEW_PASSWORD }))).toBe(
      form('verification_proof:INVALID_PROOF_TOKEN'),
    );
    clock.advance(31 * SECOND);
    decode.empty(await post(client, 'resend', { ticket: first.ticket }));
    const code = await codeTo(first.email);
    const again = await post(client, 'verify', { ticket: first.ticket, code });
    const { verification_proof } = again.json as { verification_proof: string };
    const complete = { ticket: first.ticket, new_password: NEW_PASSWORD };
    expect(
      refusal(await post(client, 'complete', { ...complete, verification_proof: first.verification_proof })),
    ).toBe(form('verification_proof:INVALID_PROOF_TOKEN'));
    expect((await post(client, 'complete', { ...complete, verification_proof })).status).toBe(200);
  });

  it('takes a code once [B02]', async () => {
    const { client, ticket, code } = await proved();
    expect(refusal(await post(client, 'verify', { ticket, code }))).toBe(
      form('code:VERIFICATION_CODE_NOT_ISSUED'),
    );
  });

  it('leaves the proof good after a refused password', async () => {
    const { client, email, ticket, verification_proof } = await proved();
    const complete = (new_password: string) =>
      post(client, 'complete', { ticket, verification_proof, new_password });
    expect(refusal(await complete('password123'))).toBe(form('new_password:PASSWORD_IS_TOO_COMMON'));
    expect(refusal(await complete('short'))).toBe(form('new_password:PASSWORD_LENGTH_INVALID'));
    expect((await complete(NEW_PASSWORD)).status).toBe(200);
    decode.token(await login(email, NEW_PASSWORD));
  });

  it.each([
    ['another user', async () => (await world.person()).client],
    [
      'another session of the same user',
      async (email: string) => {
        const client = world.client();
        client.token = decode.token(await login(email, PASSWORD)).token;
        return client;
      },
    ],
  ])('gives nothing of it into the hands of %s [J03, bug 12]', async (_who, otherOf) => {
    const { client, email, ticket, code, verification_proof } = await proved();
    const other = await otherOf(email);
    expect(refusal(await post(other, 'resend', { ticket }))).toBe(UNKNOWN);
    expect(refusal(await post(other, 'verify', { ticket, code }))).toBe(UNKNOWN);
    const complete = { ticket, verification_proof, new_password: NEW_PASSWORD };
    expect(refusal(await post(other, 'complete', complete))).toBe(UNKNOWN);
    expect((await login(email, NEW_PASSWORD)).status).toBe(400);
    expect((await post(client, 'complete', complete)).status).toBe(200);
  });

  it('proves nothing once the account has another address', async () => {
    const { client, email, ticket, verification_proof } = await proved();
    await emailChangeOf(world, { client, email }).changed();
    const complete = { ticket, verification_proof, new_password: NEW_PASSWORD };
    expect(refusal(await post(client, 'complete', complete))).toBe(UNKNOWN);
    expect(refusal(await post(client, 'resend', { ticket }))).toBe(UNKNOWN);
  });

  it('dies with a reset: whoever holds the session cannot undo it [D05]', async () => {
    for (let round = 0; round < 3; round++) {
      const { client, email, ticket, verification_proof } = await proved();
      await world.client().post('/v1/auth/forgot', { email });
      const { token } = await world.newestMail(email, 'password_reset');
      const thief = 'chosen by the thief a moment before';
      const [reset] = await Promise.all([
        world.client().post('/v1/auth/reset', { token, password: NEW_PASSWORD }),
        post(client, 'complete', { ticket, verification_proof, new_password: thief }),
      ]);
      // A change that was quicker has voided the link; the owner asks for another, and that one holds.
      if (reset.status === 400) {
        await world.client().post('/v1/auth/forgot', { email });
        const again = (await world.newestMail(email, 'password_reset')).token;
        decode.token(await world.client().post('/v1/auth/reset', { token: again, password: NEW_PASSWORD }));
      }
      expect((await login(email, thief)).status).toBe(400);
      decode.token(await login(email, NEW_PASSWORD));
    }
  });

  it('asks an account with a second factor for it, and nobody for the password [B07, D08]', async () => {
    const kit = createFactorKit(world);
    const held = await proved();
    const { client, email, ticket, verification_proof } = held;
    const app = await kit.totp(held);
    const complete = { ticket, verification_proof, new_password: NEW_PASSWORD };
    for (const proof of [{}, { password: PASSWORD }]) {
      const reply = await post(client, 'complete', { ...complete, ...proof });
      expect(refusal(reply)).toBe('403 SUDO_MODE_REQUIRED');
      expect(reply.json).toMatchObject({ has_mfa: true });
    }
    const wrong = { mfa_method: 'totp', mfa_code: app.wrong() };
    expect(refusal(await post(client, 'complete', { ...complete, ...wrong }))).toBe(
      form('mfa_code:INVALID_MFA_CODE'),
    );
    expect((await login(email, NEW_PASSWORD)).status).toBe(400);
    const right = { mfa_method: 'totp', mfa_code: app.code() };
    expect((await post(client, 'complete', { ...complete, ...right })).status).toBe(200);
    // The factor is owed as before.
    expect((await login(email, NEW_PASSWORD)).json).toMatchObject({ mfa: true });
  });

  it('ends a code after ten minutes, a ticket after an hour [B03, N08]', async () => {
    const { client, email, ticket, code } = await started();
    clock.advance(10 * MINUTE);
    expect(refusal(await post(client, 'verify', { ticket, code }))).toBe(
      form('code:VERIFICATION_CODE_EXPIRED'),
    );
    decode.empty(await post(client, 'resend', { ticket }));
    clock.advance(10 * MINUTE - 1);
    const verify = await post(client, 'verify', { ticket, code: await codeTo(email) });
    expect(verify.status).toBe(200);
    clock.advance(40 * MINUTE + 1);
    const complete = { ticket, ...(verify.json as object), new_password: NEW_PASSWORD };
    expect(refusal(await post(client, 'complete', complete))).toBe(UNKNOWN);
    expect((await login(email, NEW_PASSWORD)).status).toBe(400);
  });

  it('lets half a minute pass before it mails again, and the old code is dead then', async () => {
    const { client, email, ticket, code } = await started();
    const early = await post(client, 'resend', { ticket });
    expect(refusal(early)).toBe('429 RATE_LIMITED');
    expect(early.json).toMatchObject({ retry_after: 30 });
    clock.advance(30 * SECOND);
    decode.empty(await post(client, 'resend', { ticket }));
    expect(refusal(await post(client, 'verify', { ticket, code }))).toBe(
      form('code:INVALID_VERIFICATION_CODE'),
    );
    expect((await post(client, 'verify', { ticket, code: await codeTo(email) })).status).toBe(200);
  });

  it('ends a ticket after five wrong codes, new mails or not [B04, bug 19]', async () => {
    const { client, email, ticket } = await started();
    const wrong = () => post(client, 'verify', { ticket, code: 'AAAA-AAAA' });
    for (let round = 0; round < 4; round++)
      expect(refusal(await wrong())).toBe(form('code:INVALID_VERIFICATION_CODE'));
    clock.advance(31 * SECOND);
    decode.empty(await post(client, 'resend', { ticket }));
    expect(refusal(await wrong())).toBe(form('code:INVALID_VERIFICATION_CODE'));
    expect(refusal(await wrong())).toBe(UNKNOWN);
    expect(refusal(await post(client, 'verify', { ticket, code: await codeTo(email) }))).toBe(UNKNOWN);
    clock.advance(31 * SECOND);
    expect(refusal(await post(client, 'resend', { ticket }))).toBe(UNKNOWN);
  });

  it('keeps no secret readable in the database and cleans up [M02]', async () => {
    const { ticket, code, verification_proof } = await proved();
    const { db } = world.instance.storage;
    const rows = JSON.stringify([
      await db.selectFrom('password_change').selectAll().execute(),
      await db.selectFrom('mailed_code').selectAll().execute(),
    ]);
    for (const secret of [ticket, code, verification_proof]) expect(rows).not.toContain(secret);
    clock.advance(61 * MINUTE);
    await world.instance.clean();
    expect(await db.selectFrom('password_change').selectAll().execute()).toEqual([]);
  });
});

describe.each(DIALECTS)('the mails of a change of password on %s', (dialect) => {
  it('are three starts and three repetitions in a quarter of an hour [K06]', async () => {
    const clock = new ManualClock();
    const world = await createWorld({ dialect, clock });
    try {
      const { client, email } = await world.person();
      const start = () => client.post(`${BASE}/start`, {});
      const { ticket } = (await start()).json as { ticket: string };
      for (let round = 0; round < 3; round++) {
        clock.advance(31 * SECOND);
        decode.empty(await client.post(`${BASE}/resend`, { ticket }));
      }
      clock.advance(31 * SECOND);
      expect(refusal(await client.post(`${BASE}/resend`, { ticket }))).toBe('429 RATE_LIMITED');
      for (let round = 0; round < 2; round++) expect((await start()).status).toBe(200);
      expect(refusal(await start())).toBe('429 RATE_LIMITED');
      const sent = (await world.mails(email)).filter(({ kind }) => kind === 'password_change_verification');
      expect(sent).toHaveLength(6);
      clock.advance(15 * MINUTE);
      expect((await start()).status).toBe(200);
    } finally {
      await world.close();
    }
  });
});
