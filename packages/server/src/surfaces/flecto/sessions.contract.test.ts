import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorld,
  DIALECTS,
  flectoSteps,
  freshDatabase,
  ManualClock,
  PASSWORD,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ACTOR = { userId: null, sessionId: null, origin: null };
const NEW_PASSWORD = 'staple battery horse correct';

describe.each(DIALECTS)("a sign-in at Flecto's API on %s", (dialect) => {
  let world: World;
  let steps: ReturnType<typeof flectoSteps>;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    steps = flectoSteps(world);
  });
  afterAll(() => world.close());

  const events = async (userId: string) =>
    (
      await world.instance.storage.db
        .selectFrom('audit_record')
        .select('event')
        .where('user_id', '=', userId)
        .orderBy('id')
        .execute()
    ).map(({ event }) => event);

  it('goes on with a new pair for a refresh token, which is good once (case 8)', async () => {
    const { email } = await world.person({ global_name: 'Ada Lovelace' });
    const first = await steps.signIn(email);
    world.clock.advance(20 * MINUTE);
    expect(await steps.knock(first.tokens.accessToken)).toBe(401);
    const second = await steps.renew(first.tokens.refreshToken);
    expect(second.user).toEqual(first.user);
    expect(await steps.knock(second.tokens.accessToken)).toBe(404);
    const { sid } = steps.claims(first.tokens.refreshToken);
    expect(steps.claims(second.tokens.refreshToken)).toMatchObject({
      sid,
      authType: 'basic',
      type: 'refresh',
    });
    expect(steps.refusal(await steps.refresh(first.tokens.refreshToken))).toBe('401 invalid_token');
  });

  it('ends when a former refresh token is shown, for nobody can say who holds the present one [F06]', async () => {
    const { email, userId } = await world.person();
    const other = await steps.signIn(email);
    const first = await steps.signIn(email);
    const second = await steps.renew(first.tokens.refreshToken);
    const third = await steps.renew(second.tokens.refreshToken);
    const reused = await steps.refresh(first.tokens.refreshToken);
    expect([reused.status, reused.json]).toEqual([
      401,
      { error: 'invalid_token', message: 'Refresh token has been revoked' },
    ]);
    expect(await steps.knock(third.tokens.accessToken)).toBe(401);
    expect(steps.refusal(await steps.refresh(third.tokens.refreshToken))).toBe('401 invalid_token');
    expect(await events(userId)).toContain('session.reused');
    // The other log-in of the same user has nothing to do with it (case 9).
    expect(await steps.knock(other.tokens.accessToken)).toBe(404);
    await steps.renew(other.tokens.refreshToken);
  });

  it('takes one refresh token once, of fifty at the same time, and is over then [F06, bug 1]', async () => {
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    const replies = await Promise.all(Array.from({ length: 50 }, () => steps.refresh(tokens.refreshToken)));
    const winners = replies.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(49);
    const won = winners[0] ? steps.good(winners[0]).tokens : tokens;
    expect(steps.refusal(await steps.refresh(won.refreshToken))).toBe('401 invalid_token');
    expect(await steps.knock(won.accessToken)).toBe(401);
  });

  it('keeps two log-ins of one user apart (case 9)', async () => {
    const { email } = await world.person();
    const [one, two] = [await steps.signIn(email), await steps.signIn(email)];
    const again = await steps.renew(one.tokens.refreshToken);
    expect(await steps.knock(two.tokens.accessToken)).toBe(404);
    await steps.renew(two.tokens.refreshToken);
    await steps.renew(again.tokens.refreshToken);
  });

  it('takes no access token for a refresh token, nor the other way round (case 10) [E05]', async () => {
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    expect(steps.refusal(await steps.refresh(tokens.accessToken))).toBe('401 invalid_token');
    const reply = await world.client().get('/api/nothing', steps.bearer(tokens.refreshToken));
    expect([reply.status, reply.text]).toEqual([401, '{"message":"an access token is required"}\n']);
    // Neither was spent or ended by it.
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    await steps.renew(tokens.refreshToken);
  });

  it('ends with its log-out, access token and all, and no other does (case 11)', async () => {
    const { email, client } = await world.person();
    const [one, two] = [await steps.signIn(email), await steps.signIn(email)];
    const reply = await steps.logout(one.tokens.accessToken);
    expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([204, '', null]);
    expect(await steps.knock(one.tokens.accessToken)).toBe(401);
    expect(steps.refusal(await steps.refresh(one.tokens.refreshToken))).toBe('401 invalid_token');
    expect((await steps.logout(one.tokens.accessToken)).status).toBe(401);
    expect(await steps.knock(two.tokens.accessToken)).toBe(404);
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });

  it('is asked for at log-out (case 12), where an API token is told that all is well', async () => {
    const stranger = await world.client().send('/auth/logout', { method: 'POST' });
    expect([stranger.status, stranger.text]).toEqual([
      401,
      '{"message":"missing or invalid Authorization header"}\n',
    ]);
    const { apiTokens, project } = world.instance;
    const { plain } = await apiTokens.create({
      projectId: project.id,
      name: 'leaver',
      expiresAt: null,
      permissions: { admin: [], resources: [] },
      actor: ACTOR,
    });
    expect((await steps.logout(plain)).status).toBe(204);
    expect(await steps.knock(plain)).toBe(404);
  });

  it('is over at once when the user is suspended (case 24) [D05, bug 33]', async () => {
    const { email, userId: id } = await world.person();
    const { tokens } = await steps.signIn(email);
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    const { users, project } = world.instance;
    await users.suspend({ projectId: project.id, id, reason: null, actor: ACTOR });
    const reply = await world.client().get('/api/nothing', steps.bearer(tokens.accessToken));
    expect([reply.status, reply.text]).toEqual([401, '{"message":"user not found"}\n']);
    const refused = await steps.refresh(tokens.refreshToken);
    expect([refused.status, refused.json]).toEqual([
      403,
      { error: 'user_inactive', message: 'User account is inactive' },
    ]);
    await users.restore({ projectId: project.id, id, actor: ACTOR });
    expect(await steps.knock(tokens.accessToken)).toBe(401);
    expect(steps.refusal(await steps.refresh(tokens.refreshToken))).toBe('401 invalid_token');
  });

  it('does not outlive the account [bug 31]', async () => {
    const { email, client } = await world.person();
    const { tokens } = await steps.signIn(email);
    expect((await client.post('/v1/users/@me/delete', { password: PASSWORD })).status).toBe(204);
    world.clock.advance(73 * HOUR);
    await world.instance.clean();
    const late = await createWorld({ dialect, database: world, clock: world.clock, env: LONG });
    const lateSteps = flectoSteps(late);
    expect(await lateSteps.knock(tokens.accessToken)).toBe(401);
    await late.close();
    expect(steps.refusal(await steps.refresh(tokens.refreshToken))).toBe('401 invalid_token');
  });

  it.each(['changed', 'reset'])('ends when the password is %s [D05]', async (how) => {
    const { email, client } = await world.person();
    const { tokens } = await steps.signIn(email);
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    if (how === 'changed')
      await client.patch('/v1/users/@me', { new_password: NEW_PASSWORD, password: PASSWORD });
    else {
      await world.client().post('/v1/auth/forgot', { email });
      const { token } = await world.newestMail(email, 'password_reset');
      await world.client().post('/v1/auth/reset', { token, password: NEW_PASSWORD });
    }
    expect(await steps.knock(tokens.accessToken)).toBe(401);
    expect(steps.refusal(await steps.refresh(tokens.refreshToken))).toBe('401 invalid_token');
    await steps.signIn(email, NEW_PASSWORD);
  });

  it('ends a day after its last refresh [D04]', async () => {
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    world.clock.advance(24 * HOUR - 1_000);
    const second = await steps.renew(tokens.refreshToken);
    world.clock.advance(24 * HOUR);
    const reply = await steps.refresh(second.tokens.refreshToken);
    expect([reply.status, reply.json]).toEqual([
      401,
      { error: 'invalid_token', message: 'Invalid or expired refresh token' },
    ]);
  });

  it('lives thirty days if it is refreshed in time, and no longer; cleaning leaves it alone [D04, F06]', async () => {
    const { email } = await world.person();
    let { tokens } = await steps.signIn(email);
    for (let day = 0; day < 31; day++) {
      world.clock.advance(23 * HOUR);
      await world.instance.clean();
      ({ tokens } = await steps.renew(tokens.refreshToken));
    }
    world.clock.advance(7 * HOUR);
    expect(steps.refusal(await steps.refresh(tokens.refreshToken))).toBe('401 invalid_token');
  });

  it('is over when it is refreshed and ended at the same time, whichever comes first [bug 2]', async () => {
    const { email } = await world.person();
    for (let round = 0; round < 10; round++) {
      const { tokens } = await steps.signIn(email);
      const [refreshed] = await Promise.all([
        steps.refresh(tokens.refreshToken),
        steps.logout(tokens.accessToken),
      ]);
      const last = refreshed.status === 200 ? steps.good(refreshed).tokens : tokens;
      expect(await steps.knock(last.accessToken)).toBe(401);
      expect(steps.refusal(await steps.refresh(last.refreshToken))).toBe('401 invalid_token');
    }
  });

  it('knows a spent token after a restart, too [F06, bug 6]', async () => {
    const { email } = await world.person();
    const first = await steps.signIn(email);
    const second = await steps.renew(first.tokens.refreshToken);
    const restarted = await createWorld({ dialect, database: world, clock: world.clock });
    const after = flectoSteps(restarted);
    expect(await after.knock(second.tokens.accessToken)).toBe(404);
    expect(after.refusal(await after.refresh(first.tokens.refreshToken))).toBe('401 invalid_token');
    expect(await after.knock(second.tokens.accessToken)).toBe(401);
    expect(after.refusal(await after.refresh(second.tokens.refreshToken))).toBe('401 invalid_token');
    await restarted.close();
  });

  it.each([
    ['another secret', { FLUXGATE_FLECTO_JWT_SECRET: 'b1f0c3e5d7a9b2c4d6e8f0a1b3c5d7e9f1a2b4c6d8e0f2a4' }],
    ['another issuer', { FLUXGATE_FLECTO_JWT_ISSUER: 'another-manager' }],
  ])('is no sign-in of a server with %s [E06, bug 32]', async (_what, env) => {
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    const other = await createWorld({ dialect, database: world, clock: world.clock, env });
    const there = flectoSteps(other);
    expect(await there.knock(tokens.accessToken)).toBe(401);
    expect(there.refusal(await there.refresh(tokens.refreshToken))).toBe('401 invalid_token');
    await other.close();
    expect(await steps.knock(tokens.accessToken)).toBe(404);
  });

  it('obeys a shorter life at once when the operator tightens it [bug 35]', async () => {
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    world.clock.advance(5 * MINUTE);
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    const strict = await createWorld({
      dialect,
      database: world,
      clock: world.clock,
      env: { FLUXGATE_FLECTO_ACCESS_TOKEN_MINUTES: '5', FLUXGATE_FLECTO_REFRESH_TOKEN_HOURS: '1' },
    });
    const strictSteps = flectoSteps(strict);
    expect(await strictSteps.knock(tokens.accessToken)).toBe(401);
    world.clock.advance(56 * MINUTE);
    expect(steps.refusal(await strictSteps.refresh(tokens.refreshToken))).toBe('401 invalid_token');
    await strict.close();
  });
});

