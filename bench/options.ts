import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export type Dialect = 'sqlite' | 'postgres';

/** How long everything is watched; all times in milliseconds. */
export interface Plan {
  /** Of each route before anything counts: compiled code, warm cache. */
  warmUpMs: number;
  /** Session check and bare route take turns this often, this long each. */
  checkRounds: number;
  checkRoundMs: number;
  /** A sign-in is far more code, and far rarer: it is compiled only after a thousand of them. */
  signInWarmUpMs: number;
  /** Sign-ins and bare argon2id take turns this often, this long each. */
  signInRounds: number;
  signInRoundMs: number;
  /** At 200 requests a second: idle, and again under saturating sign-ins. */
  steadyMs: number;
  starts: number;
  /** After the first 200, before memory is read. */
  idleMs: number;
  /** The SDK and what it is compared with take turns this often, 200 tokens each. */
  offlineRounds: number;
}

const FULL: Plan = {
  warmUpMs: 2_000,
  checkRounds: 5,
  checkRoundMs: 3_000,
  signInWarmUpMs: 8_000,
  signInRounds: 7,
  signInRoundMs: 4_000,
  steadyMs: 12_000,
  starts: 3,
  idleMs: 30_000,
  offlineRounds: 80,
};

/** For trying a change: the same measures, too short to be believed to the last per cent. */
const QUICK: Plan = {
  warmUpMs: 1_000,
  checkRounds: 3,
  checkRoundMs: 1_500,
  signInWarmUpMs: 8_000,
  signInRounds: 2,
  signInRoundMs: 2_000,
  steadyMs: 4_000,
  starts: 1,
  idleMs: 5_000,
  offlineRounds: 20,
};

export interface Options {
  plan: Plan;
  isQuick: boolean;
  dialects: readonly Dialect[];
  /** Folder for processor profiles of the server under test; null for none. */
  profileDir: string | null;
}

const DIALECTS: readonly Dialect[] = ['sqlite', 'postgres'];

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const dialects = DIALECTS.filter((dialect) => values.only === undefined || values.only === dialect);
  if (dialects.length === 0) throw new Error('--only takes sqlite or postgres.');
  return {
    plan: values.quick ? QUICK : FULL,
    isQuick: values.quick,
    dialects,
    // From where npm was called, not from where it went.
    profileDir: values.profile === undefined ? null : resolve(process.env['INIT_CWD'] ?? '.', values.profile),
  };
}
