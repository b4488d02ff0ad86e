import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { RequestSource } from './requests.ts';
import { Tally } from './tally.ts';

/**
 * Sends at fixed instants, however long answers take, and counts each latency from the instant its request was due:
 * a stall of the server (or of this process) delays every request that was due meanwhile, and all of them tell.
 */
export async function openLoop(
  next: RequestSource,
  {
    port,
    connections,
    perSecond,
    forMs,
  }: { port: number; connections: number; perSecond: number; forMs: number },
): Promise<{ latenciesMs: number[]; lateMs: number[]; tally: Tally }> {
  const tally = new Tally();
  const latenciesMs: number[] = [];
  const lateMs: number[] = [];
  const idle = await Connection.openMany(port, connections);
  const running: Promise<void>[] = [];
  const total = Math.round((forMs / 1000) * perSecond);
  const startedAt = performance.now();

  async function sendOne(dueAt: number): Promise<void> {
    const connection = idle.pop() ?? (await Connection.open(port));
    tally.count(await connection.send(next()));
    latenciesMs.push(performance.now() - dueAt);
    idle.push(connection);
  }

  for (let sent = 0; sent < total; sent++) {
    const dueAt = startedAt + (sent / perSecond) * 1000;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    lateMs.push(Math.max(0, performance.now() - dueAt));
    running.push(sendOne(dueAt));
  }
  await Promise.all(running);
  for (const connection of idle) connection.close();
  return { latenciesMs, lateMs, tally };
}
