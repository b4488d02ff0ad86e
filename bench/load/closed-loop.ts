import { Connection, type Reply } from './connection.ts';
import { Tally } from './tally.ts';

/** One thing that a client does: a request, or several that follow from each other. Its last answer counts. */
export type Turn = (connection: Connection) => Promise<Reply>;

/** Some three times what the slowest answer takes on two cores: by then as much is always under way as is at the end. */
const LEAD_MS = 500;

/**
 * Each connection takes its next turn as soon as it has the answer to the last: what can be done at most. Counted are the
 * answers of `forMs` in the midst of it: what was asked before makes up for what is answered after.
 */
export async function closedLoop(
  turn: Turn,
  { port, connections, forMs }: { port: number; connections: number; forMs: number },
): Promise<{ perSecond: number; tally: Tally }> {
  const tally = new Tally();
  const open = await Connection.openMany(port, connections);
  const from = performance.now() + LEAD_MS;
  const until = from + forMs;
  let inTime = 0;
  await Promise.all(
    open.map(async (connection) => {
      while (performance.now() < until) {
        tally.count(await turn(connection));
        const now = performance.now();
        if (now >= from && now < until) inTime++;
      }
      connection.close();
    }),
  );
  return { perSecond: inTime / (forMs / 1000), tally };
}
