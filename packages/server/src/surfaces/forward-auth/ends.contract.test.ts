import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Caller,
  CREDENTIAL_KINDS,
  type CredentialKind,
  callersOf,
  createFactorKit,
  createSeverableWorld,
  createWorld,
  DIALECTS,
  freshDatabase,
  ManualClock,
  newEmail,
  PASSWORD,
  type Severable,
  type TcpProxy,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ACTOR = { userId: null, sessionId: null, origin: null };
const OF_PEOPLE = CREDENTIAL_KINDS.filter((kind) => kind !== 'API token');

const verify = (world: World, { headers }: Pick<Caller, 'headers'>) =>
  world.client().get('/auth/verify', headers);
const status = async (world: World, caller: Pick<Caller, 'headers'>) => (await verify(world, caller)).status;
const refusal = async (world: World, caller: Pick<Caller, 'headers'>) => {
  const reply = await verify(world, caller);
  expect(reply.headers.get('x-auth-user')).toBeNull();
  return `${reply.status} ${(reply.json as { error: string }).error}`;
};

/** What ends a credential, by what is ended; each of them is enough. */
const ENDS: Record<string, (world: World, caller: Caller) => Promise<unknown>> = {
  'the session or token itself': (_world, caller) => caller.revoke(),
  'the suspension of its user': ({ instance: { users, project } }, { userId }) =>
    users.suspend({ projectId: project.id, id: userId ?? '', reason: null, actor: ACTOR }),
  'the deletion of its user': ({ instance: { departures, project } }, { userId }) =>
    departures.remove({ projectId: project.id, userId: userId ?? '', actor: ACTOR }),
  'all sessions of its user': ({ instance: { sessions, storage } }, { userId }) =>
    storage.transaction((tx) => sessions.endAllOf(tx, userId ?? '')),
};
const CASES = CREDENTIAL_KINDS.flatMap((kind) =>
  Object.keys(ENDS)
    .filter((end) => kind !== 'API token' || end === 'the session or token itself')
    .map((end): [CredentialKind, string] => [kind, end]),
);

describe.each(DIALECTS)('the end of a credential at /auth/verify on %s', (dialect) => {
  let world: World;
  let callers: ReturnType<typeof callersOf>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    callers = callersOf(world);
  });
  afterAll(() => world.close());

  it.each(CASES)(
    'of the kind "%s" comes at the next request with %s [D05, bug 30, bug 31, bug 32, bug 33]',
    async (kind, end) => {
      const [caller, other] = [await callers.of(kind), await callers.of(kind)];
      for (let use = 0; use < 3; use++) expect(await status(world, caller)).toBe(200);
      await ENDS[end]?.(world, caller);
      expect(await status(world, caller)).toBe(401);
      expect(await status(world, other)).toBe(200);
    },
  );

  it('comes with a log-out on the wire it was made for', async () => {
    const flecto = await callers.of('Flecto access token');
    await world.client().send('/auth/logout', { method: 'POST', headers: flecto.headers });
    const fluxer = await callers.of('Fluxer token');
    await world.client().send('/v1/auth/logout', { method: 'POST', headers: fluxer.headers });
    for (const caller of [flecto, fluxer]) expect(await refusal(world, caller)).toBe('401 invalid_token');
  });

  it('comes with the time that it was given, whether anything cleans up or not [E04, N08]', async () => {
    const token = await callers.token({}, world.clock.now() + 10 * MINUTE);
    const access = await callers.of('Flecto access token');
    const sessions = await Promise.all(
      OF_PEOPLE.filter((kind) => kind !== 'Flecto access token').map((kind) => callers.of(kind)),
    );
    world.clock.advance(10 * MINUTE);
    expect(await status(world, token)).toBe(200);
    expect(await status(world, access)).toBe(200);
    world.clock.advance(5 * MINUTE);
    expect(await status(world, token)).toBe(401);
    expect(await status(world, access)).toBe(401);
    for (const session of sessions) expect(await status(world, session)).toBe(200);
    world.clock.advance(169 * HOUR);
    for (const session of sessions) expect(await status(world, session)).toBe(401);
  });

  it('is put off by use behind a proxy', async () => {
    const session = await callers.of('Fluxer cookie');
    for (let day = 0; day < 10; day++) {
      world.clock.advance(24 * HOUR);
      expect(await status(world, session)).toBe(200);
      await world.instance.sessions.flush();
    }
  });

  it.each(OF_PEOPLE)(
    'is not needed to stop the owner of a live %s whose account is under suspicion [D05]',
    async (kind) => {
      const caller = await callers.of(kind);
      const { users, project } = world.instance;
      const suspect = (flags: ('REQUIRE_REVERIFIED_EMAIL' | 'REQUIRE_VERIFIED_PHONE')[]) =>
        users.suspect({ projectId: project.id, id: caller.userId ?? '', flags, actor: ACTOR });
      expect(await status(world, caller)).toBe(200);
      for (const flag of ['REQUIRE_REVERIFIED_EMAIL', 'REQUIRE_VERIFIED_PHONE'] as const) {
        await suspect([flag]);
        expect(await refusal(world, caller)).toBe('403 account_suspected');
      }
      await suspect([]);
      expect(await status(world, caller)).toBe(200);
    },
  );

  it('is not needed to stop whoever never showed that the address is theirs', async () => {
    const stranger = world.client();
    const { email, json } = await world.register(stranger);
    const { token } = json as { token: string };
    const session = { headers: { authorization: token } };
    expect((await stranger.get('/v1/users/@me', session.headers)).status).toBe(200);
    expect(await refusal(world, session)).toBe('403 email_unverified');
    const mail = await world.newestMail(email, 'email_verification');
    await stranger.post('/v1/auth/verify', { token: mail.token });
    expect(await status(world, session)).toBe(200);
    const nobody = await world.register(world.client(), { email: null, password: null });
    const unclaimed = { headers: { authorization: (nobody.json as { token: string }).token } };
    expect(await refusal(world, unclaimed)).toBe('403 email_unverified');
  });
});

