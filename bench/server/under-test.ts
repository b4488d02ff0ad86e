// The server under test: the built server as `fluxgate start` composes it, filled with people, plus the bare routes.
// A process of its own, so that nothing of the benchmark runs on its threads.
import { type BareKind, type CheckKind, type FluxCredentials, PATHS, RATIO_OF } from '../checks.ts';
import { answerJobs } from '../helper.ts';
import { apiTokenOf, tokenOf } from '../people.ts';
import { addBareRoutes, type BareAnswers } from './bare-routes.ts';
import { createLogger, createServer, loadConfig, type Server } from './built.ts';
import { hashPassword, seed, seedAgents } from './seed.ts';
import { seedFlux } from './seed-flux.ts';

export type ServerJob =
  | { do: 'start' }
  /** `false`: as while PostgreSQL's channel is not proven, no session is believed from memory. */
  | { do: 'trust-cache'; trust: boolean }
  | { do: 'cpu-time' };

export interface ServerReply {
  port: number;
  /** Hash of the one password of all people, for the bare hash at the same cost. */
  passwordHash: string;
  /** Bytes of each answer's body, the same on the bare route. */
  answerBytes: Record<CheckKind, number>;
  flux: FluxCredentials;
  /** Of the whole process so far. */
  cpuMicroseconds: number;
}

const bare: BareAnswers = { sessionCheck: null, version: null, verifyHeaders: {}, renewal: null };
addBareRoutes(bare);

let server: Server | null = null;
let port = 0;
let passwordHash = '';
let answerBytes: ServerReply['answerBytes'] = {
  'session-check': 0,
  verify: 0,
  version: 0,
  renewal: 0,
};
let flux: FluxCredentials = { keys: [], tokens: [] };

async function start(): Promise<void> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  server = await createServer({ config, logger: createLogger(config.logLevel) });
  passwordHash = await hashPassword({
    memoryCost: config.passwordMemoryKib,
    timeCost: config.passwordPasses,
  });
  await seed(server.instance, passwordHash);
  await seedAgents(server.instance);
  flux = await seedFlux(server.instance, config.publicUrl);
  answerBytes = await prepareAnswers(server);
  port = Number(new URL(await server.listen()).port);
}

/** Each bare route answers what its check told the first of all who ask, byte for byte. */
async function prepareAnswers({ app }: Server): Promise<ServerReply['answerBytes']> {
  const agent = { authorization: `Bearer ${apiTokenOf(0)}` };
  const [user, verified, version, renewal] = [
    await asked(app, 'session-check', { authorization: tokenOf(0) }),
    await asked(app, 'verify', agent),
    await asked(app, 'version', agent),
    await asked(app, 'renewal', { authorization: `Bearer ${flux.keys[0]}` }),
  ];
  bare.sessionCheck = user.json();
  bare.version = version.json();
  bare.renewal = renewal.json();
  bare.verifyHeaders = Object.fromEntries(
    Object.entries(verified.headers).flatMap(([name, value]) =>
      name.startsWith('x-auth-') ? [[name, String(value)]] : [],
    ),
  );
  if (Object.keys(bare.verifyHeaders).length === 0) throw new Error('/auth/verify says nothing of who asks.');
  const checked = { 'session-check': user, verify: verified, version, renewal };
  for (const check of Object.keys(RATIO_OF) as CheckKind[]) {
    const { body } = await asked(app, RATIO_OF[check].bare, {});
    if (body !== checked[check].body)
      throw new Error(`The bare route of ${check} answers otherwise: ${body}`);
  }
  return {
    'session-check': user.rawPayload.length,
    verify: verified.rawPayload.length,
    version: version.rawPayload.length,
    renewal: renewal.rawPayload.length,
  };
}

async function asked(app: Server['app'], kind: CheckKind | BareKind, headers: Record<string, string>) {
  const isRenewal = kind === 'renewal' || kind === 'bare-renewal';
  const question = isRenewal ? ({ method: 'POST', payload: { token: flux.tokens[0] } } as const) : {};
  const answer = await app.inject({ url: PATHS[kind], headers, ...question });
  if (answer.statusCode !== 200) throw new Error(`${kind} answers ${answer.statusCode}: ${answer.body}`);
  return answer;
}

type Proof = { isProven: () => boolean };
/** The channel's own, for as long as another stands in its place. */
let proof: Proof['isProven'] | null = null;

function trustCache(trust: boolean): void {
  const channel = server?.instance.storage.channel as Proof | undefined;
  if (!channel) throw new Error('The server is not started.');
  proof ??= channel.isProven.bind(channel);
  channel.isProven = trust ? proof : () => false;
}

answerJobs<ServerJob, ServerReply>(
  async (job) => {
    if (job.do === 'start') await start();
    if (job.do === 'trust-cache') trustCache(job.trust);
    const { user, system } = process.cpuUsage();
    return { port, passwordHash, answerBytes, flux, cpuMicroseconds: user + system };
  },
  async () => await server?.stop(),
);
