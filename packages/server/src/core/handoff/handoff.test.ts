import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenHash } from '../../crypto/index.ts';
import { createWorld, DIALECTS, ManualClock, PASSWORD, type World } from '../../testing/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { newCode, normalCode, shownCode } from './code.ts';

const MINUTE = 60_000;

describe('a hand-off code', () => {
  it('has each of its symbols equally often', () => {
    const seen = new Map<string, number>();
    const rounds = 4_000;
    for (let round = 0; round < rounds; round++)
      for (const symbol of newCode(randomBytes)) seen.set(symbol, (seen.get(symbol) ?? 0) + 1);
    expect([...seen.keys()].sort().join('')).toBe('23456789ABCDEFGHJKMNPQRSTUVWXYZ');
    const expected = (rounds * 8) / 31;
    // With a modulo of a byte the first eight symbols would come an eighth more often: some four deviations.
    for (const [symbol, count] of seen)
      expect(Math.abs(count - expected) / expected, symbol).toBeLessThan(0.2);
    const first = [...'ABCDEFGH'].reduce((sum, symbol) => sum + (seen.get(symbol) ?? 0), 0);
    expect(Math.abs(first - expected * 8) / (expected * 8)).toBeLessThan(0.06);
  });

  it.each([
    ['ABCDEFGH', 'ABCDEFGH'],
    ['abcd-efgh', 'ABCDEFGH'],
    [' a b c d - e f g h ', 'ABCDEFGH'],
    ['ABCD\tEFGH\n', 'ABCDEFGH'],
    ['ABCDEFG', null],
    ['ABCDEFGHJ', null],
    ['ABCDEFGI', null],
    ['ABCDEFG0', null],
    // Upper-cased, one character becomes two.
    ['ABCDEFß', null],
    ['', null],
  ])('is read from %j as %j', (text, expected) => {
    expect(normalCode(text)).toBe(expected);
  });

  it('is shown in two halves', () => {
    expect(shownCode('ABCDEFGH')).toBe('ABCD-EFGH');
  });
});