describe.each(DIALECTS)('a second factor that every account must have, at /auth/verify on %s', (dialect) => {
  it('stops the holder of a session of before until there is one [B09, bug 15, bug 35]', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const people = await Promise.all([world.person(), world.person()]);
    const callers = callersOf(world);
    const [bare, careful] = await Promise.all(
      people.map((person) => Promise.all(OF_PEOPLE.map((kind) => callers.credentialOf(person, kind)))),
    );
    const token = await callers.token();
    if (people[1]) await createFactorKit(world).totp(people[1]);
    const strict = await createWorld({
      dialect,
      database: world,
      clock: world.clock,
      env: {
        FLUXGATE_REQUIRE_MFA: 'on',
        FLUXGATE_RATE_LIMITS: 'off',
        // Part of the name of who signs Flux's tokens.
        FLUXGATE_PUBLIC_URL: world.baseUrl,
      },
    });
    for (const one of bare ?? []) {
      expect(await status(world, one)).toBe(200);
      expect(await refusal(strict, one)).toBe('403 mfa_enrollment_required');
    }
    // A session that Flux's API made says itself what it has not shown.
    for (const [at, one] of (careful ?? []).entries())
      if (OF_PEOPLE[at] === 'Flux session token') expect(await refusal(strict, one)).toBe('403 mfa_required');
      else expect(await status(strict, one)).toBe(200);
    expect(await status(strict, token)).toBe(200);
    await strict.close();
    await world.close();
  });

  it('lets nobody pass with the ticket of half a sign-in [B09, bug 15, bug 23]', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const person = await world.person();
    await createFactorKit(world).totp(person);
    const { email, password } = person;
    const fluxer = (await world.client().post('/v1/auth/login', { email, password })).json as {
      ticket: string;
    };
    const flecto = (await world.client().post('/auth/login', { username: email, password })).json as {
      ticket: string;
    };
    for (const ticket of [fluxer.ticket, flecto.ticket]) {
      expect(ticket).toMatch(/^\w{20,}$/);
      for (const headers of [
        { authorization: ticket },
        { authorization: `Bearer ${ticket}` },
        { cookie: `fluxer_session=${ticket}; fluxgate=${ticket}; fluxgate-pending=${ticket}` },
      ] as Record<string, string>[])
        expect(await status(world, { headers })).toBe(401);
    }
    await world.close();
  });
});

describe('/auth/verify on two nodes over one PostgreSQL', () => {
  const clock = new ManualClock();
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let one: World;
  let other: World;
  beforeAll(async () => {
    database = await freshDatabase('postgres');
    const env = { FLUXGATE_RATE_LIMITS: 'off' };
    one = await createWorld({ dialect: 'postgres', database, clock, env });
    const sameUrl = { ...env, FLUXGATE_PUBLIC_URL: one.baseUrl };
    other = await createWorld({ dialect: 'postgres', database, clock, env: sameUrl });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
    await database.drop();
  });

  it.each(CASES)(
    'refuses a "%s" at the other node within a second of %s [D05, bug 30]',
    async (kind, end) => {
      const caller = await callersOf(one).of(kind);
      await until(() => other.instance.storage.channel.isProven());
      for (let use = 0; use < 3; use++) expect(await status(other, caller)).toBe(200);
      await ENDS[end]?.(one, caller);
      await withinASecond(async () => (await status(other, caller)) === 401);
    },
  );
});

describe('/auth/verify while PostgreSQL is away', () => {
  let severable: Severable;
  let proxy: TcpProxy;
  let world: World;
  beforeAll(async () => {
    severable = await createSeverableWorld({ FLUXGATE_RATE_LIMITS: 'off' });
    ({ proxy, world } = severable);
  });
  afterAll(() => severable.close());

  it('says 503 of every kind of credential, never that it is bad, and knows them all afterwards [N05, N06, bug 82]', async () => {
    const callers = callersOf(world);
    const all = await Promise.all(CREDENTIAL_KINDS.map((kind) => callers.of(kind)));
    proxy.cut();
    await until(() => !world.instance.storage.channel.isProven());
    for (const caller of all) {
      const reply = await verify(world, caller);
      expect([reply.status, Number(reply.headers.get('retry-after')) > 0]).toEqual([503, true]);
      expect(reply.headers.get('www-authenticate')).toBeNull();
      expect(reply.text).not.toMatch(/token|credential/);
    }
    proxy.restore();
    await until(async () => (await world.client().get('/readyz')).status === 200, 10_000);
    for (const caller of all) expect(await status(world, caller)).toBe(200);
  });
});

describe.each(DIALECTS)('an account that an administrator made, at /auth/verify on %s', (dialect) => {
  it('needs no mailbox where it has a login name', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const { provisioning, project } = world.instance;
    const loginName = `agent-${newEmail().slice(5, 17)}`;
    await provisioning.create({
      projectId: project.id,
      ...{ loginName, email: newEmail(), password: PASSWORD, globalName: null, roles: [] },
      actor: ACTOR,
    });
    const signedIn = await world.client().post('/auth/login', { username: loginName, password: PASSWORD });
    const { tokens } = signedIn.json as { tokens: { accessToken: string } };
    const reply = await verify(world, { headers: { authorization: `Bearer ${tokens.accessToken}` } });
    expect([reply.status, reply.headers.get('x-auth-email')]).toEqual([200, null]);
    await world.close();
  });
});
