import { describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, until, withinASecond } from '../../testing/index.ts';

describe.each(DIALECTS)('the session cache on %s', (dialect) => {
  it('answers without the database, and hears of every change there is [D05, bug 15]', async () => {
    const world = await createWorld({ dialect });
    const { client, userId } = await world.person();
    const { storage, sessions, users, project } = world.instance;
    await until(() => storage.channel.isProven());
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    // The word of its own sign-in may still be on its way, and is heeded.
    await until(async () => {
      const known = await sessions.find(client.token ?? '', 'fluxer');
      return known !== null && (await sessions.find(client.token ?? '', 'fluxer')) === known;
    });

    // What a person changes is there in the very next answer.
    expect((await client.patch('/v1/users/@me', { bio: 'changed' })).status).toBe(200);
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ bio: 'changed' });

    // Another process, such as the command line, writes to the same database.
    const { databaseUrl, dataDir, clock } = world;
    const other = await createWorld({ dialect, database: { databaseUrl, dataDir }, clock });
    const actor = { userId: null, sessionId: null, origin: null };
    await other.instance.users.suspend({ projectId: project.id, id: userId, reason: null, actor });
    await withinASecond(async () => (await client.get('/v1/users/@me')).status === 401);
    await users.restore({ projectId: project.id, id: userId, actor });
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    await other.close();
    await world.close();
  });

  it('is not needed: of many who ask at once each is found, and nobody else', async () => {
    const world = await createWorld({ dialect });
    const people = [await world.person(), await world.person(), await world.person()];
    const { storage, sessions } = world.instance;
    storage.channel.isProven = () => false;
    const asked = Array.from({ length: 50 }, (_, at) =>
      at % 10 === 9
        ? { token: `flx_${String(at).padStart(36, '0')}`, userId: null }
        : { token: people[at % 3]?.client.token ?? '', userId: people[at % 3]?.userId },
    );
    const found = await Promise.all(asked.map(({ token }) => sessions.find(token, 'fluxer')));
    expect(found.map((session) => session?.userId ?? null)).toEqual(asked.map(({ userId }) => userId));
    await world.close();
  });
});
