import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTcpProxy, type TcpProxy } from '../../server/src/testing/tcp-proxy.ts';
import { startUnstalledTime, type UnstalledTime } from '../../server/src/testing/within-a-second.ts';
import Flux from './index.ts';
import { createWireServer, SECRET_KEY, type WireServer } from './testing/index.ts';

/** The stated bound of `{ renew: false }`, in milliseconds. */
const BOUND = 1_000;
const TIMES = 100;
/** As the wire has it. */
const HEARTBEAT = 250;

let server: WireServer;
let proxy: TcpProxy;
/** One whose way to the server is whole, and one whose way a test breaks. */
let near: Flux;
let far: Flux;
/** The bound is one of real time, which a machine that stalls would use up for us. */
let time: UnstalledTime;

beforeAll(async () => {
  time = startUnstalledTime();
  server = await createWireServer({ heartbeatMs: HEARTBEAT });
  proxy = await createTcpProxy(server.baseUrl);
  near = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl });
  far = Flux.init(SECRET_KEY, { baseUrl: proxy.url.replace(/\/$/, ''), timeoutMs: 400, retries: 0 });
});

afterAll(async () => {
  near.close();
  far.close();
  await proxy.close();
  await server.close();
  time.stop();
});

const quick = (flux: Flux, token: string) =>
  flux.auth.verifySession(token, { renew: false }).then(
    () => 'yes',
    ({ code }) => code as string,
  );
const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Answers come without the network. */
async function warm(flux: Flux, token: string): Promise<void> {
  for (;;) {
    const before = server.count('/sessions/verify');
    const answer = await quick(flux, token);
    if (answer === 'yes' && server.count('/sessions/verify') === before) return;
    await sleep(20);
  }
}

/** Asks without pause from a revocation on; the milliseconds from it to the call that was the last to be answered by yes. */
async function lastYes(flux: Flux, token: string, from: number): Promise<number> {
  let last = 0;
  while (time.ms() - from < BOUND + 300) {
    const asked = time.ms();
    if ((await quick(flux, token)) === 'yes') last = asked - from;
    await sleep(5);
  }
  return last;
}

function report(what: string, lasts: number[]): void {
  const sorted = [...lasts].sort((a, b) => a - b);
  const [median, worst] = [sorted[TIMES / 2] ?? 0, sorted.at(-1) ?? 0];
  const late = lasts.filter((last) => last > BOUND).length;
  process.stdout.write(
    `revocation, ${what}: ${TIMES - late} of ${TIMES} within ${BOUND} ms; last yes: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms\n`,
  );
  expect(late).toBe(0);
}

describe('a revoked session is refused without a call within a second, 100 times out of 100', () => {
  it('when the stream is whole', async () => {
    const people = Array.from({ length: TIMES }, () => server.person());
    for (const { token } of people) await warm(far, token);
    const lasts: number[] = [];
    for (const { token } of people) {
      await near.auth.revokeSession(token);
      const from = time.ms();
      let last = 0;
      while ((await quick(far, token)) === 'yes') {
        last = time.ms() - from;
        await sleep(1);
      }
      lasts.push(last);
    }
    report('stream whole', lasts);
  });

  it.each([
    ['cut', () => proxy.cut()],
    ['silent, and not told so', () => proxy.freeze()],
  ])('when the stream is %s', async (what, breakIt) => {
    const people = Array.from({ length: TIMES }, () => server.person());
    for (const { token } of people) await warm(far, token);
    breakIt();
    const lasts = await Promise.all(
      people.map(async ({ token }) => {
        await near.auth.revokeSession(token);
        return await lastYes(far, token, time.ms());
      }),
    );
    const answers = await Promise.all(people.map(({ token }) => quick(far, token)));
    expect(answers.filter((code) => code !== 'network_error' && code !== 'timeout')).toEqual([]);
    report(`stream ${what}`, lasts);
    proxy.restore();
    for (const { token } of people) {
      await expect.poll(() => quick(far, token), { timeout: 10_000 }).toBe('session_revoked');
    }
  });
});
