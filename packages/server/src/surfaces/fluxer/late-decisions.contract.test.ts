import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liftSuspension, markSeen } from '../../core/user/index.ts';
import { decode } from '../../testing/fluxer-decoder.ts';
import { createFactorKit, createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const MINUTE = 60_000;
const ROUNDS = 20;
const ORIGIN = {
  address: '10.0.0.7',
  source: '10.0.0.7',
  network: '10.0.0.0/24',
  userAgent: null,
  isDesktop: false,
};

describe.each(DIALECTS)('what was true when a request began and is not when it ends, on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    world = await createWorld({ dialect, env });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const sessionOf = async (token: string | null) => {
    const session = await world.instance.sessions.find(token ?? '', 'fluxer');
    if (!session) throw new Error('Nobody is signed in.');
    return session;
  };

  it('recovery codes go with the last factor, whichever that was [B11]', async () => {
    const person = await world.person();
    await kit.passkey(person);
    const { secondFactors, factors, storage } = world.instance;
    const session = await sessionOf(person.client.token);
    await secondFactors.renewRecoveryCodes({ session, origin: ORIGIN });
    expect(await secondFactors.recoveryCodesLeft(person.userId)).toBe(10);

    await storage.transaction(async (tx) => {
      await factors.forget(tx, person.userId, ['passkey']);
      await factors.refresh(tx, person.userId);
    });
    expect(await secondFactors.recoveryCodesLeft(person.userId)).toBe(0);
    const rows = await storage.db
      .selectFrom('recovery_code')
      .select('user_id')
      .where('user_id', '=', person.userId)
      .execute();
    expect(rows).toEqual([]);
  });

  it('two elevations of one session leave one token, and no other is believed [D02]', async () => {
    const { client } = await world.person();
    const { storage, sessions } = world.instance;
    const session = await sessionOf(client.token);
    const until = world.clock.now() + MINUTE;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => storage.transaction((tx) => sessions.elevate(tx, session, until))),
    );
    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'not-signed-in' });
    expect(await sessions.find(client.token ?? '', 'fluxer')).toBeNull();
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    client.token = winners[0]?.value.token ?? '';
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });

  it('a session that was ended meanwhile gives an unclaimed account no password', async () => {
    const client = world.client();
    const reply = await world.register(client, { email: null, password: null });
    client.token = decode.token(reply).token;
    const session = await sessionOf(client.token);
    decode.empty(await client.post('/v1/auth/logout'));
    const together = async () => undefined;
    await expect(
      world.instance.recovery.changePassword({ session, newPassword: PASSWORD, origin: ORIGIN, together }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });
    const rows = await world.instance.storage.db
      .selectFrom('password_credential')
      .select('user_id')
      .where('user_id', '=', session.userId)
      .execute();
    expect(rows).toEqual([]);
  });

  it('the only passkey of an account without a password and an address stays: it is the only way in', async () => {
    const client = world.client();
    const reply = await world.register(client, { email: null, password: null });
    client.token = decode.token(reply).token;
    const session = await sessionOf(client.token);
    const { passkeys, storage } = world.instance;
    const origin = ORIGIN;
    for (const id of ['first', 'second'])
      await storage.db
        .insertInto('passkey')
        .values({
          credential_id: id,
          project_id: session.projectId,
          user_id: session.userId,
          name: id,
          public_key: 'AA',
          counter: 0,
          transports: '',
          device_type: 'multiDevice',
          backed_up: 0,
          created_at: world.clock.now(),
          last_used_at: null,
        })
        .execute();
    await passkeys.remove({ session, credentialId: 'first', origin });
    await expect(passkeys.remove({ session, credentialId: 'second', origin })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const left = await storage.db
      .selectFrom('passkey')
      .select('credential_id')
      .where('user_id', '=', session.userId)
      .execute();
    expect(left).toHaveLength(1);
  });

  it('the approval of a place and a reset at once leave no session of the old password', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { email } = await world.person();
      const elsewhere = world.client();
      const { ticket } = decode.newPlace(
        await elsewhere.post('/v1/auth/login', { email, password: PASSWORD }),
      );
      const { token } = await world.newestMail(email, 'ip_authorization');
      await world.client().post('/v1/auth/forgot', { email });
      const reset = (await world.newestMail(email, 'password_reset')).token;
      world.clock.advance(1_000);
      const [, answer] = await Promise.all([
        world.client().post('/v1/auth/authorize-ip', { token }),
        world.client().post('/v1/auth/reset', { token: reset, password: `${PASSWORD} anew ${round}` }),
      ]);
      expect(answer.status).toBe(200);
      const poll = await world.client().get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
      elsewhere.token = (poll.json as { token?: string } | undefined)?.token ?? null;
      expect((await elsewhere.get('/v1/users/@me')).status, `round ${round}`).toBe(401);
    }
  });

  it('a suspension that is over lifts no later one, and lets nobody be seen in it', async () => {
    const { userId } = await world.person();
    const { storage, users, project } = world.instance;
    const now = world.clock.now();
    const actor = { userId: null, sessionId: null, origin: null };
    await users.suspend({ projectId: project.id, id: userId, reason: 'spam', actor });
    expect(await storage.transaction((tx) => liftSuspension(tx, userId, now))).toBe(false);
    expect(await storage.transaction((tx) => markSeen(tx, userId, now))).toBe(false);
    expect(await users.find(project.id, userId)).toMatchObject({ status: 'suspended' });

    const until = (suspended_until: number) =>
      storage.db.updateTable('user').set({ suspended_until }).where('id', '=', userId).execute();
    await until(now + 1);
    expect(await storage.transaction((tx) => liftSuspension(tx, userId, now))).toBe(false);
    await until(now);
    expect(await storage.transaction((tx) => liftSuspension(tx, userId, now))).toBe(true);
    expect(await users.find(project.id, userId)).toMatchObject({ status: 'active', suspendedReason: null });
  });
});
