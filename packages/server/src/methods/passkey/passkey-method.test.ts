import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Authenticator,
  createWorld,
  DIALECTS,
  type Tampering,
  type World,
} from '../../testing/index.ts';
import { createPasskeyBench, PROVED } from '../../testing/passkey-bench.ts';
import { createFactorKit } from '../../testing/second-factors.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('passkeys on %s', (dialect) => {
  let world: World;
  let bench: ReturnType<typeof createPasskeyBench>;
  let userId: string;
  let device: Authenticator;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    bench = createPasskeyBench(world);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    userId = await bench.newUser();
    device = bench.newDevice();
  });

  const signIn = (tampering?: Tampering, by = device) =>
    bench.answer(bench.attempt('sign-in'), by, tampering);
  const own = () => ({
    isEnrolled: () =>
      world.instance.storage.transaction(async (tx) => await bench.method.isEnrolled?.(tx, userId)),
    forget: () => world.instance.storage.transaction(async (tx) => await bench.method.forget?.(tx, userId)),
  });

  it('sign in whoever they belong to, without a name being asked', async () => {
    await bench.enrol(device, userId);
    const of = bench.attempt('sign-in');
    const options = await bench.challenge(of);
    expect(options).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: 60_000,
      rpId: 'login.example.org',
      userVerification: 'required',
    });
    const proof = bench.method.proof.parse({
      response: device.assert(options),
      challenge: options.challenge,
    });
    expect(await bench.method.identify(bench.db, of, proof)).toEqual({ userId, key: userId });
    const judged = await bench.judge(of, proof);
    expect(judged).toMatchObject({ outcome: 'judged', userId });
    expect(await bench.consume(judged)).toBe(PROVED);
  });

  it.each(['second-factor', 'again'] as const)('prove a known user, for %s', async (purpose) => {
    await bench.enrol(device, userId);
    await bench.enrol(bench.newDevice(), userId);
    const of = bench.attempt(purpose, userId);
    const options = await bench.challenge(of);
    const allowed = (await bench.rows(userId)).map((row) => ({
      id: row.credential_id,
      type: 'public-key',
      transports: ['internal', 'hybrid'],
    }));
    expect(options.allowCredentials).toHaveLength(2);
    expect(options.allowCredentials).toEqual(expect.arrayContaining(allowed));
    expect(options).toMatchObject({
      timeout: 60_000,
      rpId: 'login.example.org',
      userVerification: 'required',
    });
    const proof = { response: device.assert(options), challenge: options.challenge };
    expect(await bench.prove(of, proof)).toBe(PROVED);
  });

  it.each(['ES256', 'EdDSA', 'RS256'])('sign in with a key of %s', async (algorithm) => {
    device = bench.newDevice({ algorithm });
    await bench.enrol(device, userId);
    expect(await signIn()).toBe(PROVED);
  });

  it("are nowhere good in another person's second factor [C06]", async () => {
    await bench.enrol(device, userId);
    const stranger = await bench.newUser();
    const theirs = bench.newDevice();
    await bench.enrol(theirs, stranger);
    for (const purpose of ['second-factor', 'again'] as const) {
      const of = bench.attempt(purpose, userId);
      const { challenge } = await bench.challenge(of);
      const response = theirs.assert({ challenge });
      expect(await bench.prove(of, { response, challenge })).toBe('not-enrolled');
    }
    for (const owner of [stranger, userId])
      expect(await bench.rows(owner)).toMatchObject([{ last_used_at: null }]);
  });

  it('are unknown until they are registered, and in every other project', async () => {
    await bench.enrol(device, userId);
    const stranger = bench.newDevice();
    stranger.register({ challenge: 'AA', user: { id: 'AA' } });
    expect(await signIn(undefined, stranger)).toBe('not-enrolled');
    const unknown = bench.method.proof.parse({ response: stranger.assert({ challenge: 'AA' }) });
    const subject = await bench.method.identify(bench.db, bench.attempt('sign-in'), unknown);
    expect(subject.userId).toBeNull();
    // Ids are up to 1,364 characters; a counter's key stays short.
    expect(subject.key.length).toBeLessThan(120);
    const other = bench.attempt('sign-in', null, { projectId: 'proj_other' });
    expect(await bench.answer(other, device)).toBe('not-enrolled');
    const known = bench.method.proof.parse({ response: device.assert({ challenge: 'AA' }) });
    expect((await bench.method.identify(bench.db, other, known)).userId).toBeNull();
  });

  it('note their counter and their last use', async () => {
    await bench.enrol(device, userId);
    world.clock.advance(MINUTE);
    expect(await signIn()).toBe(PROVED);
    expect(await bench.rows(userId)).toMatchObject([{ counter: 1, last_used_at: world.clock.now() }]);
    expect(await signIn({ counter: 2 ** 32 - 1 })).toBe(PROVED);
    expect(await bench.rows(userId)).toMatchObject([{ counter: 2 ** 32 - 1 }]);
  });

  it.each([
    [6, 7, PROVED],
    [6, 6, 'counter-regressed'],
    [6, 5, 'counter-regressed'],
    [6, 0, 'counter-regressed'],
    [0, 0, PROVED],
    [0, 1, PROVED],
  ])('go on from %i with %i: %s [C07]', async (stored, sent, outcome) => {
    device = bench.newDevice({ counter: stored });
    await bench.enrol(device, userId);
    expect(await signIn({ counter: sent })).toBe(outcome);
    expect(await bench.rows(userId)).toMatchObject([{ counter: outcome === PROVED ? sent : stored }]);
  });

  it('are not told to regress by whoever cannot sign', async () => {
    device = bench.newDevice({ counter: 6 });
    await bench.enrol(device, userId);
    const forged: Tampering = { counter: 1, signature: (bytes) => Buffer.alloc(bytes.length, 1) };
    expect(await signIn(forged)).toBe('wrong');
  });

  it('leave a record when their counter regresses, of whose it was and where [C07, M04]', async () => {
    const person = await world.person();
    const local = await createFactorKit(world).passkey(person);
    const client = world.client();
    const authenticate = async (counter: number) => {
      const begun = await client.post('/v1/auth/webauthn/authentication-options');
      const { challenge } = begun.json as { challenge: string };
      const response = local.assert({ challenge }, { counter });
      return await client.post('/v1/auth/webauthn/authenticate', { response, challenge });
    };
    expect((await authenticate(6)).status).toBe(200);
    expect((await authenticate(5)).status).toBe(401);
    const record = await bench.db
      .selectFrom('audit_record')
      .select(['event', 'outcome', 'method', 'address'])
      .where('user_id', '=', person.userId)
      .orderBy('id', 'desc')
      .executeTakeFirst();
    expect(record).toEqual({
      event: 'sign-in.refused',
      outcome: 'counter-regressed',
      method: 'passkey',
      address: client.address,
    });
  });

  it('count no use that another one overtook, and none after they are gone', async () => {
    await bench.enrol(device, userId);
    const of = bench.attempt('sign-in');
    const asked = [await bench.challenge(of), await bench.challenge(of), await bench.challenge(of)];
    const [earlier, later, last] = asked.map((options) => ({ response: device.assert(options) }));
    const first = await bench.judge(of, earlier);
    expect(await bench.prove(of, later)).toBe(PROVED);
    expect(await bench.consume(first)).toBe('already-used');
    expect(await bench.rows(userId)).toMatchObject([{ counter: 2 }]);
    const judged = await bench.judge(of, last);
    await own().forget();
    expect(await bench.consume(judged)).toBe('already-used');
  });

  it('are enrolled while there is one, and forgotten with all that was asked of them', async () => {
    expect(await own().isEnrolled()).toBe(false);
    await bench.enrol(device, userId);
    expect(await own().isEnrolled()).toBe(true);
    const of = bench.attempt('again', userId);
    const { challenge } = await bench.challenge(of);
    await own().forget();
    expect(await own().isEnrolled()).toBe(false);
    expect(await bench.rows(userId)).toEqual([]);
    expect(await bench.prove(of, { response: device.assert({ challenge }) })).toBe('wrong');
  });

  it('go with their user [M08]', async () => {
    await bench.enrol(device, userId);
    await bench.challenge(bench.attempt('again', userId));
    await bench.db.deleteFrom('user').where('id', '=', userId).execute();
    expect(await bench.rows(userId)).toEqual([]);
    expect(await bench.challenges(userId)).toEqual([]);
  });

  it('take nothing for a proof that has not the form of one', async () => {
    await bench.enrol(device, userId);
    const of = bench.attempt('sign-in');
    const options = await bench.challenge(of);
    const good = { response: device.assert(options), challenge: options.challenge };
    const { response } = good.response;
    const changed = (field: object) => ({
      response: { ...good.response, response: { ...response, ...field } },
    });
    const bad: unknown[] = [
      null,
      {},
      { response: null },
      { ...good, challenge: '' },
      { ...good, challenge: 'x'.repeat(1025) },
      { ...good, challenge: ['x'] },
      { response: { ...good.response, id: '' } },
      { response: { ...good.response, id: 'x'.repeat(1365) } },
      { response: { ...good.response, id: 'not base64url!' } },
      { response: { ...good.response, type: 'password' } },
      { response: { ...good.response, response: null } },
      changed({ signature: undefined }),
      changed({ clientDataJSON: 5 }),
      changed({ authenticatorData: 'x'.repeat(9000) }),
      changed({ userHandle: { id: 1 } }),
      changed({ userHandle: 'x\r\ny' }),
    ];
    expect(bad.filter((proof) => bench.method.proof.safeParse(proof).success)).toEqual([]);
    expect(await bench.prove(of, good)).toBe(PROVED);
  });
});
