import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecoveryCode } from '../../core/second-factor/index.ts';
import type { Attempt, Judged, Rejection } from '../../core/sign-in/index.ts';
import { NOTHING_HELD } from '../../core/sign-in/index.ts';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { newCode, readCode } from './recovery-code.ts';
import { createRecoveryCodeKeeper } from './recovery-code-keeper.ts';
import { createRecoveryCodeMethod } from './recovery-code-method.ts';

const FORM = /^[a-z0-9]{4}-[a-z0-9]{4}$/;

describe('a recovery code', () => {
  it('has the form of the contract, and no sign more often than another [B06]', () => {
    const codes = Array.from({ length: 4_000 }, () => newCode(randomBytes));
    for (const code of codes) expect(code).toMatch(FORM);
    expect(new Set(codes).size).toBe(codes.length);
    const counts = new Map<string, number>();
    for (const sign of codes.join('').replaceAll('-', '')) counts.set(sign, (counts.get(sign) ?? 0) + 1);
    // 32,000 signs, 1,000 of each expected; six standard deviations are 187.
    expect(counts.size).toBe(32);
    for (const [sign, count] of counts) expect(Math.abs(count - 1_000), sign).toBeLessThan(187);
  });

  it.each(['ab3d-ef7h', 'AB3D-EF7H', 'ab3def7h', ' ab3d ef7h ', 'Ab3d–Ef7h', 'a b 3 d e f 7 h'])(
    'is read from %j',
    (typed) => expect(readCode(typed)).toBe('ab3d-ef7h'),
  );
});

describe.each(DIALECTS)('recovery codes on %s', (dialect) => {
  let world: World;
  let userId: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    userId = ((await world.register(world.client())).json as { user_id: string }).user_id;
  });

  const storage = () => world.instance.storage;
  const method = () => createRecoveryCodeMethod({ clock: world.clock.now, sealer: world.instance.sealer });
  const keeper = () => createRecoveryCodeKeeper({ random: randomBytes, sealer: world.instance.sealer });
  const replace = () => storage().transaction((tx) => keeper().replace(tx, userId));
  const list = () => keeper().list(storage().db, userId);
  const consumedOf = (codes: RecoveryCode[]) => codes.map(({ consumed }) => consumed);

  async function judge(code: string, whose: string | null = userId): Promise<Judged | Rejection> {
    const attempt = { projectId: world.instance.project.id, userId: whose } as Attempt;
    const subject = await method().identify(storage().db, attempt, { code });
    return await method().judge(storage().db, { attempt, subject, proof: { code }, held: NOTHING_HELD });
  }

  async function prove(code: string, whose?: string | null): Promise<string> {
    const judged = await judge(code, whose);
    if (judged.outcome === 'rejected') return judged.reason;
    const proved = await storage().transaction((tx) => judged.consume(tx));
    return proved.outcome === 'rejected' ? proved.reason : proved.factors.join();
  }

  it('are ten, each good once, and all shown again with what was used [B06]', async () => {
    expect(await prove('aaaa-aaaa')).toBe('not-enrolled');
    const codes = await replace();
    expect(codes).toHaveLength(10);
    expect(new Set(codes.map(({ code }) => code)).size).toBe(10);
    expect(await list()).toEqual(codes);
    const { code } = codes[3] as RecoveryCode;
    expect(await prove(code)).toBe('has');
    expect(await prove(code)).toBe('already-used');
    expect(await prove('aaaa-aaaa')).toBe('wrong');
    expect(consumedOf(await list())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => at === 3));
    expect(await prove((codes[9] as RecoveryCode).code.toUpperCase().replace('-', ''))).toBe('has');
  });

  it('let exactly one of fifty at once use one, also when all were judged first [B06, bug 9]', async () => {
    const [first] = await replace();
    const judged = await Promise.all(Array.from({ length: 50 }, () => judge(first?.code ?? '')));
    const outcomes = await Promise.all(
      judged.map(async (one) =>
        one.outcome === 'judged'
          ? (await storage().transaction((tx) => one.consume(tx))).outcome
          : one.reason,
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'proved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'rejected')).toHaveLength(49);
  });

  it('are void once there are others, also a code already judged [B06]', async () => {
    const [old] = await replace();
    const judged = await judge(old?.code ?? '');
    const renewed = await replace();
    expect(renewed.map(({ code }) => code)).not.toContain(old?.code);
    expect(await prove(old?.code ?? '')).toBe('wrong');
    if (judged.outcome !== 'judged') throw new Error(judged.reason);
    expect((await storage().transaction((tx) => judged.consume(tx))).outcome).toBe('rejected');
    expect(consumedOf(await list())).toEqual(Array(10).fill(false));
  });

  it('stay one whole set when fifty renew them at once', async () => {
    const sets = await Promise.all(Array.from({ length: 50 }, replace));
    const kept = (await list()).map(({ code }) => code).join();
    expect(sets.filter((set) => set.map(({ code }) => code).join() === kept)).toHaveLength(1);
  });

  it('belong to one account, and are never a first proof', async () => {
    const [first] = await replace();
    expect(await prove(first?.code ?? '', null)).toBe('not-enrolled');
    userId = ((await world.register(world.client())).json as { user_id: string }).user_id;
    await replace();
    expect(await prove(first?.code ?? '')).toBe('wrong');
  });

  it('lie sealed in the database, and not at all once forgotten [M02, M08]', async () => {
    const codes = await replace();
    const rows = () =>
      storage().db.selectFrom('recovery_code').selectAll().where('user_id', '=', userId).execute();
    const text = JSON.stringify(await rows());
    for (const { code } of codes) expect(text).not.toContain(code);
    expect(new Set((await rows()).map(({ sealed }) => sealed)).size).toBe(10);
    await storage().transaction(async (tx) => await method().forget?.(tx, userId));
    expect(await rows()).toEqual([]);
    expect(await prove(codes[0]?.code ?? '')).toBe('not-enrolled');
  });
});
