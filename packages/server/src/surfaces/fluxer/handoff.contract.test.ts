import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal, type TokenAnswer } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  ManualClock,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const DESKTOP = {
  'user-agent':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) fluxer/1.0 Chrome/140.0.0.0 Electron/38.0.0 Safari/537.36',
  'x-fluxer-platform': 'desktop',
};

describe.each(DIALECTS)('operations 25 to 28, hand-off, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const initiate = async (app: Client) =>
    decode.handoff(await app.post('/v1/auth/handoff/initiate', undefined, DESKTOP));
  const status = async (app: Client, code: string) =>
    decode.handoffStatus(await app.get(`/v1/auth/handoff/${code}/status`));
  const complete = (client: Client, body: unknown) => client.post('/v1/auth/handoff/complete', body);
  const cancel = (client: Client, code: string) =>
    client.send(`/v1/auth/handoff/${code}`, { method: 'DELETE' });
  const sessionsOf = async (userId: string) => await world.instance.sessions.list(userId);
  /** As the generated clients send it: the token in the body, and no credential of the request. */
  const completeAs = async ({ client, userId }: { client: Client; userId: string }, code: string) =>
    await complete(world.client(), { code, token: client.token, user_id: userId });

  async function completed() {
    const app = world.client();
    const person = await world.person();
    const { code } = await initiate(app);
    decode.empty(await completeAs(person, code));
    return { app, code, ...person };
  }

  it('hands the app a session of its own, once, described by where the app is [D13]', async () => {
    const app = world.client();
    const person = await world.person();
    const { code, expires_at } = await initiate(app);
    expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/);
    expect(Date.parse(expires_at)).toBe(clock.now() + 5 * MINUTE);
    expect(await status(app, code)).toBe('pending');
    const before = await sessionsOf(person.userId);
    decode.empty(await completeAs(person, code));

    const fetched = (await status(app, code)) as TokenAnswer;
    expect(fetched.user_id).toBe(person.userId);
    expect(fetched.token).not.toBe(person.client.token);
    expect(await status(app, code)).toBe('expired');
    app.token = fetched.token;
    expect(decode.user(await app.get('/v1/users/@me')).id).toBe(person.userId);
    expect((await person.client.get('/v1/users/@me')).status).toBe(200);

    const made = (await sessionsOf(person.userId)).filter(({ id }) => !before.some((old) => old.id === id));
    expect(made).toMatchObject([{ surface: 'fluxer', address: app.address, isDesktop: true }]);
    const mine = decode.sessions(await app.get('/v1/auth/sessions')).find(({ current }) => current);
    expect(mine?.client_info).toMatchObject({ platform: 'Fluxer Desktop', os: 'macOS' });
  });

  it('ends the one without ending the other', async () => {
    const { app, code, client } = await completed();
    app.token = ((await status(app, code)) as TokenAnswer).token;
    decode.empty(await client.post('/v1/auth/logout'));
    expect((await app.get('/v1/users/@me')).status).toBe(200);
  });

  it("takes the request's own credential for the token, with or without saying whose it is", async () => {
    const { client, userId } = await world.person();
    for (const fields of [{}, { user_id: userId }, { token: null, user_id: null }]) {
      for (const prefix of ['', 'Bearer ']) {
        const app = world.client();
        const { code } = await initiate(app);
        const authorization = prefix + (client.token ?? '');
        const body = { code, ...fields };
        decode.empty(await world.client().post('/v1/auth/handoff/complete', body, { authorization }));
        expect(await status(app, code)).toMatchObject({ user_id: userId });
      }
    }
  });

  it("takes seed 000's form: the code in the path, the token in header or cookie", async () => {
    const { client, userId } = await world.person();
    const token = client.token ?? '';
    for (const headers of [{ authorization: token }, { cookie: `fluxer_session=${token}` }]) {
      const app = world.client();
      const { code } = await initiate(app);
      decode.empty(
        await world.client().post(`/v1/auth/handoff/${code}/complete`, undefined, headers as never),
      );
      expect(await status(app, code)).toMatchObject({ user_id: userId });
    }
  });

  it("lets no other site's page complete one with the cookie [I03]", async () => {
    const { client } = await world.person();
    const app = world.client();
    const { code } = await initiate(app);
    const headers = { cookie: `fluxer_session=${client.token}`, origin: 'https://evil.example' };
    for (const [path, body] of [
      [`/v1/auth/handoff/${code}/complete`, undefined],
      ['/v1/auth/handoff/complete', { code }],
    ] as const) {
      expect(refusal(await world.client().post(path, body, headers))).toBe('403 FORBIDDEN');
    }
    expect(await status(app, code)).toBe('pending');
  });

  it('reads a code however it is spelled', async () => {
    const person = await world.person();
    for (const spell of [
      (code: string) => code.toLowerCase(),
      (code: string) => code.replace('-', ''),
      (code: string) => ` ${[...code.replace('-', '')].join(' ')} `,
      (code: string) => code.replace('-', '--'),
    ]) {
      const app = world.client();
      const { code } = await initiate(app);
      decode.empty(await completeAs(person, spell(code)));
      expect(await status(app, encodeURIComponent(spell(code)))).toMatchObject({ user_id: person.userId });
    }
  });

  it.each([
    'ABCD',
    'ABCD-EFGHJ',
    'ABCD-EFGI',
    'ABCD-EFG0',
    'ABCD-EFG1',
    'ABCD-EFGÄ',
    'ABCD_EFGH',
    "ABCDEFG'",
    'ABCDEFG\u0001',
  ])('refuses %j, which is no code, everywhere', async (code) => {
    const person = await world.person();
    const path = encodeURIComponent(code);
    const expected = '400 INVALID_HANDOFF_CODE';
    // Control characters are taken out of bodies, and what is left of the last one is too short all the same.
    expect(refusal(await completeAs(person, code))).toBe(expected);
    expect(refusal(await person.client.post(`/v1/auth/handoff/${path}/complete`))).toBe(expected);
    expect(refusal(await person.client.get(`/v1/auth/handoff/${path}/status`))).toBe(expected);
    expect(refusal(await person.client.get(`/v1/auth/handoff/${path}/info`))).toBe(expected);
    expect(refusal(await cancel(person.client, path))).toBe(expected);
  });

  it('refuses a wrong token or code without making a session', async () => {
    const app = world.client();
    const person = await world.person();
    const other = await world.person();
    const { token } = person.client;
    const { code } = await initiate(app);
    const before = await sessionsOf(person.userId);
    const stranger = world.client();
    const valid = { code, token, user_id: person.userId };
    const table: [Record<string, unknown>, string][] = [
      [{ token: `flx_${'a'.repeat(36)}` }, '401 INVALID_TOKEN'],
      [{ token: undefined }, '401 INVALID_TOKEN'],
      [{ user_id: other.userId }, '400 SESSION_TOKEN_MISMATCH'],
      [{ user_id: undefined }, '400 INVALID_FORM_BODY user_id:INVALID_FORMAT'],
      [{ user_id: 'me' }, '400 INVALID_FORM_BODY user_id:INVALID_SNOWFLAKE_FORMAT'],
      [{ user_id: '9223372036854775808' }, '400 INVALID_FORM_BODY user_id:SNOWFLAKE_OUT_OF_RANGE'],
      [{ user_id: 1.5 }, '400 INVALID_FORM_BODY user_id:INVALID_SNOWFLAKE_FORMAT'],
      [{ user_id: true }, '400 INVALID_FORM_BODY user_id:INVALID_FORMAT'],
      [{ user_id: ['1'] }, '400 INVALID_FORM_BODY user_id:INVALID_FORMAT'],
      [{ code: undefined }, '400 INVALID_FORM_BODY code:INVALID_FORMAT'],
      [{ code: 7 }, '400 INVALID_FORM_BODY code:INVALID_FORMAT'],
      [{ code: 'ZZZZ-ZZZZ' }, '400 INVALID_HANDOFF_CODE'],
    ];
    for (const [changed, expected] of table) {
      expect(refusal(await complete(stranger, { ...valid, ...changed })), JSON.stringify(changed)).toBe(
        expected,
      );
    }
    expect(refusal(await stranger.post(`/v1/auth/handoff/${code}/complete`))).toBe('401 INVALID_TOKEN');
    expect(await sessionsOf(person.userId)).toHaveLength(before.length);
    expect(await status(app, code)).toBe('pending');
    // A snowflake may arrive as a number too, beyond what a double can hold.
    decode.empty(
      await complete(stranger, `{"code":"${code}","token":"${token}","user_id":${person.userId}}`),
    );
  });

  it('refuses a used code and leaves no second session behind', async () => {
    const { app, code, client, userId } = await completed();
    const other = await world.person();
    const count = (await sessionsOf(userId)).length;
    for (const who of [{ client, userId }, other]) {
      expect(refusal(await completeAs(who, code))).toBe('400 INVALID_HANDOFF_CODE');
    }
    expect(await sessionsOf(userId)).toHaveLength(count);
    expect(await status(app, code)).toMatchObject({ user_id: userId });
    expect(refusal(await completeAs(other, code))).toBe('400 INVALID_HANDOFF_CODE');
  });

  it('refuses a token whose session has ended, and one of a suspended user', async () => {
    const { users, project } = world.instance;
    const gone = await world.person();
    const suspended = await world.person();
    const { code } = await initiate(world.client());
    await gone.client.post('/v1/auth/logout');
    expect(refusal(await completeAs(gone, code))).toBe('401 INVALID_TOKEN');
    const actor = { userId: null, sessionId: null, origin: null };
    await users.suspend({ projectId: project.id, id: suspended.userId, reason: null, actor });
    expect(refusal(await completeAs(suspended, code))).toBe('401 INVALID_TOKEN');
  });

  it('keeps a code for five minutes and not longer', async () => {
    const app = world.client();
    const person = await world.person();
    const { code } = await initiate(app);
    const late = await initiate(app);
    clock.advance(5 * MINUTE - 1);
    expect(await status(app, code)).toBe('pending');
    decode.empty(await completeAs(person, code));
    const waiting = await sessionsOf(person.userId);
    clock.advance(1);
    expect(await status(app, late.code)).toBe('expired');
    expect(refusal(await completeAs(person, late.code))).toBe('400 HANDOFF_CODE_EXPIRED');
    // What nobody fetched in time has ended.
    expect(refusal(await completeAs(person, code))).toBe('400 INVALID_HANDOFF_CODE');
    expect(await status(app, code)).toBe('expired');
    expect(await sessionsOf(person.userId)).toHaveLength(waiting.length - 1);
  });

  it('ends what nobody fetched also when nobody asks for it again', async () => {
    const { userId } = await completed();
    const { length } = await sessionsOf(userId);
    clock.advance(5 * MINUTE);
    await world.instance.clean();
    expect(await sessionsOf(userId)).toHaveLength(length - 1);
    clock.advance(60 * MINUTE);
    await world.instance.clean();
    const rows = await world.instance.storage.db.selectFrom('handoff').selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('forgets a cancelled code and ends the session that waited under it', async () => {
    const { app, code, client, userId } = await completed();
    const { length } = await sessionsOf(userId);
    decode.empty(await cancel(app, code));
    decode.empty(await cancel(app, code));
    expect(await status(app, code)).toBe('expired');
    expect(await sessionsOf(userId)).toHaveLength(length - 1);

    const pending = await initiate(app);
    decode.empty(await cancel(app, pending.code.toLowerCase()));
    expect(await status(app, pending.code)).toBe('expired');
    expect(refusal(await completeAs({ client, userId }, pending.code))).toBe('400 INVALID_HANDOFF_CODE');
    decode.empty(await cancel(app, 'ZZZZ-ZZZZ'));
  });

  it('does not end what was fetched when it is cancelled afterwards', async () => {
    const { app, code } = await completed();
    app.token = ((await status(app, code)) as TokenAnswer).token;
    decode.empty(await cancel(app, code));
    expect((await app.get('/v1/users/@me')).status).toBe(200);
  });

  it('tells no token of a session that its user ended while it waited [D05]', async () => {
    const { app, code, email, userId } = await completed();
    await world.client().post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    await world.client().post('/v1/auth/reset', { token, password: `${PASSWORD}!` });
    expect(await status(app, code)).toBe('expired');
    expect(await sessionsOf(userId)).toHaveLength(1);
  });

  it('answers an unknown code as one that is over, and gives nothing away', async () => {
    const app = world.client();
    expect(await status(app, 'ZZZZ-ZZZZ')).toBe('expired');
    const info = await app.get('/v1/auth/handoff/ZZZZ-ZZZZ/info');
    expect(info.json).toEqual({ status: 'expired' });
  });

  it('says which device asks, as often as one likes, and then that it is over', async () => {
    const { app, code } = await completed();
    const fresh = await initiate(app);
    const approver = world.client();
    const infoOf = async (of: string) => (await approver.get(`/v1/auth/handoff/${of}/info`)).json as unknown;
    const client_info = {
      platform: 'Fluxer Desktop',
      os: 'macOS',
      browser: expect.any(String),
      device: 'desktop',
      location: null,
    };
    expect(await infoOf(fresh.code)).toEqual({ status: 'pending', client_info });
    expect(await infoOf(code)).toEqual({ status: 'completed', client_info });
    expect(await infoOf(code)).toEqual({ status: 'completed', client_info });
    await status(app, code);
    expect(await infoOf(code)).toEqual({ status: 'expired' });
  });

  it('shows the token where nothing keeps it: no cache, no cookie, no log, no row, and not to a HEAD', async () => {
    const { app, code, userId } = await completed();
    const plainCode = code.replace('-', '');
    const db = world.instance.storage.db;
    const rows = JSON.stringify(await db.selectFrom('handoff').selectAll().execute());
    expect((await app.send(`/v1/auth/handoff/${code}/status`, { method: 'HEAD' })).status).toBe(404);
    const reply = await app.get(`/v1/auth/handoff/${code}/status`);
    const { token, user_id } = decode.handoffStatus(reply) as TokenAnswer;
    expect(user_id).toBe(userId);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.has('set-cookie')).toBe(false);
    const trail = JSON.stringify(await db.selectFrom('audit_record').selectAll().execute());
    const after = JSON.stringify(await db.selectFrom('handoff').selectAll().execute());
    for (const kept of [rows, after, trail, world.logLines.join('\n')]) {
      for (const secret of [token, code, plainCode]) expect(kept).not.toContain(secret);
    }
  });

  it('leaves a trail: completed by whom, fetched from where, refused and cancelled', async () => {
    const { app, code, client, userId } = await completed();
    await completeAs({ client, userId }, code);
    await status(app, code);
    const second = await initiate(app);
    await completeAs({ client, userId }, second.code);
    await cancel(app, second.code);
    const records = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'outcome', 'actor_id', 'address', 'details'])
      .where('user_id', '=', userId)
      .where('event', 'like', 'handoff.%')
      .orderBy('id')
      .execute();
    expect(records.map(({ event, outcome }) => [event, outcome])).toEqual([
      ['handoff.completed', null],
      ['handoff.refused', 'unknown'],
      ['handoff.fetched', null],
      ['handoff.completed', null],
      ['handoff.cancelled', null],
    ]);
    expect(records[0]).toMatchObject({ actor_id: userId });
    expect(JSON.parse(records[0]?.details ?? '')).toMatchObject({ address: app.address });
    expect(records[2]).toMatchObject({ address: app.address });
  });
});
