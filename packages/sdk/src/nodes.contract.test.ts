import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createTcpProxy,
  createWorld,
  type FluxProject,
  freshDatabase,
  newEmail,
  PASSWORD,
  PassingClock,
  startUnstalledTime,
  type TcpProxy,
  type UnstalledTime,
  type World,
} from '../../server/src/testing/index.ts';
import Flux, { type FluxUser } from './index.ts';
import { FluxServer } from './server-client.ts';
import { countingPlatform } from './testing/index.ts';

const BOUND = 1_000;
const TIMES = 100;

/** Two nodes on one PostgreSQL, and an SDK at each: what ends at one is over at the other. */
describe('two nodes and two clients: a revoked session is refused within a second, 100 times out of 100', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let [here, there]: World[] = [];
  let project: FluxProject;
  /** Between the second node and the database, and between its client and it. */
  let behind: TcpProxy;
  let before: TcpProxy;
  let near: Flux;
  let far: Flux;
  /** The bound is one of real time, which a machine that stalls would use up for us. */
  let time: UnstalledTime;
  const { platform, sent } = countingPlatform();

  beforeAll(async () => {
    time = startUnstalledTime();
    database = await freshDatabase('postgres');
    const { databaseUrl, dataDir } = database;
    behind = await createTcpProxy(databaseUrl);
    const common = {
      dialect: 'postgres',
      env: { FLUXGATE_RATE_LIMITS: 'off' },
      clock: new PassingClock(),
    } as const;
    here = await createWorld({ ...common, database: { databaseUrl, dataDir } });
    there = await createWorld({
      ...common,
      // One server by two addresses, as behind a balancer: tokens name the one.
      env: { ...common.env, FLUXGATE_PUBLIC_URL: here.config.publicUrl },
      database: { databaseUrl: behind.url, dataDir },
    });
    project = await createFluxProject(here);
    before = await createTcpProxy(there.baseUrl);
    const { secret, publishable } = project.keys;
    near = Flux.init(secret.plain, { baseUrl: here.baseUrl, publishableKey: publishable.plain });
    far = new FluxServer(platform, secret.plain, {
      baseUrl: before.url.replace(/\/$/, ''),
      timeoutMs: 400,
      retries: 0,
    });
  });

  afterAll(async () => {
    near.close();
    far.close();
    await before.close();
    await there?.close();
    await behind.close();
    await here?.close();
    await database.drop();
    time.stop();
  });

  const quick = (token: string) =>
    far.auth.verifySession(token, { renew: false }).then(
      () => 'yes',
      ({ code }) => code as string,
    );
  const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

  async function people(): Promise<FluxUser[]> {
    const all: FluxUser[] = [];
    for (let n = 0; n < TIMES; n++)
      all.push(await near.auth.signUp({ email: newEmail(), password: PASSWORD }));
    return all;
  }

  /** Until answers for all come without the network. */
  async function warm(all: FluxUser[]): Promise<void> {
    for (;;) {
      const sentBefore = sent();
      const answers = await Promise.all(all.map(({ sessionToken }) => quick(sessionToken)));
      if (answers.every((answer) => answer === 'yes') && sent() === sentBefore) return;
      await sleep(50);
    }
  }

  /** From the answer to the revocation on, to the last call that a yes answered; in milliseconds. */
  async function lastYes({ sessionToken }: FluxUser): Promise<number> {
    await near.auth.revokeSession(sessionToken);
    const from = time.ms();
    let last = 0;
    while (time.ms() - from < BOUND + 500) {
      const asked = time.ms() - from;
      if ((await quick(sessionToken)) === 'yes') last = asked;
      await sleep(10);
    }
    return last;
  }

  it.each([
    ['all is well', () => {}, () => {}],
    ["the client's stream is cut", () => before.cut(), () => before.restore()],
    ["the client's stream is silent", () => before.freeze(), () => before.restore()],
    ['LISTEN/NOTIFY of its node is cut', () => behind.cut(), () => behind.restore()],
    ['LISTEN/NOTIFY of its node is silent', () => behind.silence(), () => {}],
  ])('when %s', { timeout: 120_000 }, async (what, breakIt, mend) => {
    const all = await people();
    await warm(all);
    // At any point between two heartbeats.
    await sleep(Math.random() * 250);
    breakIt();
    const lasts = (await Promise.all(all.map(lastYes))).sort((a, b) => a - b);
    const late = lasts.filter((last) => last > BOUND).length;
    process.stdout.write(
      `two nodes, ${what}: ${TIMES - late} of ${TIMES} within ${BOUND} ms; last yes: median ${(lasts[TIMES / 2] ?? 0).toFixed(0)} ms, worst ${(lasts.at(-1) ?? 0).toFixed(0)} ms\n`,
    );
    expect(late).toBe(0);
    mend();
    for (const { sessionToken } of all) {
      await expect.poll(() => quick(sessionToken), { timeout: 30_000 }).toBe('session_revoked');
    }
  });
});
