import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, flectoSteps, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const WRONG = 'quite another horse battery';
const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)("logging in at Flecto's API on %s", (dialect) => {
  let world: World;
  let steps: ReturnType<typeof flectoSteps>;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    steps = flectoSteps(world);
  });
  afterAll(() => world.close());

  it('answers user and tokens, in exactly the shape that its clients read (case 2)', async () => {
    const { email } = await world.person({ global_name: 'Ada King Lovelace' });
    const reply = await steps.login(email);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.has('set-cookie')).toBe(false);
    expect(reply.text.endsWith('}\n')).toBe(true);
    const { user, tokens } = steps.good(reply);
    expect(user).toEqual({
      id: expect.any(Number),
      username: email,
      firstname: 'Ada',
      lastname: 'King Lovelace',
    });
    expect(Object.keys(tokens).sort()).toEqual(['accessToken', 'expiresAt', 'refreshToken']);
    expect(tokens.expiresAt).toBe(steps.claims(tokens.accessToken)['exp']);
    expect(tokens.expiresAt).toBe(Math.floor(world.clock.now() / 1000) + 900);
  });

  it('writes HS256 tokens with the claims that clients know, and an id for each (case 7)', async () => {
    const { email, userId } = await world.person();
    const { user, tokens } = await steps.signIn(email);
    const now = Math.floor(world.clock.now() / 1000);
    for (const [type, token, life] of [
      ['access', tokens.accessToken, 900],
      ['refresh', tokens.refreshToken, 86_400],
    ] as const) {
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{43}$/);
      const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
      expect(JSON.parse(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
      expect(steps.claims(token)).toEqual({
        iss: 'flecto-manager',
        sub: email,
        iat: now,
        exp: now + life,
        jti: expect.stringMatching(/^\w{22,}$/),
        sid: expect.stringMatching(/^sess_/),
        uid: user.id,
        username: email,
        authType: 'basic',
        type,
      });
    }
    const again = await steps.signIn(email);
    expect(again.user.id).toBe(user.id);
    expect(again.tokens.accessToken).not.toBe(tokens.accessToken);
    expect(JSON.stringify(tokens)).not.toContain(userId);
  });

  it('gives everybody a small number of their own, once, however many log in at the same time [bug 80]', async () => {
    const people = await Promise.all([world.person(), world.person(), world.person()]);
    const answers = await Promise.all(
      people.flatMap(({ email }) => [1, 2, 3].map(() => steps.signIn(email).then(({ user }) => user))),
    );
    const byName = Map.groupBy(answers, ({ username }) => username);
    const numbers = [...byName.values()].map((users) => [...new Set(users.map(({ id }) => id))]);
    expect(numbers.every((ids) => ids.length === 1)).toBe(true);
    expect(new Set(numbers.flat()).size).toBe(3);
    expect(Math.max(...numbers.flat())).toBeLessThan(100);
  });

  it('says the same of an unknown user and of a wrong password (case 3) [A09]', async () => {
    const { email } = await world.person();
    const [wrong, unknown] = [await steps.login(email, WRONG), await steps.login(newEmail(), WRONG)];
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
    expect([wrong.status, wrong.json]).toEqual([
      401,
      { error: 'invalid_credentials', message: 'Invalid email or password' },
    ]);
    expect([...wrong.headers.keys()]).toEqual([...unknown.headers.keys()]);
    expect(wrong.headers.has('www-authenticate')).toBe(false);
  });

  it('says of a suspended account that it is none, but only to its owner (case 4) [bug 33]', async () => {
    const { email, userId: id } = await world.person();
    const { users, project } = world.instance;
    await users.suspend({ projectId: project.id, id, reason: null, actor: ACTOR });
    expect(steps.refusal(await steps.login(email, WRONG))).toBe('401 invalid_credentials');
    const refused = await steps.login(email);
    expect([refused.status, refused.json]).toEqual([
      403,
      { error: 'user_not_exist', message: 'User account not exist' },
    ]);
    await users.restore({ projectId: project.id, id, actor: ACTOR });
    await steps.signIn(email);
  });

  it('says of an account without a password that it is none (case 5)', async () => {
    const { email, userId } = await world.person();
    const { db } = world.instance.storage;
    await db.deleteFrom('password_credential').where('user_id', '=', userId).execute();
    await db.updateTable('user').set({ password_changed_at: null }).where('id', '=', userId).execute();
    expect(steps.refusal(await steps.login(email))).toBe('403 user_not_exist');
    // Without a hash and a try spent it is told to nobody.
    expect(steps.refusal(await steps.login(email, 'x'.repeat(1_025)))).toBe('401 invalid_credentials');
    // A provider need not have vouched for the address, and no spelling of it tells more than another.
    await db.updateTable('contact').set({ verified_at: null }).where('user_id', '=', userId).execute();
    for (const spelling of [email, email.toUpperCase(), `\uff55${email.slice(1)}`])
      expect(steps.refusal(await steps.login(spelling)), spelling).toBe('403 user_not_exist');
  });

  it('takes a login name in any case, and calls its owner by it', async () => {
    const { provisioning, project } = world.instance;
    const userId = await provisioning.create({
      projectId: project.id,
      ...{ loginName: 'Ops_Robot-7', email: newEmail(), password: PASSWORD, globalName: 'Ops', roles: [] },
      actor: ACTOR,
    });
    const { user, tokens } = await steps.signIn('ops_robot-7');
    expect(user).toMatchObject({ username: 'Ops_Robot-7', firstname: 'Ops', lastname: '' });
    expect(steps.claims(tokens.accessToken)).toMatchObject({ sub: 'Ops_Robot-7', username: 'Ops_Robot-7' });
    expect((await steps.renew(tokens.refreshToken)).user).toEqual(user);
    expect(steps.refusal(await steps.login('ops_robot-7', WRONG))).toBe('401 invalid_credentials');
    const { db } = world.instance.storage;
    await db.deleteFrom('password_credential').where('user_id', '=', userId).execute();
    await db.updateTable('user').set({ password_changed_at: null }).where('id', '=', userId).execute();
    expect(steps.refusal(await steps.login('OPS_ROBOT-7'))).toBe('403 user_not_exist');
  });

  it('knows nobody by an address that is not proved', async () => {
    const { email } = await world.register(world.client());
    expect(steps.refusal(await steps.login(email))).toBe('401 invalid_credentials');
  });

  it('opens again what its owner switched off or wanted deleted', async () => {
    for (const act of ['disable', 'delete']) {
      const { email, client } = await world.person();
      const { tokens } = await steps.signIn(email);
      expect((await client.post(`/v1/users/@me/${act}`, { password: PASSWORD })).status).toBe(204);
      expect(await steps.knock(tokens.accessToken)).toBe(401);
      expect(steps.refusal(await steps.refresh(tokens.refreshToken))).toBe('403 user_inactive');
      const back = await steps.signIn(email);
      expect(await steps.knock(back.tokens.accessToken)).toBe(404);
      // What ended with the account stays ended.
      expect(await steps.knock(tokens.accessToken)).toBe(401);
    }
  });

  it('lets a fleet behind one address log in as often as it likes, and nobody guess there for long [K01, K04]', async () => {
    const { email } = await world.person();
    const fleet = world.client();
    for (let round = 0; round < 12; round++)
      steps.good(await fleet.post('/auth/login', { username: email, password: PASSWORD }));
    const { counters } = world.instance;
    const tried = { name: 'flecto-login-address', key: fleet.address, limit: 300, windowMs: 30 * 60_000 };
    // None of the good ones was kept: all 300 are there still.
    await Promise.all(Array.from({ length: 298 }, () => counters.spend([tried])));
    const guess = () => fleet.post('/auth/login', { username: newEmail(), password: WRONG });
    expect((await guess()).status).toBe(401);
    steps.good(await fleet.post('/auth/login', { username: email, password: PASSWORD }));
    expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect([refused.status, refused.json]).toMatchObject([429, { error: 'rate_limited' }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    // Its guesses are no matter of anybody elsewhere, nor of its own at the other doors.
    await steps.signIn(email);
    expect((await fleet.post('/v1/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it('holds an account closed after fifty wrong passwords in a day, wherever they came from [B05]', async () => {
    const { email, userId } = await world.person();
    await world.instance.storage.db.deleteFrom('session').where('user_id', '=', userId).execute();
    const guesses = await Promise.all(Array.from({ length: 60 }, () => steps.login(email, WRONG)));
    expect(guesses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(50);
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect((await steps.login(email)).status).toBe(429);
  });
});
