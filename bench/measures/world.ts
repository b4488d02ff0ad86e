import { SERVER_FLAGS } from '../../tools/server-flags.mjs';
import { freshDatabase } from '../databases.ts';
import { Helper } from '../helper.ts';
import type { LoadJob, LoadReply } from '../load/generator.ts';
import type { Dialect, Options } from '../options.ts';
import type { ServerJob, ServerReply } from '../server/under-test.ts';
import { serverEnv } from './server-env.ts';

const GENERATOR = new URL('../load/generator.ts', import.meta.url);
const SERVER = new URL('../server/under-test.ts', import.meta.url);

/** A running server full of people on a database of its own, and two generators to ask it with. */
export interface World {
  dialect: Dialect;
  server: Helper<ServerJob, ServerReply>;
  port: number;
  passwordHash: string;
  answerBytes: ServerReply['answerBytes'];
  flux: ServerReply['flux'];
  checks: Helper<LoadJob, LoadReply>;
  signIns: Helper<LoadJob, LoadReply>;
  /** When a session was last checked, by `performance.now()`. */
  lastCheckedAt: number;
}

export const labelOf = (dialect: Dialect) => (dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL');

/** What ends what was begun, in the opposite order. */
export type CleanUp = (() => Promise<void>)[];

export async function openWorld(dialect: Dialect, { profileDir }: Options, cleanUp: CleanUp): Promise<World> {
  const database = await freshDatabase(dialect);
  cleanUp.push(() => database.remove());
  const server = new Helper<ServerJob, ServerReply>(SERVER, {
    env: serverEnv({ ...database.env, FLUXGATE_PORT: '0' }),
    cwd: database.dataDir,
    nodeFlags: [
      ...SERVER_FLAGS,
      ...(profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]),
    ],
  });
  cleanUp.push(() => server.stop());
  const checks = new Helper<LoadJob, LoadReply>(GENERATOR);
  const signIns = new Helper<LoadJob, LoadReply>(GENERATOR);
  cleanUp.push(
    () => checks.stop(),
    () => signIns.stop(),
  );
  const { port, passwordHash, answerBytes, flux } = await server.ask({ do: 'start' });
  return {
    dialect,
    server,
    port,
    passwordHash,
    answerBytes,
    flux,
    checks,
    signIns,
    lastCheckedAt: performance.now(),
  };
}
