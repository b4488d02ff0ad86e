import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadReply } from '../load/generator.ts';
import type { Plan } from '../options.ts';
import { percentile } from '../statistics.ts';
import { oneDigit, type Row } from '../table.ts';
import { signInsPerSecond } from './sign-ins.ts';
import { type Cache, labelOf, type World } from './world.ts';

const CHECKS_PER_SECOND = 200;
const CONNECTIONS = 16;
/** Sign-ins run this long before and after what is measured. */
const MARGIN_MS = 1_000;
const AT_MOST_TIMES_IDLE = 3;
const ALWAYS_GOOD_ENOUGH_MS = 10;

type Steady = Pick<LoadReply, 'latenciesMs' | 'lateMs'>;

/** The session check's p99 at a fixed rate: with the machine to itself, and while sign-ins want all of it. */
export async function measureResponsiveness(
  world: World,
  plan: Plan,
  cache: Cache | null,
): Promise<{ row: Row; note: string }> {
  if (cache) await world.server.ask({ do: 'trust-cache', trust: cache === 'cached' });
  await everySessionOnce(world, plan.warmUpMs);
  await steadyChecks(world, plan.warmUpMs);
  const idle = await steadyChecks(world, plan.steadyMs);
  const signingIn = signInsPerSecond(world, plan.steadyMs + 2 * MARGIN_MS);
  await sleep(MARGIN_MS);
  const [saturated, rate] = await Promise.all([steadyChecks(world, plan.steadyMs), signingIn]);
  if (cache) await world.server.ask({ do: 'trust-cache', trust: true });
  const [idleP99, p99] = [percentile(idle.latenciesMs, 99), percentile(saturated.latenciesMs, 99)];
  const allowed = Math.max(AT_MOST_TIMES_IDLE * idleP99, ALWAYS_GOOD_ENOUGH_MS);
  const label = `${labelOf(world.dialect)}${cache ? `, ${cache}` : ''}`;
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

/** As in operation, where a session is seldom used for the first time: what is remembered of sessions, is remembered of all. */
async function everySessionOnce({ checks, port }: World, forMs: number): Promise<void> {
  await checks.ask({ loop: 'closed', port, kind: 'session-check', connections: CONNECTIONS, forMs });
}

async function steadyChecks({ checks, port }: World, forMs: number): Promise<Steady> {
  return await checks.ask({
    loop: 'open',
    port,
    kind: 'session-check',
    connections: CONNECTIONS,
    perSecond: CHECKS_PER_SECOND,
    forMs,
  });
}
