// The server under test: the built server as `fluxgate start` composes it, filled with people, plus the bare route.
// A process of its own, so that nothing of the benchmark runs on its threads.
import { answerJobs } from '../helper.ts';
import { tokenOf } from '../people.ts';
import { addBareRoute, BARE_PATH, CHECK_PATH } from './bare-route.ts';
import { createLogger, createServer, loadConfig, type Server } from './built.ts';
import { hashPassword, seed } from './seed.ts';

export type ServerJob =
  | { do: 'start' }
  /** `false`: as while PostgreSQL's channel is not proven, no session is believed from memory. */
  | { do: 'trust-cache'; trust: boolean }
  | { do: 'cpu-time' };

export interface ServerReply {
  port: number;
  /** Hash of the one password of all people, for the bare hash at the same cost. */
  passwordHash: string;
  /** Bytes of the answer's body, the same on both routes. */
  answerBytes: number;
  /** Of the whole process so far. */
  cpuMicroseconds: number;
}

let answer: unknown;
addBareRoute(() => answer);

let server: Server | null = null;
let port = 0;
let passwordHash = '';
let answerBytes = 0;

async function start(): Promise<void> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  server = await createServer({ config, logger: createLogger(config.logLevel) });
  passwordHash = await hashPassword({
    memoryCost: config.passwordMemoryKib,
    timeCost: config.passwordPasses,
  });
  await seed(server.instance, passwordHash);
  answerBytes = await prepareAnswer(server);
  port = Number(new URL(await server.listen()).port);
}

/** The bare route answers what the session check told the first person, byte for byte. */
async function prepareAnswer({ app }: Server): Promise<number> {
  const checked = await app.inject({ url: CHECK_PATH, headers: { authorization: tokenOf(0) } });
  if (checked.statusCode !== 200) throw new Error(`The session check answers ${checked.statusCode}.`);
  answer = checked.json();
  const bare = await app.inject({ url: BARE_PATH });
  if (bare.body !== checked.body) throw new Error(`The bare route answers otherwise: ${bare.body}`);
  return checked.rawPayload.length;
}

function trustCache(trust: boolean): void {
  const channel = server?.instance.storage.channel as { isProven?: () => boolean } | undefined;
  if (!channel) throw new Error('The server is not started.');
  // The instance's own property hides the method of its class for as long as it is there.
  if (trust) delete channel.isProven;
  else channel.isProven = () => false;
}

answerJobs<ServerJob, ServerReply>(
  async (job) => {
    if (job.do === 'start') await start();
    if (job.do === 'trust-cache') trustCache(job.trust);
    const { user, system } = process.cpuUsage();
    return { port, passwordHash, answerBytes, cpuMicroseconds: user + system };
  },
  async () => await server?.stop(),
);
