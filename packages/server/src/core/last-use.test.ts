import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, until, type World } from '../testing/index.ts';
import type { LiveSession } from './session/index.ts';

const MINUTE = 60_000;
const MANY = 250;
const ORIGIN = {
  address: '203.0.113.7',
  source: '203.0.113.7',
  network: '203.0.113.0/24',
  userAgent: null,
  isDesktop: false,
};

/** Sessions of one person, each used once, two minutes after they were made. */
async function usedSessions(world: World, userId: string, count: number): Promise<LiveSession[]> {
  const { storage, sessions, project } = world.instance;
  const tokens = await storage.transaction(async (tx) => {
    const issued: string[] = [];
    for (let at = 0; at < count; at++)
      issued.push(
        (await sessions.issue(tx, { projectId: project.id, userId, surface: 'fluxer', origin: ORIGIN }))
          .token,
      );
    return issued;
  });
  world.clock.advance(2 * MINUTE);
  const found = await Promise.all(tokens.map((token) => sessions.find(token, 'fluxer')));
  return found.filter((session) => session !== null);
}

async function lastUsesOf(world: World, userId: string): Promise<Map<string, number>> {
  return new Map((await world.instance.sessions.list(userId)).map(({ id, lastUsedAt }) => [id, lastUsedAt]));
}

describe.each(DIALECTS)('last uses on %s', (dialect) => {
  let world: World;
  let userId = '';
  beforeAll(async () => {
    world = await createWorld({ dialect });
    ({ userId } = await world.person());
  });
  afterAll(() => world.close());

  const signedIn = (count: number) => usedSessions(world, userId, count);
  const lastUses = () => lastUsesOf(world, userId);

  it('of many rows at once are all written, and of no other row', async () => {
    const [unused] = await lastUses();
    const used = await signedIn(MANY);
    await world.instance.sessions.flush();
    const now = world.clock.now();
    const written = await lastUses();
    expect(used).toHaveLength(MANY);
    for (const { id } of used) expect(written.get(id)).toBe(now);
    expect(unused).toBeDefined();
    expect(written.get(unused?.[0] ?? '')).toBe(unused?.[1]);
  });

  it('bring back nothing that was ended meanwhile, and never go back behind what another node wrote', async () => {
    const [ended, later, other] = await signedIn(3);
    if (!ended || !later || !other) throw new Error('There are no sessions.');
    const { sessions, storage } = world.instance;
    const now = world.clock.now();
    await storage.db
      .updateTable('session')
      .set({ last_used_at: now + 5 })
      .where('id', '=', later.id)
      .execute();
    await sessions.end(ended, { userId, sessionId: other.id, origin: null });
    await sessions.flush();
    const written = await lastUses();
    expect(written.has(ended.id)).toBe(false);
    expect(written.get(later.id)).toBe(now + 5);
    expect(written.get(other.id)).toBe(now);
  });

  it('are of their own time again after a clock that was ahead was set right', async () => {
    world.clock.advance(1_000 * MINUTE);
    await signedIn(1);
    await world.instance.sessions.flush();
    world.clock.advance(-1_000 * MINUTE);
    const [afterwards] = await signedIn(1);
    await world.instance.sessions.flush();
    expect((await lastUses()).get(afterwards?.id ?? '')).toBe(world.clock.now());
  });
});

describe('last uses on PostgreSQL, where rows are held', () => {
  it('wait for them in the order in which everybody takes sessions', async () => {
    const world = await createWorld({ dialect: 'postgres' });
    const { userId } = await world.person();
    const used = await usedSessions(world, userId, 3);
    const [first = '', middle = '', last = ''] = used.map(({ id }) => id).sort();
    const holder = new pg.Client({ connectionString: world.databaseUrl });
    await holder.connect();
    const waiting =
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await holder.query('begin');
    await holder.query('select id from session where id = $1 for update', [middle]);
    const written = world.instance.sessions.flush();
    await until(async () => (await holder.query(waiting)).rowCount === 1);
    const free = await holder.query<{ id: string }>(
      'select id from session where id = any($1) for update skip locked',
      [[first, middle, last]],
    );
    expect(free.rows.map(({ id }) => id).sort()).toEqual([middle, last]);
    await holder.query('commit');
    await written;
    const lastUses = await lastUsesOf(world, userId);
    for (const { id } of used) expect(lastUses.get(id)).toBe(world.clock.now());
    await holder.end();
    await world.close();
  });
});
