import { type CheckKind, RATIO_OF } from '../checks.ts';
import type { RequestKind } from '../load/requests.ts';
import type { Plan } from '../options.ts';
import { median } from '../statistics.ts';
import { percent, type Row, whole } from '../table.ts';
import { labelOf, type World } from './world.ts';

/** Enough that the server never waits for a request. */
const CONNECTIONS = 32;

interface Round {
  perSecond: number;
  /** Processor time of the server's process for one request. */
  cpuMicroseconds: number;
  busy: number;
}

/**
 * One kind of check against the bare route of its scope, in turns: what else happens on the machine meanwhile happens
 * to both. The ratio is the median of those of neighbouring rounds.
 */
export async function measureCheck(
  world: World,
  check: CheckKind,
  { plan, cache, target }: { plan: Plan; cache: 'cached' | 'uncached' | null; target: number },
): Promise<{ row: Row; note: string }> {
  if (cache) await world.server.ask({ do: 'trust-cache', trust: cache === 'cached' });
  const runOurs = (forMs: number) => run(world, { check, kind: check, forMs });
  const runBare = (forMs: number) => run(world, { check, kind: RATIO_OF[check].bare, forMs });
  await runBare(plan.warmUpMs);
  await runOurs(plan.warmUpMs);
  const ours: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < plan.checkRounds; round++) {
    ours.push(await runOurs(plan.checkRoundMs));
    bare.push(await runBare(plan.checkRoundMs));
  }
  if (cache) await world.server.ask({ do: 'trust-cache', trust: true });
  const ratio = median(
    ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN)),
  );
  const name = `${RATIO_OF[check].label}, ${labelOf(world.dialect)}${cache ? `, ${cache}` : ''}`;
  const cpu = (rounds: Round[]) => whole(median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)));
  const busy = Math.max(...[...ours, ...bare].map((round) => round.busy));
  return {
    row: {
      measure: name,
      ours: `${whole(median(ours.map(({ perSecond }) => perSecond)))}/s`,
      limit: `bare route ${whole(median(bare.map(({ perSecond }) => perSecond)))}/s`,
      ratio: percent(ratio),
      target: `≥ ${percent(target)}`,
      met: ratio >= target,
    },
    note: `${name}: server CPU ${cpu(ours)} µs a request, bare ${cpu(bare)} µs; generator at most ${percent(busy)} busy`,
  };
}

async function run(
  world: World,
  { check, kind, forMs }: { check: CheckKind; kind: RequestKind; forMs: number },
): Promise<Round> {
  const { server, checks, port, answerBytes, flux } = world;
  const before = await server.ask({ do: 'cpu-time' });
  const { perSecond, answered, bodyBytes, busy } = await checks.ask({
    loop: 'closed',
    port,
    kind,
    connections: CONNECTIONS,
    forMs,
    flux,
  });
  const after = await server.ask({ do: 'cpu-time' });
  world.lastCheckedAt = performance.now();
  if (bodyBytes.length !== 1 || bodyBytes[0] !== answerBytes[check])
    throw new Error(`${kind} answered ${bodyBytes.join(', ')} bytes instead of ${answerBytes[check]}.`);
  return {
    perSecond,
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / answered,
    busy,
  };
}
