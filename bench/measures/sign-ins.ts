import type { BareArgon2 } from '../bare-argon2.ts';
import type { LoadReply } from '../load/generator.ts';
import type { Plan } from '../options.ts';
import { PASSWORD } from '../people.ts';
import { median } from '../statistics.ts';
import { oneDigit, percent, type Row } from '../table.ts';
import { labelOf, type World } from './world.ts';

/** Every place of the queue: beyond them the answer is 503. */
const SIGN_INS_AT_ONCE = 32;
const TARGET = 0.85;

interface Round {
  perSecond: number;
  /** Processor time for one, on all threads together. */
  cpuMs: number;
}

/** A password and then a code of an authenticator app, one after the other, against the password alone. */
export async function measureAppSignIns(world: World, plan: Plan): Promise<{ row: Row; note: string }> {
  await signInsPerSecond(world, plan.warmUpMs, 'app-sign-in');
  const both: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < plan.signInRounds; round++) {
    both.push(await signInsPerSecond(world, plan.signInRoundMs, 'app-sign-in'));
    alone.push(await signInsPerSecond(world, plan.signInRoundMs));
  }
  const ratio = median(both.map((perSecond, round) => perSecond / (alone[round] ?? Number.NaN)));
  const label = labelOf(world.dialect);
  return {
    row: {
      measure: `password and app sign-ins, ${label}`,
      ours: `${oneDigit(median(both))}/s`,
      limit: `password alone ${oneDigit(median(alone))}/s`,
      ratio: percent(ratio),
      target: '',
      met: null,
    },
    note: `password and app sign-ins, ${label}: two requests and one hash each`,
  };
}

/** Password sign-ins against the hash alone, in turns, on the same hash and as many threads. */
export async function measureSignIns(
  world: World,
  plan: Plan,
  argon2: BareArgon2,
): Promise<{ row: Row; note: string }> {
  await signInRound(world, plan.signInWarmUpMs);
  await bareRound(world, plan.warmUpMs, argon2);
  const ours: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < plan.signInRounds; round++) {
    ours.push(await signInRound(world, plan.signInRoundMs));
    bare.push(await bareRound(world, plan.signInRoundMs, argon2));
  }
  const ratio = median(
    ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN)),
  );
  const label = labelOf(world.dialect);
  const rate = (rounds: Round[]) => oneDigit(median(rounds.map(({ perSecond }) => perSecond)));
  const cpu = (rounds: Round[]) => median(rounds.map(({ cpuMs }) => cpuMs));
  return {
    row: {
      measure: `password sign-ins, ${label}`,
      ours: `${rate(ours)}/s`,
      limit: `bare argon2id ${rate(bare)}/s`,
      ratio: percent(ratio),
      target: `≥ ${percent(TARGET)}`,
      met: ratio >= TARGET,
    },
    note:
      `sign-ins, ${label}: server CPU ${oneDigit(cpu(ours))} ms a sign-in, bare argon2id ${oneDigit(cpu(bare))} ms ` +
      `a hash on ${argon2.threads} threads, ${percent(cpu(bare) / cpu(ours))} of it`,
  };
}

async function signInRound(world: World, forMs: number): Promise<Round> {
  const before = await world.server.ask({ do: 'cpu-time' });
  const { perSecond, answered } = await signIns(world, forMs, 'sign-in');
  const after = await world.server.ask({ do: 'cpu-time' });
  return {
    perSecond,
    cpuMs: (after.cpuMicroseconds - before.cpuMicroseconds) / 1000 / answered,
  };
}

/** Its threads are this process's, which does nothing else meanwhile. */
async function bareRound({ passwordHash }: World, forMs: number, argon2: BareArgon2): Promise<Round> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const perSecond = await argon2.perSecond({ hash: passwordHash, password: PASSWORD, forMs });
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond, cpuMs: (user + system) / 1000 / (perSecond * seconds) };
}

export async function signInsPerSecond(
  world: World,
  forMs: number,
  kind: 'sign-in' | 'app-sign-in' = 'sign-in',
): Promise<number> {
  return (await signIns(world, forMs, kind)).perSecond;
}

async function signIns(
  { signIns, port }: World,
  forMs: number,
  kind: 'sign-in' | 'app-sign-in',
): Promise<LoadReply> {
  return await signIns.ask({ loop: 'closed', port, kind, connections: SIGN_INS_AT_ONCE, forMs });
}
