import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createTcpProxy,
  createWorld,
  DIALECTS,
  freshDatabase,
  type TcpProxy,
  until,
  type World,
} from '../../testing/index.ts';
import type { Event } from './index.ts';

const ENV = { FLUXGATE_INTERNAL_SECRET: 'hT3vQm0bXo9Zr2LkP7sWcE5uYdA8nJfG1iRqN6xKtVw' };

describe('a node whose connection to PostgreSQL breaks', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let proxy: TcpProxy;
  let broken: World;
  let whole: World;
  beforeEach(async () => {
    database = await freshDatabase('postgres');
    const { databaseUrl, dataDir } = database;
    proxy = await createTcpProxy(databaseUrl);
    whole = await createWorld({ dialect: 'postgres', env: ENV, database: { databaseUrl, dataDir } });
    const { clock } = whole;
    const through = { databaseUrl: proxy.url, dataDir };
    broken = await createWorld({ dialect: 'postgres', env: ENV, clock, database: through });
  });
  afterEach(async () => {
    await broken.close();
    await whole.close();
    await proxy.close();
    await database.drop();
  });

  const change = (userId: string) =>
    whole.instance.storage.transaction((tx) =>
      whole.instance.events.sessionsEnded(tx, {
        ...{ projectId: 'proj_1', userId },
        ...{ tokenHashes: ['hash'], sessionIds: ['sess_1'] },
      }),
    );

  it.each(['cut', 'freeze'] as const)(
    'hears late what it could not hear (%s), and nothing twice [N05]',
    async (how) => {
      const { events } = broken.instance;
      const heard: Event[] = [];
      const stop = events.subscribe({ heard: (some) => heard.push(...some), gaveUp: () => heard.splice(0) });
      const users = () => heard.map((event) => ('userId' in event ? event.userId : ''));
      await until(() => events.beat());
      await change('1');
      await until(() => users().includes('1'));

      proxy[how]();
      await change('2');
      // Nobody may believe now that silence means that nothing happens.
      await until(() => !events.beat());
      await change('3');
      proxy.restore();
      await until(() => users().includes('3'));
      await until(() => events.beat());
      await change('4');
      await until(() => users().includes('4'));
      expect([...users()].sort()).toEqual(['1', '2', '3', '4']);
      expect(new Set(heard.map(({ id }) => id)).size).toBe(4);
      stop();
    },
  );

  it('tells nothing of what was not committed', async () => {
    const { events, storage } = whole.instance;
    const heard: Event[] = [];
    const stop = events.subscribe({ heard: (some) => heard.push(...some), gaveUp: () => undefined });
    const failing = storage.transaction(async (tx) => {
      await events.sessionsEnded(tx, {
        ...{ projectId: 'proj_1', userId: '1' },
        ...{ tokenHashes: ['hash'], sessionIds: ['sess_1'] },
      });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await change('2');
    await until(() => heard.length > 0);
    expect(heard.map((event) => ('userId' in event ? event.userId : ''))).toEqual(['2']);
    stop();
  });
});

describe.each(DIALECTS)('a change of a user on %s', (dialect) => {
  it('is told though another one, decided at the same moment, was undone', async () => {
    const world = await createWorld({ dialect, env: ENV });
    const { storage, events } = world.instance;
    const { client } = await world.person();
    const { id } = (await client.get('/v1/users/@me')).json as { id: string };
    const heard: Event[] = [];
    const stop = events.subscribe({ heard: (some) => heard.push(...some), gaveUp: () => undefined });
    const change = (isUndone: boolean) =>
      storage.transaction(async (tx) => {
        await storage.channel.publish(tx, { topic: 'user', key: id });
        if (isUndone) throw new Error('undone');
      });
    const something = storage.transaction(async () => undefined);
    const outcomes = await Promise.allSettled([something, change(true), change(false), change(true)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    await until(() => heard.length > 0);
    expect(heard).toMatchObject([{ kind: 'user-changed', userId: id }]);
    stop();
    await world.close();
  });
});
