import type { Dialect } from './databases.ts';
import { createWorld, type World } from './world.ts';

export interface Nodes {
  first: World;
  /** The same as the first on SQLite, which belongs to one process. */
  second: World;
  close(): Promise<void>;
}

/** Two nodes of one server, for what must hold whichever of them is asked. */
export async function createNodes(dialect: Dialect, env: Record<string, string> = {}): Promise<Nodes> {
  const first = await createWorld({ dialect, env });
  const { databaseUrl, dataDir, clock } = first;
  const second =
    dialect === 'postgres'
      ? await createWorld({ dialect, env, clock, database: { databaseUrl, dataDir } })
      : first;
  return {
    first,
    second,
    async close() {
      if (second !== first) await second.close();
      await first.close();
    },
  };
}
