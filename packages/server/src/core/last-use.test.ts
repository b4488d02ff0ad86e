import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../testing/index.ts';
import type { LiveSession } from './session/index.ts';

const MINUTE = 60_000;
const MANY = 250;

describe.each(DIALECTS)('last uses on %s', (dialect) => {
  let world: World;
  let userId = '';
  beforeAll(async () => {
    world = await createWorld({ dialect });
    ({ userId } = await world.person());
  });
  afterAll(() => world.close());

  async function signedIn(count: number): Promise<LiveSession[]> {
    const { storage, sessions, project } = world.instance;
    const origin = {
      address: '203.0.113.7',
      source: '203.0.113.7',
      network: '203.0.113.0/24',
      userAgent: null,
      isDesktop: false,
    };
    const tokens = await storage.transaction(async (tx) => {
      const issued: string[] = [];
      for (let at = 0; at < count; at++)
        issued.push(
          (await sessions.issue(tx, { projectId: project.id, userId, surface: 'fluxer', origin })).token,
        );
      return issued;
    });
    world.clock.advance(2 * MINUTE);
    const found: LiveSession[] = [];
    for (const token of tokens) {
      const session = await sessions.find(token, 'fluxer');
      if (session) found.push(session);
    }
    return found;
  }
  const lastUses = async () =>
    new Map((await world.instance.sessions.list(userId)).map(({ id, lastUsedAt }) => [id, lastUsedAt]));

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
});
