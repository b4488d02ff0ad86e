import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

describe.each(DIALECTS)('making the first administrator on %s', (dialect) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld({ dialect });
  });
  afterEach(() => world.close());

  const issueLink = async () => (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';

  const setUp = (token: string, fields: Record<string, string> = {}) =>
    world.client().form('/setup', { token, email: newEmail(), password: PASSWORD, ...fields });

  async function administrators(): Promise<number> {
    const { storage } = world.instance;
    const rows = await storage.db.selectFrom('role_admin_row').select('role_id').distinct().execute();
    return rows.length;
  }

  async function users(): Promise<number> {
    return (await world.instance.storage.db.selectFrom('user').select('id').execute()).length;
  }

  it('begins without any account, and nobody signs in with a default one [A10]', async () => {
    expect(await users()).toBe(0);
    for (const name of ['admin', 'root', 'fluxgate']) {
      const reply = await world
        .client()
        .form('/login', { email: `${name}@localhost.example`, password: name });
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
  });

  it('takes the printed link once, and opens the console [A10]', async () => {
    const token = await issueLink();
    const reply = await setUp(token);
    expect([reply.status, reply.headers.get('location')]).toEqual([303, '/console/']);
    const cookie = reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await world.client().get('/admin/v1/me', { cookie })).status).toBe(200);

    const replayed = await setUp(token);
    expect(replayed.status).toBe(400);
    expect(replayed.text).toContain('used up');
    expect(replayed.headers.getSetCookie()).toEqual([]);
    expect([await administrators(), await users()]).toEqual([1, 1]);
    expect(await world.instance.setup.issueLink(world.instance.project.id)).toBeNull();
  });

  it('makes exactly one administrator of twenty who try at once [A10]', async () => {
    const token = await issueLink();
    const replies = await Promise.all(Array.from({ length: 20 }, () => setUp(token)));
    const won = replies.filter(({ status }) => status === 303);
    const lost = replies.filter(({ status }) => status !== 303);
    expect(won).toHaveLength(1);
    for (const reply of lost) {
      expect(reply.status).toBe(400);
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
    expect([await administrators(), await users()]).toEqual([1, 1]);
  });

  it('takes no link that is made up, too old, or older than the newest [A10]', async () => {
    const first = await issueLink();
    const second = await issueLink();
    for (const token of ['', 'x', 'A'.repeat(43), first, `${second}A`, second.slice(0, -1)])
      expect((await setUp(token)).status, token).toBe(400);
    world.clock.advance(24 * 60 * 60_000 + 1);
    expect((await setUp(second)).status).toBe(400);
    expect([await administrators(), await users()]).toEqual([0, 0]);
  });

  it('keeps the link good when the form had a mistake', async () => {
    const token = await issueLink();
    const mistakes: Record<string, string>[] = [
      { password: 'password' },
      { email: 'nobody' },
      { password: '' },
    ];
    for (const fields of mistakes) {
      const reply = await setUp(token, fields);
      expect(reply.status).toBe(400);
      expect(reply.text).toContain(`name="token" value="${token}"`);
    }
    expect(await administrators()).toBe(0);
    expect((await setUp(token)).status).toBe(303);
  });

  it('does not take the token of another kind of link', async () => {
    await issueLink();
    const { email } = await world.person();
    await world.client().form('/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    expect((await setUp(token)).status).toBe(400);
    expect(await administrators()).toBe(0);
  });
});
