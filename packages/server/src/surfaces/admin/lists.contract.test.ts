import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

interface User {
  id: string;
}
interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}

describe.each(DIALECTS)('finding users on %s', (dialect) => {
  let world: World;
  let cookie: string;
  const people: { email: string; userId: string }[] = [];
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const token = (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';
    const made = await world.client().form('/setup', { token, email: newEmail(), password: PASSWORD });
    cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    people.length = 0;
    for (let number = 0; number < 30; number++) {
      const email = `person-${String(number).padStart(2, '0')}@example.com`;
      const { json } = await world.register(world.client(), { email, username: `member_${number % 3}` });
      people.push({ email, userId: (json as { user_id: string }).user_id });
    }
  });
  afterAll(() => world.close());

  const get = (path: string) => world.client().get(`/admin/v1${path}`, { cookie });

  async function find(query: string, limit = 25): Promise<string[]> {
    const reply = await get(`/users?limit=${limit}&query=${encodeURIComponent(query)}`);
    expect(reply.status).toBe(200);
    return (reply.json as Listed<User>).items.map(({ id }) => id);
  }

  async function walk(query: string, limit: number): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/users?limit=${limit}&query=${query}&cursor=${encodeURIComponent(cursor)}`;
      const page = (await get(path)).json as Listed<User>;
      expect(page.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
      expect(ids.length).toBeLessThan(100);
    }
    return ids;
  }

  it('finds by the beginning of an address in any case, by the whole address, and by id', async () => {
    const [first, second] = people;
    expect(await find('PERSON-0', 100)).toHaveLength(10);
    expect(await find(second?.email ?? '')).toEqual([second?.userId]);
    expect(await find(` ${first?.email.toUpperCase()} `)).toEqual([first?.userId]);
    expect(await find(first?.userId ?? '')).toEqual([first?.userId]);
    expect((await find('MEMBER_1', 100)).sort()).toEqual(
      people
        .filter((_, number) => number % 3 === 1)
        .map(({ userId }) => userId)
        .sort(),
    );
  });

  it('takes what means something to a database for a letter like any other', async () => {
    for (const query of ['%', '_', 'person_0', "' or 1=1 --", '\\', '*', 'erson-0', '1'])
      expect(await find(query), query).toEqual([]);
  });

  it.each([1, 7, 10, 30, 31, 100])(
    'pages through everybody, newest first, %i at a time, each exactly once',
    async (limit) => {
      const ids = await walk('', limit);
      expect(ids).toHaveLength(31);
      expect(new Set(ids).size).toBe(31);
      expect(ids.slice(0, 30).sort()).toEqual(people.map(({ userId }) => userId).sort());
    },
  );

  it.each([1, 4, 10])(
    'pages through one way to match after another, %i at a time, each exactly once',
    async (limit) => {
      // An account whose name begins like the others' addresses, and one that matches in both ways.
      for (const [email, username] of [
        [newEmail(), `person_${limit}`],
        [`person-x${limit}@example.com`, `person_x${limit}`],
      ])
        await world.register(world.client(), { email, username });
      const ids = await walk('person', limit);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids)).toEqual(new Set(await find('person', 100)));
      expect(ids).toEqual(expect.arrayContaining(people.map(({ userId }) => userId)));
    },
  );

  it('takes no cursor that it did not write, nor one of another list [bug 71]', async () => {
    const { next_cursor: users } = (await get('/users?limit=1')).json as Listed<User>;
    const { next_cursor: audit } = (await get('/audit?limit=1')).json as Listed<object>;
    expect(users).toMatch(/./);
    expect(audit).toMatch(/./);
    const plain = Buffer.from(JSON.stringify({ by: 'age', key: 0, id: '0' }));
    const good = users ?? '';
    const forged = [
      'x',
      '0',
      plain.toString('base64url'),
      plain.toString(),
      good.slice(0, -1),
      good.slice(0, 12) + (good[12] === 'A' ? 'B' : 'A') + good.slice(13),
      "' or 1=1 --",
      '\u0000',
    ];
    for (const [path, cursors] of [
      ['/users', [...forged, audit ?? '']],
      ['/audit', [...forged, good]],
    ] as const) {
      for (const cursor of cursors) {
        const reply = await get(`${path}?cursor=${encodeURIComponent(cursor)}`);
        expect(reply.status).toBe(400);
        expect(reply.json).toMatchObject({
          code: 'invalid_request',
          // An address with a NUL is refused before its fields are looked at.
          ...(cursor !== '\u0000' && { errors: [{ path: 'cursor' }] }),
        });
      }
    }
  });

  it.each([1, 5, 50])(
    'pages through the audit trail, newest first, %i at a time, each record exactly once',
    async (limit) => {
      const whole = ((await get('/audit?limit=100')).json as Listed<{ id: string }>).items.map(
        ({ id }) => id,
      );
      const ids: string[] = [];
      let cursor = '';
      while (ids.length < 60) {
        const page = (await get(`/audit?limit=${limit}&cursor=${encodeURIComponent(cursor)}`))
          .json as Listed<{ id: string }>;
        ids.push(...page.items.map(({ id }) => id));
        if (page.next_cursor === null) break;
        cursor = page.next_cursor;
      }
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.slice(0, whole.length)).toEqual(whole.slice(0, ids.length));
    },
  );
});
