import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadReply } from '../load/generator.ts';
import type { Plan } from '../options.ts';
import { PEOPLE } from '../people.ts';
import { percentile } from '../statistics.ts';
import { oneDigit, type Row } from '../table.ts';
import { signInsPerSecond } from './sign-ins.ts';
import { labelOf, type World } from './world.ts';

const CHECKS_PER_SECOND = 200;
/** Fast enough that all sessions are in use at once, and slow enough for any server. */
const USES_PER_SECOND = 1_000;
const CONNECTIONS = 16;
/** Sign-ins run this long before and after what is measured. */
const MARGIN_MS = 1_000;
const AT_MOST_TIMES_IDLE = 3;
const ALWAYS_GOOD_ENOUGH_MS = 10;

type Steady = Pick<LoadReply, 'latenciesMs' | 'lateMs'>;

/**
 * `resting`: nobody has used the sessions for a minute, so that each check reads its session from the database and notes its use
 * there. `in use`: each was used within the minute, and is in PostgreSQL's cache. In operation checks are of both kinds.
 */
export type SessionState = 'resting' | 'in use';

/** As long as a use is fresh, and as long as a session is remembered. */
const REST_MS = 61_000;

/**
 * The session check's p99 at a fixed rate: with the machine to itself, and while sign-ins want all of it. That takes fewer
 * checks than there are sessions, so that none that rests comes twice.
 */
export async function measureResponsiveness(
  world: World,
  plan: Plan,
  state: SessionState,
): Promise<{ row: Row; note: string }> {
  if (state === 'resting') await sleep(Math.max(0, world.lastCheckedAt + REST_MS - performance.now()));
  else await checksAt(world, { perSecond: USES_PER_SECOND, forMs: (PEOPLE / USES_PER_SECOND) * 1000 });
  const idle = await steadyChecks(world, plan.steadyMs);
  const signingIn = signInsPerSecond(world, plan.steadyMs + 2 * MARGIN_MS);
  await sleep(MARGIN_MS);
  const [saturated, rate] = await Promise.all([steadyChecks(world, plan.steadyMs), signingIn]);
  const [idleP99, p99] = [percentile(idle.latenciesMs, 99), percentile(saturated.latenciesMs, 99)];
  const allowed = Math.max(AT_MOST_TIMES_IDLE * idleP99, ALWAYS_GOOD_ENOUGH_MS);
  const label = `${labelOf(world.dialect)}, sessions ${state}`;
  return {
    row: {
      measure: `session check p99 at ${CHECKS_PER_SECOND}/s under sign-ins, ${label}`,
      ours: `${oneDigit(p99)} ms`,
      limit: `without sign-ins ${oneDigit(idleP99)} ms`,
      ratio: `${oneDigit(p99 / idleP99)} ×`,
      target: `≤ ${oneDigit(allowed)} ms`,
      met: p99 <= allowed,
    },
    note: `p99, ${label}: without sign-ins ${describe(idle)}; under ${oneDigit(rate)} sign-ins/s ${describe(saturated)}; ${saturated.latenciesMs.length} samples each`,
  };
}

function describe({ latenciesMs, lateMs }: Steady): string {
  const late = oneDigit(percentile(lateMs, 99));
  return `median ${oneDigit(percentile(latenciesMs, 50))} ms, of the p99 up to ${late} ms the generator's own delay`;
}

function steadyChecks(world: World, forMs: number): Promise<Steady> {
  return checksAt(world, { perSecond: CHECKS_PER_SECOND, forMs });
}

async function checksAt(world: World, rate: { perSecond: number; forMs: number }): Promise<Steady> {
  const { checks, port } = world;
  const job = { loop: 'open', port, kind: 'session-check', connections: CONNECTIONS, ...rate } as const;
  const steady = await checks.ask(job);
  world.lastCheckedAt = performance.now();
  return steady;
}
