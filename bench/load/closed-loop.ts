import { Connection, type Reply } from './connection.ts';
import { Tally } from './tally.ts';

/** One thing that a client does: a request, or several that follow from each other. Its last answer counts. */
export type Turn = (connection: Connection) => Promise<Reply>;

/** Each connection takes its next turn as soon as it has the answer to the last: what can be done at most. */
export async function closedLoop(
  turn: Turn,
  { port, connections, forMs }: { port: number; connections: number; forMs: number },
): Promise<{ perSecond: number; tally: Tally }> {
  const tally = new Tally();
  const open = await Connection.openMany(port, connections);
  const startedAt = performance.now();
  const until = startedAt + forMs;
  await Promise.all(
    open.map(async (connection) => {
      while (performance.now() < until) tally.count(await turn(connection));
      connection.close();
    }),
  );
  // Up to the last answer: what was begun is counted, and so is the time it took.
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: tally.good / seconds, tally };
}
