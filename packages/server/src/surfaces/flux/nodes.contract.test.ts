import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxMfa,
  createFluxProject,
  createTcpProxy,
  createWorld,
  type EventStream,
  type FluxProject,
  freshDatabase,
  handed,
  listen,
  startUnstalledTime,
  type TcpProxy,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

/** Nodes of one instance have one public address, whatever each listens on. */
const ENV = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_PUBLIC_URL: 'http://localhost:8080' };
const ACTOR = { userId: null, sessionId: null, origin: null };

describe("Flux's sessions at two nodes over one PostgreSQL", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let proxy: TcpProxy;
  let here: World;
  let there: World;
  let flux: FluxProject;
  beforeEach(async () => {
    database = await freshDatabase('postgres');
    const { databaseUrl, dataDir } = database;
    proxy = await createTcpProxy(databaseUrl);
    here = await createWorld({ dialect: 'postgres', env: ENV, database: { databaseUrl, dataDir } });
    const { clock } = here;
    there = await createWorld({
      ...{ dialect: 'postgres', env: ENV, clock },
      database: { databaseUrl: proxy.url, dataDir },
    });
    flux = await createFluxProject(here);
  });
  afterEach(async () => {
    await there.close();
    await here.close();
    await proxy.close();
    await database.drop();
  });

  const verifyThere = (token: string) => flux.verify(token, there);

  it('are verified at either with one set of keys, and end at both within a second, 100 of 100 [FX-68, D05, bug 30]', {
    timeout: 240_000,
  }, async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => flux.signUp()));
    for (const { token } of all) expect((await verifyThere(token)).status).toBe(200);
    let refused = 0;
    for (const { token } of all) {
      await verifyThere(token);
      expect((await flux.app('/sessions/revoke', { token })).status).toBe(200);
      await withinASecond(async () => (await verifyThere(token)).status === 401);
      if (codeOf(await verifyThere(token)) === 'session_revoked') refused++;
    }
    expect(refused).toBe(100);
  });

  it.each(['LISTEN', 'the network'] as const)(
    'end at a node that %s is cut from: it never says yes to what ended elsewhere [FX-68, D05, N05]',
    { timeout: 60_000 },
    async (what) => {
      const all = await Promise.all(Array.from({ length: 20 }, () => flux.signUp()));
      for (const { token } of all) expect((await verifyThere(token)).status).toBe(200);
      // Silent for good: the connection that listens too, while new ones to the database work.
      if (what === 'LISTEN') proxy.silence();
      else proxy.freeze();
      const time = startUnstalledTime();
      await Promise.all(all.map(({ token }) => flux.app('/sessions/revoke', { token })));
      await until(() => !there.instance.storage.channel.isProven());
      expect(time.ms()).toBeLessThan(5_000);
      time.stop();
      proxy.restore();
      for (const { token } of all) {
        // Connections that hang are given up one by one; until then it says that it cannot say.
        let code = '';
        await until(async () => {
          code = codeOf(await verifyThere(token));
          return code !== 'unavailable';
        }, 20_000);
        expect(code).toBe('session_revoked');
      }
    },
  );

  it('stop the heartbeats of a stream within half a second of the last proof, and catch up after [FX-68, N05]', {
    timeout: 60_000,
  }, async () => {
    const { token, session } = await flux.signUp();
    const heard: EventStream = await listen(`${there.baseUrl}/flux/v1/events`, flux.asApp);
    await until(() => heard.heartbeats() > 3);
    proxy.freeze();
    await until(() => !there.instance.storage.channel.isProven());
    // What was sent by then may still be on its way.
    const arrived = performance.now() + 500;
    await until(() => performance.now() > arrived);
    const silentFrom = heard.heartbeats();
    await flux.app('/sessions/revoke', { token });
    // As long as an SDK would go on believing, and longer.
    const until750 = performance.now() + 1_500;
    await until(() => performance.now() > until750);
    expect(heard.heartbeats()).toBe(silentFrom);
    expect(heard.events.map(({ name }) => name)).not.toContain('session.revoked');
    proxy.restore();
    expect((await heard.next('session.revoked')).data['session_id']).toBe(session.id);
    await until(() => heard.heartbeats() > silentFrom);
    await heard.close();
  });

  it('go on while keys are rotated at one and used at the other at once [E08]', {
    timeout: 60_000,
  }, async () => {
    let { token } = await flux.signUp();
    for (let round = 0; round < 3; round++) {
      await here.instance.signingKeys.rotate(ACTOR);
      here.clock.advance(11 * 60_000);
      const renewed = handed(await flux.verify(token)).token;
      const replies = await Promise.all(Array.from({ length: 20 }, () => verifyThere(renewed)));
      expect(replies.every(({ status }) => status === 200)).toBe(true);
      token = handed(await verifyThere(token)).token;
      expect((await flux.verify(token)).status).toBe(200);
    }
  });

  it('say at both within a second what is owed, and what was shown at one [FX-49, FX-51, bug 15]', async () => {
    const mfa = createFluxMfa(here, flux);
    const owner = await flux.signUp();
    const second = await flux.signIn(owner.user.email);
    const marksThere = async (token: string) => {
      const { session } = handed(await verifyThere(token));
      return `${session.mfa_verified} ${session.mfa_required}`;
    };
    expect(await marksThere(second.token)).toBe('false false');
    const app = await mfa.totp(owner.token);
    await withinASecond(async () => (await marksThere(second.token)) === 'false true');
    await withinASecond(async () => (await marksThere(owner.token)) === 'true false');
    await mfa.show(second.token, app);
    await withinASecond(async () => (await marksThere(second.token)) === 'true false');
  });

  it('obey at both what a project tightens at one [bug 35]', async () => {
    const { token } = await flux.signUp();
    here.clock.advance(20 * 60_000);
    expect((await verifyThere(token)).status).toBe(200);
    await flux.change({ session: { ttl_seconds: 600 } });
    await withinASecond(async () => (await verifyThere(token)).status === 401);
    expect(codeOf(await verifyThere(token))).toBe('session_expired');
  });
});
