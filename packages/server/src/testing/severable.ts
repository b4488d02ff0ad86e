import { freshDatabase } from './databases.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { createWorld, type World } from './world.ts';

export interface Severable {
  world: World;
  /** Between the server and its PostgreSQL. */
  proxy: TcpProxy;
  close(): Promise<void>;
}

/** A server whose way to its database can be cut, held up and silenced. */
export async function createSeverableWorld(env: Record<string, string> = {}): Promise<Severable> {
  const { databaseUrl, dataDir, drop } = await freshDatabase('postgres');
  const proxy = await createTcpProxy(databaseUrl);
  const world = await createWorld({
    dialect: 'postgres',
    database: { databaseUrl: proxy.url, dataDir },
    env,
  });
  return {
    world,
    proxy,
    async close() {
      await world.close();
      await proxy.close();
      await drop();
    },
  };
}
