// `npm run bench`: ours against the limit, in one run and one table. See README.md beside this file.
import { cpus, loadavg, tmpdir } from 'node:os';
import { BareArgon2 } from './bare-argon2.ts';
import { type CheckKind, RATIO_OF } from './checks.ts';
import { isInMemory } from './databases.ts';
import { measureCheck } from './measures/checks.ts';
import { measureOffline } from './measures/offline.ts';
import { measureResponsiveness } from './measures/responsiveness.ts';
import { measureAppSignIns, measureSignIns } from './measures/sign-ins.ts';
import { measureStartUp } from './measures/start-up.ts';
import { type CleanUp, labelOf, openWorld } from './measures/world.ts';
import { type Dialect, type Options, readOptions } from './options.ts';
import { PEOPLE } from './people.ts';
import { type Row, renderTable } from './table.ts';

interface Findings {
  rows: Row[];
  notes: string[];
}

const CACHES = {
  // SQLite cannot tell what another process wrote, so its sessions are read anew every time.
  sqlite: [{ cache: null, target: 0.5 }],
  postgres: [
    { cache: 'cached', target: 0.5 },
    { cache: 'uncached', target: 0.2 },
  ],
} as const;

/** SQLite keeps nothing in memory that would tell them apart, but for the use that is noted. */
const SESSION_STATES = { sqlite: ['resting'], postgres: ['resting', 'in use'] } as const;

/** What agents and proxies ask all the time. */
const BY_TOKEN: readonly CheckKind[] = ['verify', 'version'];

function progress(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

async function measure(dialect: Dialect, options: Options): Promise<Findings> {
  const { plan } = options;
  const label = labelOf(dialect);
  const found: Findings = { rows: [], notes: [] };
  await withCleanUp(async (cleanUp) => {
    progress(`${label}: start-up and idle memory`);
    found.rows.push(...(await measureStartUp(dialect, plan, cleanUp)));
  });
  await withCleanUp(async (cleanUp) => {
    const world = await openWorld(dialect, options, cleanUp);
    for (const { cache, target } of CACHES[dialect]) {
      progress(`${label}: session check${cache ? `, ${cache}` : ''}`);
      add(found, await measureCheck(world, 'session-check', { plan, cache, target }));
    }
    for (const check of BY_TOKEN) {
      progress(`${label}: ${RATIO_OF[check].label}`);
      add(found, await measureCheck(world, check, { plan, cache: CACHES[dialect][0].cache, target: 0.5 }));
    }
    progress(`${label}: ${RATIO_OF.renewal.label}`);
    add(found, await measureCheck(world, 'renewal', { plan, cache: CACHES[dialect][0].cache, target: 0.2 }));
    const argon2 = new BareArgon2();
    cleanUp.push(() => argon2.stop());
    progress(`${label}: sign-ins`);
    add(found, await measureSignIns(world, plan, argon2));
    progress(`${label}: sign-ins with an authenticator app`);
    add(found, await measureAppSignIns(world, plan));
    for (const state of SESSION_STATES[dialect]) {
      progress(`${label}: session check under sign-ins, sessions ${state}`);
      add(found, await measureResponsiveness(world, plan, state));
    }
  });
  return found;
}

function add(found: Findings, { row, note }: { row: Row; note: string }): void {
  found.rows.push(row);
  found.notes.push(note);
}

/** Everything that was started ends, however the work does. */
async function withCleanUp(work: (cleanUp: CleanUp) => Promise<void>): Promise<void> {
  const cleanUp: CleanUp = [];
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(new Error('Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  try {
    await Promise.race([work(cleanUp), interrupted.promise]);
  } finally {
    for (const end of cleanUp.reverse()) await end().catch((error: unknown) => progress(String(error)));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

function describeMachine(): string {
  const [first] = cpus();
  const load = loadavg().map((average) => average.toFixed(1));
  return `${cpus().length} × ${first?.model.trim()}, Node ${process.version}, load before the run ${load.join(' ')}`;
}

function describeRun({ isQuick }: Options, seconds: number): string[] {
  const folder = `${tmpdir()}${isInMemory(tmpdir()) ? ' (memory: commits wait for no disk)' : ''}`;
  return [
    `${PEOPLE} sessions, rate limits on, info log to /dev/null, data in ${folder}; ${Math.round(seconds)} s`,
    ...(isQuick ? ['--quick: rounds are too short for the last per cent, and memory is read early'] : []),
  ];
}

const ORDER = [
  'session check,',
  RATIO_OF.verify.label,
  RATIO_OF.version.label,
  RATIO_OF.renewal.label,
  'password',
  'session check p99',
  'second',
  'memory',
  'SDK',
];

/** The same measure of both databases side by side. */
function order({ measure }: Row): number {
  return ORDER.findIndex((beginning) => measure.startsWith(beginning));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const machine = describeMachine();
  const startedAt = performance.now();
  const rows: Row[] = [];
  const notes: string[] = [];
  progress('the SDK without the network');
  rows.push(...(await measureOffline(options.plan)));
  for (const dialect of options.dialects) {
    const found = await measure(dialect, options);
    rows.push(...found.rows);
    notes.push(...found.notes);
  }
  rows.sort((a, b) => order(a) - order(b));
  notes.push(machine, ...describeRun(options, (performance.now() - startedAt) / 1000));
  console.log(`\n${renderTable(rows)}\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`);
}

main().catch((error: unknown) => {
  progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
