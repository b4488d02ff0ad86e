import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, emailChangeOf, newEmail, PASSWORD, type World } from '../../testing/index.ts';
import { isAuthError } from '../errors.ts';
import { isLoginName } from './login-name.ts';
import { findLoginName, findUserByIdentifier } from './login-name-store.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };

describe('the form of a login name (Flecto contract A8)', () => {
  it.each(['a', 'admin', 'ADA-9_x', '7', '-', 'x'.repeat(100), 'ada@example.com', 'a.b+c@x-1.example.org'])(
    'takes %j',
    (text) => expect(isLoginName(text)).toBe(true),
  );
  it.each([
    '',
    'a b',
    'a.b',
    'é',
    'x'.repeat(101),
    'ada@example',
    'ada@example.c',
    'ada@example.c0m',
    `${'x'.repeat(90)}@example.com`,
    'a@b@example.com',
    '@example.com',
    'a\n',
    'a\0',
  ])('refuses %j', (text) => expect(isLoginName(text)).toBe(false));
});

let made = 0;

describe.each(DIALECTS)('login names on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const newName = () => `Ada_${made++}`;
  async function codeOf(work: Promise<unknown>): Promise<string> {
    return await work.then(
      () => 'done',
      (thrown: unknown) => (isAuthError(thrown) ? thrown.code : String(thrown)),
    );
  }
  function create(wanted: Partial<Parameters<World['instance']['provisioning']['create']>[0]>) {
    return world.instance.provisioning.create({
      projectId: world.instance.project.id,
      ...{ loginName: null, email: null, password: PASSWORD, globalName: null, roles: [] },
      actor: OPERATOR,
      ...wanted,
    });
  }
  const signIn = (identifier: string, password = PASSWORD) =>
    world.client().form('/login', { email: identifier, password });

  it('sign in, in any case, where there is no address at all', async () => {
    const loginName = newName();
    const userId = await create({ loginName });
    for (const spelling of [loginName, loginName.toUpperCase(), ` ${loginName.toLowerCase()} `])
      expect((await signIn(spelling)).status, spelling).toBe(303);
    expect((await signIn(loginName, 'wrong')).status).toBe(400);
    expect((await signIn(`${loginName}x`)).status).toBe(400);
    const { db } = world.instance.storage;
    expect(await findLoginName(db, userId)).toBe(loginName);
    expect(await findUserByIdentifier(db, world.instance.project.id, loginName.toUpperCase())).toBe(userId);
  });

  it('sign in while the address beside them is not confirmed; the address itself does not', async () => {
    const [loginName, email] = [newName(), newEmail()];
    await create({ loginName, email });
    expect((await signIn(email)).status).toBe(403);
    expect((await signIn(loginName)).status).toBe(303);
    const { token } = await world.newestMail(email, 'email_verification');
    await world.client().post('/v1/auth/verify', { token });
    expect((await signIn(email)).status).toBe(303);
  });

  it('owe a second factor like any other way to begin [B09]', async () => {
    const loginName = newName();
    const userId = await create({ loginName });
    await world.instance.storage.db
      .updateTable('user')
      .set({ factors: 'totp' })
      .where('id', '=', userId)
      .execute();
    const reply = await signIn(loginName);
    expect(reply.headers.get('location')).not.toBe('/account');
    expect(reply.headers.getSetCookie().join()).not.toContain('fluxgate_session_');
  });

  it('count the tries against one account, whichever of its names is used [K01]', async () => {
    const strict = await createWorld({ dialect });
    const [loginName, email] = [newName(), newEmail()];
    await strict.instance.provisioning.create({
      projectId: strict.instance.project.id,
      ...{ loginName, email, password: PASSWORD, globalName: null, roles: [] },
      actor: OPERATOR,
    });
    const statuses: number[] = [];
    for (let at = 0; at < 40; at++) {
      const identifier = at % 2 ? loginName.toUpperCase() : email;
      statuses.push((await strict.client().form('/login', { email: identifier, password: 'no' })).status);
    }
    expect(statuses).toContain(429);
    const rest = await strict.client().form('/login', { email: loginName, password: PASSWORD });
    expect(rest.status).toBe(429);
    await strict.close();
  });

  it("are nobody else's login name or address, in any case, and nobody's address becomes one", async () => {
    const { email } = await world.person();
    const loginName = newName();
    await create({ loginName });
    expect(await codeOf(create({ loginName: loginName.toUpperCase() }))).toBe('name-taken');
    expect(await codeOf(create({ loginName: email.toUpperCase() }))).toBe('name-taken');
    // Nor by way of an address that is given later.
    const mailLike = newEmail();
    await create({ loginName: mailLike });
    expect(await codeOf(create({ email: mailLike }))).toBe('email-taken');
    const registered = await world.register(world.client(), { email: mailLike });
    expect(registered.status).toBe(400);
    expect(registered.text).toContain('EMAIL_ALREADY_IN_USE');
    expect((await signIn(mailLike)).status).toBe(303);
    // Nothing is left of an account that was refused.
    const users = await world.instance.storage.db.selectFrom('user').select('id').execute();
    const profiles = await world.instance.storage.db.selectFrom('profile').select('user_id').execute();
    expect(profiles).toHaveLength(users.length);
  });

  it('are not to be had by a change of address either, not even one begun before', async () => {
    const mailLike = newEmail();
    await create({ loginName: mailLike });
    const change = emailChangeOf(world, await world.person());
    const held = await change.originalProved();
    const asked = await change.post('request-new', { ...held, new_email: mailLike });
    expect([asked.status, asked.text.includes('EMAIL_ALREADY_IN_USE')]).toEqual([400, true]);

    const late = await world.person();
    const { email_token, address } = await emailChangeOf(world, late).token();
    await create({ loginName: address });
    const body = { email_token, password: PASSWORD };
    const refused = await late.client.patch('/v1/users/@me', body);
    expect([refused.status, refused.text.includes('EMAIL_ALREADY_IN_USE')]).toEqual([400, true]);
    expect((await late.client.get('/v1/users/@me')).json).toMatchObject({ email: late.email });
  });

  it('go to one of fifty accounts made at the same time', async () => {
    const loginName = newName();
    const codes = await Promise.all(
      Array.from({ length: 50 }, () => codeOf(create({ loginName, password: null }))),
    );
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'name-taken')).toHaveLength(49);
  });

  it('have their form, and one of the two names there is must be given', async () => {
    for (const wanted of [{}, { loginName: 'a b' }, { loginName: 'a.b' }, { loginName: 'x'.repeat(101) }])
      expect(await codeOf(create(wanted))).toBe('name-refused');
    expect(await codeOf(create({ loginName: newName(), password: 'short' }))).toBe('password-refused');
    const loginName = `Lovelace_${made++}`;
    expect(await codeOf(create({ loginName, password: loginName }))).toBe('password-refused');
  });

  it('are found by their beginning, each account once', async () => {
    const [one, two] = await Promise.all([
      create({ loginName: 'findme-1', email: 'findme@example.com' }),
      create({ loginName: 'FINDME-2' }),
    ]);
    const lines: string[] = [];
    const { listAllUsers } = await import('../../cli/index.ts');
    for await (const line of listAllUsers(world.instance, 'FindMe')) lines.push(line);
    expect(lines.map((line) => line.split('\t')[0]).sort()).toEqual([one, two].sort());
    expect(lines.map((line) => line.split('\t')[3]).sort()).toEqual(['FINDME-2', 'findme@example.com']);
  });
});
