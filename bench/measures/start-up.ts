import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERVER_FLAGS } from '../../tools/server-flags.mjs';
import { freePort, freshDatabase } from '../databases.ts';
import type { Dialect, Plan } from '../options.ts';
import { median } from '../statistics.ts';
import { type Row, whole } from '../table.ts';
import { serverEnv } from './server-env.ts';
import { type CleanUp, labelOf } from './world.ts';

const MAIN = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_WITHIN_S = 2;
const MEMORY_BELOW_MB = 200;
const GIVE_UP_MS = 60_000;
const ASK_EVERY_MS = 5;

interface Started {
  pid: number;
  /** From the spawn to the first 200 of `/readyz`. */
  seconds: number;
  readyAt: number;
  stop(): Promise<void>;
}

type Command = readonly [program: string, ...args: string[]];

/** What `npm start` hands over to. */
const SERVER: Command = [process.execPath, ...SERVER_FLAGS, MAIN, 'start'];
/** The whole of it, as an operator types it. */
const NPM_START: Command = ['npm', '--prefix', ROOT, 'start'];

/** Later starts on data that is there already; the memory of the last one once it has been idle for a while. */
export async function measureStartUp(dialect: Dialect, plan: Plan, cleanUp: CleanUp): Promise<Row[]> {
  const database = await freshDatabase(dialect);
  cleanUp.push(() => database.remove());
  const label = labelOf(dialect);
  const place = { env: database.env, cwd: database.dataDir };
  const rows: Row[] = [];
  if (dialect === 'sqlite') {
    const { seconds } = await startRepeatedly(NPM_START, place, { plan, cleanUp });
    rows.push(startRow(`second \`npm start\`, ${label}`, seconds));
  }
  const { seconds, last } = await startRepeatedly(SERVER, place, { plan, cleanUp, keepLast: true });
  rows.push(startRow(`second start of the server, ${label}`, seconds));
  if (!last) return rows;
  await sleep(last.readyAt + plan.idleMs - performance.now());
  const megabytes = residentBytes(last.pid) / 1e6;
  await last.stop();
  rows.push({
    measure: `memory ${plan.idleMs / 1000} s after the first 200, ${label}`,
    ours: `${whole(megabytes)} MB`,
    limit: '',
    ratio: '',
    target: `< ${MEMORY_BELOW_MB} MB`,
    met: megabytes < MEMORY_BELOW_MB,
  });
  return rows;
}

function startRow(measure: string, seconds: number): Row {
  return {
    measure,
    ours: `${seconds.toFixed(2)} s`,
    limit: '',
    ratio: '',
    target: `< ${START_WITHIN_S} s to the first 200`,
    met: seconds < START_WITHIN_S,
  };
}

/** Once to make (or build) what the first start makes, then as often as planned; the median of those. */
async function startRepeatedly(
  command: Command,
  place: { env: Record<string, string>; cwd: string },
  { plan, cleanUp, keepLast = false }: { plan: Plan; cleanUp: CleanUp; keepLast?: boolean },
): Promise<{ seconds: number; last: Started | null }> {
  await (await start(command, place, cleanUp)).stop();
  const times: number[] = [];
  let last: Started | null = null;
  for (let round = 0; round < plan.starts; round++) {
    last = await start(command, place, cleanUp);
    times.push(last.seconds);
    if (keepLast && round === plan.starts - 1) break;
    await last.stop();
  }
  return { seconds: median(times), last: keepLast ? last : null };
}

async function start(
  [program, ...args]: Command,
  { env, cwd }: { env: Record<string, string>; cwd: string },
  cleanUp: CleanUp,
): Promise<Started> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: serverEnv({ ...env, FLUXGATE_PORT: String(port) }),
    stdio: 'ignore',
    // A process group of its own: npm does not hand every signal on to what it runs.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', () => undefined);
  const stop = async () => {
    signalGroup(child);
    await ended;
  };
  cleanUp.push(stop);
  await firstAnswer(port, child);
  const readyAt = performance.now();
  return { pid: child.pid ?? 0, seconds: (readyAt - startedAt) / 1000, readyAt, stop };
}

function signalGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended between the question and the signal.
  }
}

async function firstAnswer(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with ${child.exitCode} instead of starting.`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await sleep(ASK_EVERY_MS);
  }
  throw new Error(`No answer within ${GIVE_UP_MS / 1000} s of the start.`);
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status does not tell the resident memory.`);
  return Number(kilobytes) * 1024;
}
