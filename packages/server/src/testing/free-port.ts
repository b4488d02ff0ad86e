import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems hand out by themselves: one of these could be taken again by any connection that goes out. */
const FIRST = 12_000;
const LAST = 30_000;
const TRIES = 50;

/**
 * Between the look at a port and its use nobody holds it. So processes that run tests beside each other choose among ports
 * of their own, and none gives one twice. Two runs on one machine, whose parents differ, begin at different ones.
 */
const SLICE = 300;
const SLICES = (LAST - FIRST) / SLICE;
const run = process.ppid * 7;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
const start = FIRST + ((run + worker) % SLICES) * SLICE;
const given = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = randomInt(start, start + SLICE);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`Of ${TRIES} ports from ${start} to ${start + SLICE} none is free.`);
}
