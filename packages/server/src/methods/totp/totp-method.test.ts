import { randomBytes } from 'node:crypto';
import { HOTP, Secret } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, Judged, Rejection } from '../../core/sign-in/index.ts';
import { NOTHING_HELD } from '../../core/sign-in/index.ts';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { STEP_MS } from './totp.ts';
import { createTotpKeeper } from './totp-keeper.ts';
import { createTotpMethod } from './totp-method.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe.each(DIALECTS)('TOTP on %s', (dialect) => {
  let world: World;
  let userId: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    userId = ((await world.register(world.client())).json as { user_id: string }).user_id;
  });

  const parts = () => {
    const { clock, instance } = world;
    return { clock: clock.now, random: randomBytes, sealer: instance.sealer };
  };
  const method = () => createTotpMethod(parts());
  const keeper = () => createTotpKeeper(parts());
  const db = () => world.instance.storage.db;

  function codeOf(secret: string, steps = 0): string {
    const counter = Math.floor(world.clock.now() / STEP_MS) + steps;
    return HOTP.generate({ secret: Secret.fromBase32(secret), counter });
  }

  async function enrol(secret = SECRET): Promise<boolean> {
    const judged = await keeper().judge(db(), { userId, secret, code: codeOf(secret) });
    if (judged.refused !== null) throw new Error(judged.refused);
    return await world.instance.storage.transaction((tx) => judged.save(tx, userId));
  }

  async function judge(code: string, whose: string | null = userId): Promise<Judged | Rejection> {
    const attempt: Attempt = {
      projectId: world.instance.project.id,
      origin: { address: '10.0.0.1' } as Attempt['origin'],
      userId: whose,
      purpose: whose === null ? 'sign-in' : 'second-factor',
      binding: whose === null ? null : 'ticket',
    };
    const subject = await method().identify(db(), attempt, { code });
    return await method().judge(db(), { attempt, subject, proof: { code }, held: NOTHING_HELD });
  }

  async function prove(code: string, whose?: string | null): Promise<string> {
    const judged = await judge(code, whose);
    if (judged.outcome === 'rejected') return judged.reason;
    const proved = await world.instance.storage.transaction((tx) => judged.consume(tx));
    return proved.outcome === 'rejected' ? proved.reason : proved.factors.join();
  }

  it('shows that its owner has something, once per code [B02]', async () => {
    await enrol();
    world.clock.advance(STEP_MS);
    expect(await prove(codeOf(SECRET))).toBe('has');
    expect(await prove(codeOf(SECRET))).toBe('already-used');
    world.clock.advance(STEP_MS);
    expect(await prove(codeOf(SECRET))).toBe('has');
  });

  it('takes the step before and after, not two away, and nothing older than what was used [B01, B02]', async () => {
    await enrol();
    world.clock.advance(10 * STEP_MS);
    expect(await prove(codeOf(SECRET, -2))).toBe('wrong');
    expect(await prove(codeOf(SECRET, 2))).toBe('wrong');
    expect(await prove(codeOf(SECRET, 1))).toBe('has');
    expect(await prove(codeOf(SECRET, 0))).toBe('already-used');
    expect(await prove(codeOf(SECRET, -1))).toBe('already-used');
  });

  it('counts the code that turned it on as used', async () => {
    await enrol();
    expect(await prove(codeOf(SECRET))).toBe('already-used');
  });

  it('lets exactly one of fifty at once use a code, also when all were judged first [B02, bug 9]', async () => {
    await enrol();
    world.clock.advance(STEP_MS);
    const judged = await Promise.all(Array.from({ length: 50 }, () => judge(codeOf(SECRET))));
    const outcomes = await Promise.all(
      judged.map(async (one) =>
        one.outcome === 'judged'
          ? (await world.instance.storage.transaction((tx) => one.consume(tx))).outcome
          : one.reason,
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'proved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'rejected')).toHaveLength(49);
  });

  it('remembers used codes over a restart [B02]', async () => {
    const { databaseUrl, dataDir, clock } = world;
    await enrol();
    clock.advance(STEP_MS);
    expect(await prove(codeOf(SECRET))).toBe('has');
    const again = await createWorld({ dialect, database: { databaseUrl, dataDir }, clock });
    const { storage, sealer } = again.instance;
    const restarted = createTotpMethod({ clock: clock.now, sealer });
    const proof = { code: codeOf(SECRET) };
    const attempt = { userId } as Attempt;
    const judged = await restarted.judge(storage.db, {
      attempt,
      subject: { userId, key: userId },
      proof,
      held: NOTHING_HELD,
    });
    if (judged.outcome !== 'judged') throw new Error(judged.reason);
    expect(await storage.transaction((tx) => judged.consume(tx))).toEqual({
      outcome: 'rejected',
      reason: 'already-used',
    });
    await again.close();
  });

  it('takes a code with blanks in it, and neither another’s nor another secret’s', async () => {
    await enrol();
    world.clock.advance(STEP_MS);
    const code = codeOf(SECRET);
    expect(await prove(codeOf('GEZDGNBVGY3TQOJQ'))).toBe('wrong');
    expect(await prove(code, '1')).toBe('not-enrolled');
    expect(await prove(`${code.slice(0, 3)} ${code.slice(3)}`)).toBe('has');
  });

  it('is never a first proof, for a code names nobody', async () => {
    await enrol();
    world.clock.advance(STEP_MS);
    expect(await prove(codeOf(SECRET), null)).toBe('not-enrolled');
  });

  it('opens nothing before a code has confirmed it, and beginning again replaces what was begun', async () => {
    const begin = () => world.instance.storage.transaction((tx) => keeper().begin(tx, userId));
    const isEnrolled = () =>
      world.instance.storage.transaction(async (tx) => await method().isEnrolled?.(tx, userId));
    const first = (await begin()) ?? '';
    expect(await prove(codeOf(first))).toBe('not-enrolled');
    expect(await isEnrolled()).toBe(false);
    const second = (await begin()) ?? '';
    expect(second).not.toBe(first);
    const stale = { userId, secret: null, code: codeOf(first) };
    expect(await keeper().judge(db(), stale)).toEqual({ refused: 'wrong-code' });
    const judged = await keeper().judge(db(), { userId, secret: null, code: codeOf(second) });
    if (judged.refused !== null) throw new Error(judged.refused);
    expect(await world.instance.storage.transaction((tx) => judged.save(tx, userId))).toBe(true);
    expect(await isEnrolled()).toBe(true);
    // What is on is neither begun again nor replaced.
    expect(await begin()).toBeNull();
    expect(await enrol()).toBe(false);
    expect(await keeper().judge(db(), { userId, secret: null, code: codeOf(second, 1) })).toEqual({
      refused: 'wrong-code',
    });
    world.clock.advance(STEP_MS);
    expect(await prove(codeOf(second))).toBe('has');
  });

  it('is turned on by exactly one of fifty at once', async () => {
    const secrets = Array.from({ length: 50 }, (_, index) => `JBSWY3DPEHPK3P${'ABCDE'[index % 5]}${'A'}`);
    const results = await Promise.all(secrets.map((secret) => enrol(secret.padEnd(16, 'Q'))));
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  it('refuses a code whose secret was replaced between judging and spending', async () => {
    await enrol();
    world.clock.advance(STEP_MS);
    const judged = await judge(codeOf(SECRET));
    await world.instance.storage.transaction(async (tx) => await method().forget?.(tx, userId));
    await enrol('GEZDGNBVGY3TQOJQ');
    if (judged.outcome !== 'judged') throw new Error(judged.reason);
    expect((await world.instance.storage.transaction((tx) => judged.consume(tx))).outcome).toBe('rejected');
  });

  it('keeps the secret sealed, and nothing of it once forgotten [M02, M08]', async () => {
    await enrol();
    const rows = () => db().selectFrom('totp_credential').selectAll().where('user_id', '=', userId).execute();
    const [row] = await rows();
    expect(JSON.stringify(row)).not.toContain(SECRET.slice(0, 8));
    expect(world.instance.sealer.open('totp', row?.sealed ?? '')).toBe(SECRET);
    await world.instance.storage.transaction(async (tx) => await method().forget?.(tx, userId));
    expect(await rows()).toEqual([]);
    world.clock.advance(STEP_MS);
    expect(await prove(codeOf(SECRET))).toBe('not-enrolled');
  });
});