/** Tokens of before are judged by their own end alone. */
const LONG = { FLUXGATE_FLECTO_ACCESS_TOKEN_MINUTES: '1440', FLUXGATE_FLECTO_REFRESH_TOKEN_HOURS: '8760' };

describe("sign-ins at Flecto's API on two nodes over one PostgreSQL", () => {
  const clock = new ManualClock();
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let one: World;
  let other: World;
  beforeAll(async () => {
    database = await freshDatabase('postgres');
    one = await createWorld({ dialect: 'postgres', database, clock });
    other = await createWorld({ dialect: 'postgres', database, clock });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
    await database.drop();
  });

  it('are refused by the other within a second of log-out, reuse and suspension [D05, bug 30]', async () => {
    const steps = flectoSteps(one);
    const { users, project } = one.instance;
    const ends = {
      logout: async ({ accessToken }: Tokens) => void (await steps.logout(accessToken)),
      reuse: async ({ refreshToken }: Tokens) => {
        await steps.refresh(refreshToken);
        expect((await steps.refresh(refreshToken)).status).toBe(401);
      },
      suspension: async (_tokens: Tokens, id: string) =>
        void (await users.suspend({ projectId: project.id, id, reason: null, actor: ACTOR })),
    };
    for (const end of Object.values(ends)) {
      const { email, userId } = await one.person();
      const { tokens } = await steps.signIn(email);
      await until(() => other.instance.storage.channel.isProven());
      for (let use = 0; use < 3; use++) expect(await steps.knock(tokens.accessToken, other)).toBe(404);
      await end(tokens, userId);
      expect(await steps.knock(tokens.accessToken)).toBe(401);
      await withinASecond(async () => (await steps.knock(tokens.accessToken, other)) === 401);
    }
  });

  it('take one refresh token once, of fifty at the same time at both [F06, bug 1]', async () => {
    const steps = [flectoSteps(one), flectoSteps(other)] as const;
    const { email } = await one.person();
    const { tokens } = await steps[0].signIn(email);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? steps[0] : steps[1]).refresh(tokens.refreshToken),
      ),
    );
    expect(replies.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const [won = { tokens }] = replies.filter(({ status }) => status === 200).map(steps[0].good);
    await withinASecond(async () => (await steps[1].knock(won.tokens.accessToken)) === 401);
    expect((await steps[0].refresh(won.tokens.refreshToken)).status).toBe(401);
  });
});

type Tokens = { accessToken: string; refreshToken: string };