describe.each(DIALECTS)('hand-offs on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
  });
  afterAll(() => world.close());
  // Counters begin anew.
  beforeEach(() => clock.advance(60 * MINUTE));

  const from = (address: string): Origin => ({
    address,
    source: address,
    network: address.replace(/\.\d+$/, '.0/24'),
    userAgent: null,
    isDesktop: false,
  });
  const APP = from('203.0.113.7');
  const initiate = () =>
    world.instance.handoffs.initiate({ projectId: world.instance.project.id, origin: APP });
  const outcome = async (code: string, origin: Origin) => {
    try {
      return (await world.instance.handoffs.fetch({ code, origin })).status;
    } catch (error) {
      return error instanceof AuthError ? error.code : 'failed';
    }
  };
  const guess = (origin: Origin) => outcome(newCode(randomBytes), origin);

  it('stop an address that sends codes which were never there, and nobody else [D13]', async () => {
    const { code } = await initiate();
    const thief = from('198.51.100.1');
    for (let tried = 0; tried < 100; tried++) expect(await guess(thief)).toBe('expired');
    expect(await guess(thief)).toBe('rate-limited');
    // Not even a code that is there tells it anything now.
    expect(await outcome(code, thief)).toBe('rate-limited');
    expect(await outcome(code, from('198.51.100.2'))).toBe('pending');
    expect(await outcome(code, APP)).toBe('pending');
    clock.advance(15 * MINUTE);
    expect(await guess(thief)).toBe('expired');
  });

  it('count no code that is there or was, however often it is asked for', async () => {
    const { code } = await initiate();
    const elsewhere = from('198.51.100.3');
    for (let poll = 0; poll < 120; poll++) expect(await outcome(code, elsewhere)).toBe('pending');
    clock.advance(5 * MINUTE);
    for (let poll = 0; poll < 120; poll++) expect(await outcome(code, elsewhere)).toBe('expired');
    expect(await guess(elsewhere)).toBe('expired');
  });

  /** As after guesses from a great many addresses. */
  async function flood(): Promise<void> {
    const used = { count: 20_000, expires_at: clock.now() + 15 * MINUTE };
    await world.instance.storage.db
      .insertInto('counter')
      .values({ key: `handoff-unknown:${tokenHash('all')}`, ...used })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(used))
      .execute();
  }

  it('stop guesses of all strangers together, and let an app still ask where it began [D13]', async () => {
    const { code } = await initiate();
    await flood();
    expect(await guess(from('192.0.2.1'))).toBe('rate-limited');
    expect(await outcome(code, from('192.0.2.2'))).toBe('rate-limited');
    expect(await outcome(code, APP)).toBe('pending');
    expect(await outcome(code, { ...APP, address: '203.0.113.99', source: '203.0.113.99' })).toBe('pending');
  });

  it('are looked at, completed and cancelled by who is signed in, however many strangers guess', async () => {
    const { client, userId } = await world.person();
    const session = await world.instance.sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('The person has no session.');
    const { handoffs } = world.instance;
    const { code } = await initiate();
    const other = await initiate();
    await flood();
    const origin = from('192.0.2.77');
    expect(await handoffs.describe({ code, origin, userId })).toMatchObject({ status: 'pending' });
    await handoffs.complete({ code, session, origin });
    expect(await handoffs.fetch({ code, origin: APP })).toMatchObject({ status: 'completed', userId });
    await handoffs.cancel({ code: other.code, origin, userId });
    expect(await outcome(other.code, APP)).toBe('expired');
  });

  it('are tidied up by several at once, none of whom waits for another: sessions nobody fetched end once', async () => {
    const { client } = await world.person();
    const { handoffs, sessions, storage } = world.instance;
    const session = await sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('The person has no session.');
    for (let count = 0; count < 3; count++)
      await handoffs.complete({ code: (await initiate()).code, session, origin: APP });
    const waiting = () =>
      storage.db.selectFrom('handoff').selectAll().where('state', '=', 'completed').execute();
    const [held, ...free] = await waiting();
    clock.advance(5 * MINUTE);
    const isThere = async ({ session_id }: { session_id: string | null }) =>
      (await sessions.findById(session_id ?? '', 'fluxer')) !== null;
    // SQLite has no rows that somebody holds: its one writer has the file.
    if (dialect === 'postgres' && held) {
      await storage.db.transaction().execute(async (tx) => {
        const hold = tx.selectFrom('handoff').select('code_hash').where('code_hash', '=', held.code_hash);
        await hold.forUpdate().execute();
        await initiate();
        expect(await isThere(held)).toBe(true);
        for (const one of free) expect(await isThere(one)).toBe(false);
      });
    }
    await Promise.all(Array.from({ length: 50 }, initiate));
    expect(await waiting()).toEqual([]);
    for (const one of [held, ...free]) expect(one && (await isThere(one))).toBe(false);
    expect(await isThere({ session_id: session.id })).toBe(true);
  });

  it('stop the guesses of one user from many addresses, and of nobody else [D13]', async () => {
    const [thief, other] = [await world.person(), await world.person()];
    const describe = (userId: string, tried: number) =>
      world.instance.handoffs
        .describe({ code: newCode(randomBytes), origin: from(`198.51.${tried}.1`), userId })
        .then(
          ({ status }) => status,
          (error: AuthError) => error.code,
        );
    for (let tried = 0; tried < 100; tried++) expect(await describe(thief.userId, tried)).toBe('expired');
    expect(await describe(thief.userId, 100)).toBe('rate-limited');
    expect(await describe(other.userId, 101)).toBe('expired');
    // Nor have those used up anything of the strangers'.
    expect(await guess(from('192.0.2.78'))).toBe('expired');
  });

  it('count tries in every call that takes a code', async () => {
    const { client } = await world.person();
    const session = await world.instance.sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('The person has no session.');
    const { handoffs } = world.instance;
    const thief = from('198.51.100.9');
    for (let tried = 0; tried < 100; tried++) await guess(thief);
    const presented = () => ({ code: newCode(randomBytes), origin: thief });
    await expect(handoffs.describe(presented())).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(handoffs.cancel(presented())).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(handoffs.complete({ ...presented(), session })).rejects.toMatchObject({
      code: 'rate-limited',
    });
  });

  it('show the one who approves the device, the place and the code to compare [D13]', async () => {
    const { code, expiresAt } = await initiate();
    const info = await world.instance.handoffs.describe({
      code: code.toLowerCase(),
      origin: from('192.0.2.9'),
    });
    expect(info).toMatchObject({
      status: 'pending',
      code,
      expiresAt,
      initiator: { address: APP.address, isDesktop: false },
      place: { key: '203.0.113.0/24', label: null },
    });
  });

  it('are completed from a session of the hosted pages, into one of the app’s own kind', async () => {
    const { email, userId } = await world.person();
    const { handoffs, sessions } = world.instance;
    const reply = await world.client().form('/login', { email, password: PASSWORD });
    const cookie = /fluxgate=([^;]+)/.exec(reply.headers.get('set-cookie') ?? '')?.[1] ?? '';
    const session = await sessions.find(cookie, 'pages');
    if (!session) throw new Error('The form signed nobody in.');
    const { code } = await initiate();
    await handoffs.complete({ code, session, origin: from('192.0.2.9') });
    const fetched = await handoffs.fetch({ code, origin: APP });
    expect(fetched).toMatchObject({ status: 'completed', userId, token: expect.stringMatching(/^flx_/) });
    const token = fetched.status === 'completed' ? fetched.token : '';
    expect(await sessions.find(token, 'fluxer')).toMatchObject({ userId, elevatedUntil: null });
  });

  it('are not completed by a session of another project, or one that has just ended', async () => {
    const { client, userId } = await world.person();
    const { handoffs, sessions } = world.instance;
    const session = await sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('The person has no session.');
    const { code } = await initiate();
    const foreign = { ...session, projectId: 'proj_other' };
    await expect(handoffs.complete({ code, session: foreign, origin: APP })).rejects.toMatchObject({
      code: 'invalid-handoff-code',
    });
    await sessions.end(session, { userId, sessionId: session.id, origin: APP });
    const { length } = await sessions.list(userId);
    await expect(handoffs.complete({ code, session, origin: APP })).rejects.toMatchObject({
      code: 'not-signed-in',
    });
    expect(await sessions.list(userId)).toHaveLength(length);
    expect(await outcome(code, APP)).toBe('pending');
  });

  it('keep the waiting token sealed, and only while it waits', async () => {
    const { client } = await world.person();
    const { handoffs, sessions, storage } = world.instance;
    const session = await sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('The person has no session.');
    const { code } = await initiate();
    const row = () =>
      storage.db
        .selectFrom('handoff')
        .select(['state', 'sealed_token'])
        .where('code_hash', '=', tokenHash(code.replace('-', '')))
        .executeTakeFirstOrThrow();
    await handoffs.complete({ code, session, origin: APP });
    const waiting = await row();
    const fetched = await handoffs.fetch({ code, origin: APP });
    const token = fetched.status === 'completed' ? fetched.token : '';
    expect(waiting.sealed_token).not.toContain(token.slice(4));
    expect(world.instance.sealer.open('handoff', waiting.sealed_token ?? '')).toBe(token);
    expect(await row()).toEqual({ state: 'fetched', sealed_token: null });
  });
});
