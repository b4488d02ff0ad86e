import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type Flux from './index.ts';
import { FluxServer } from './server-client.ts';
import { createWireServer, movedPlatform, SECRET_KEY, type WireServer } from './testing/index.ts';

let server: WireServer;
let flux: Flux;
let move: (milliseconds: number) => void;
let sleep: (milliseconds: number) => void;

beforeEach(async () => {
  server = await createWireServer({ heartbeatMs: 20 });
  const moved = movedPlatform();
  ({ move, sleep } = moved);
  flux = new FluxServer(moved.platform, SECRET_KEY, { baseUrl: server.baseUrl });
});

afterEach(async () => {
  flux.close();
  await server.close();
});

const verifies = () => server.count('/sessions/verify');
const quick = (token: string) => flux.auth.verifySession(token, { renew: false });
const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => 'yes',
    ({ code }) => code as string,
  );

/** Asks until an answer came without the network: what is kept is believed from then on. */
async function warm(token: string): Promise<void> {
  await expect
    .poll(async () => {
      const before = verifies();
      await quick(token);
      const asked = verifies() - before;
      // The second in which answers are used but not kept, from whenever the stream began; a heartbeat follows.
      if (asked > 0) move(1_000);
      return asked;
    })
    .toBe(0);
}

/** Until all that the server has told so far is heard. */
async function caughtUp(): Promise<void> {
  const { token, session } = server.person('heard@example.com');
  server.tell('session.revoked', { session_id: session.id });
  await expect.poll(() => outcome(quick(token))).toBe('session_revoked');
}

describe('verifySession', () => {
  it('tells who it is, and brings a renewed token of the same session (FX-35, FX-63)', async () => {
    const { token, user } = server.person();
    const verified = await flux.auth.verifySession(token);
    expect(verified).toMatchObject({ id: user.id, email: 'a@example.com', emailVerified: false });
    expect(verified.sessionToken).not.toBe(token);
    expect(verified.session_token).toBe(verified.sessionToken);
    expect(verified.session).toMatchObject({
      id: `sess_${user.id}`,
      mfaVerified: false,
      mfa_verified: false,
    });
    expect((await flux.auth.verifySession(verified.sessionToken)).session.id).toBe(verified.session.id);
  });

  it('renews on each verified request, unless tokens are to be renewed only from an age on', async () => {
    const { token } = server.person();
    for (let n = 1; n <= 3; n++) {
      await flux.auth.verifySession(token);
      expect(verifies()).toBe(n);
    }
    const moved = movedPlatform();
    const patient = new FluxServer(moved.platform, SECRET_KEY, {
      baseUrl: server.baseUrl,
      renewAfterSeconds: 60,
    });
    expect((await patient.auth.verifySession(token)).sessionToken).toBe(token);
    moved.move(61_000);
    expect((await patient.auth.verifySession(token)).sessionToken).not.toBe(token);
    patient.close();
  });

  it('succeeds for a thousand at once with one token (FX-64)', async () => {
    const { token } = server.person();
    const users = await Promise.all(Array.from({ length: 1_000 }, () => flux.auth.verifySession(token)));
    expect(new Set(users.map(({ email }) => email))).toEqual(new Set(['a@example.com']));
    expect(server.count('/settings')).toBe(1);
  });

  it('shows its token neither in JSON nor printed', async () => {
    const { token } = server.person();
    const user = await flux.auth.verifySession(token);
    for (const text of [JSON.stringify(user), inspect(user, { depth: 9, showHidden: true })]) {
      expect(text).toContain('a@example.com');
      expect(text).not.toContain(user.sessionToken);
    }
    expect(inspect(flux, { depth: 9, showHidden: true })).not.toContain(SECRET_KEY);
  });
});

describe('verifySession without renewal', () => {
  it('answers without the network while the stream is fresh', async () => {
    const { token } = server.person();
    await warm(token);
    const before = server.calls();
    for (let n = 0; n < 1_000; n++) {
      const user = await quick(token);
      expect(user).toMatchObject({ email: 'a@example.com', sessionToken: token });
    }
    expect(server.calls()).toBe(before);
  });

  it('asks once for a thousand who come at once with a session not seen before', async () => {
    const first = server.person();
    await warm(first.token);
    const { token } = server.person('b@example.com');
    const before = verifies();
    await Promise.all(Array.from({ length: 1_000 }, () => quick(token)));
    expect(verifies() - before).toBe(1);
  });

  it('asks the server when heartbeats stop, and trusts again when they come', async () => {
    const { token } = server.person();
    await warm(token);
    server.setBeating(false);
    await caughtUp();
    move(501);
    const before = verifies();
    await quick(token);
    await quick(token);
    expect(verifies() - before).toBe(2);
    server.setBeating(true);
    await warm(token);
  });

  it('asks the server at once when the stream breaks', async () => {
    const { token } = server.person();
    await warm(token);
    server.meddle((path, response) => path === '/events' && Boolean(response.destroy()));
    server.cutStreams();
    await expect
      .poll(async () => {
        const before = verifies();
        await quick(token);
        return verifies() - before;
      })
      .toBe(1);
  });

  it('reads a user anew who has changed, and keeps no answer of the second after', async () => {
    const { token, user, row } = server.person();
    await warm(token);
    row.user = { ...user, email: 'new@example.com' };
    server.tell('user.changed', { user_id: user.id });
    await expect.poll(async () => (await quick(token)).email).toBe('new@example.com');
    const before = verifies();
    await quick(token);
    await quick(token);
    expect(verifies() - before).toBe(2);
    await warm(token);
  });

  it('keeps no answer that was on its way when the user changed', async () => {
    const first = server.person();
    await warm(first.token);
    const { token, user, row } = server.person('old@example.com');
    server.meddle(async (path, response) => {
      if (path !== '/sessions/verify') return false;
      server.meddle(null);
      const stale = { user, session: row.session, token };
      row.user = { ...user, email: 'new@example.com' };
      server.tell('user.changed', { user_id: user.id });
      await caughtUp();
      response.writeHead(200).end(JSON.stringify(stale));
      return true;
    });
    await quick(token);
    expect((await quick(token)).email).toBe('new@example.com');
  });

  it('takes a token for more than what is kept when it shows a second factor', async () => {
    const { token, row, forge } = server.person();
    await warm(token);
    row.session = { ...row.session, mfa_verified: true };
    const user = await quick(forge({ claims: { mfa: true } }));
    expect(user.session.mfaVerified).toBe(true);
  });

  it('asks again in time for a session that would run out if it were not used', async () => {
    const { token, row } = server.person();
    row.session = {
      ...row.session,
      expires_at: new Date(Date.parse(row.session.last_active_at) + 300_000).toISOString(),
    };
    await warm(token);
    move(150_001);
    // The stream is fresh again: it is not for want of heartbeats.
    await warm(server.person('b@example.com').token);
    const before = verifies();
    await quick(token);
    expect(verifies() - before).toBe(1);
  });

  it.each([['project.changed'], ['events.lost']])('forgets everything at %s', async (name) => {
    const { token } = server.person();
    await warm(token);
    const before = verifies();
    server.tell(name, {});
    await expect.poll(async () => (await quick(token)) && verifies() > before).toBe(true);
  });

  it('passes over events of newer servers', async () => {
    const { token } = server.person();
    await warm(token);
    server.tell('user.waved', { user_id: 7 });
    server.tell('session.revoked', { session_id: 'sess_of_another' });
    await caughtUp();
    expect(await outcome(quick(token))).toBe('yes');
  });
});

describe('a revoked session', () => {
  it('is refused everywhere once the stream has said so, without a call (FX-65)', async () => {
    const { token, forge } = server.person();
    await warm(token);
    const renewed = forge({});
    const elsewhere = new FluxServer(movedPlatform().platform, SECRET_KEY, { baseUrl: server.baseUrl });
    await elsewhere.auth.revokeSession(token);
    await expect.poll(() => outcome(quick(token))).toBe('session_revoked');
    const before = server.calls();
    for (const one of [token, renewed]) {
      expect(await outcome(quick(one))).toBe('session_revoked');
      expect(await outcome(flux.auth.verifySession(one))).toBe('session_revoked');
    }
    expect(server.calls()).toBe(before);
    elsewhere.close();
  });

  it('is refused here as soon as revokeSession returns; others live', async () => {
    const [one, two] = [server.person(), server.person('b@example.com')];
    await warm(one.token);
    await warm(two.token);
    await flux.auth.revokeSession(one.token);
    expect(await outcome(quick(one.token))).toBe('session_revoked');
    expect(await outcome(quick(two.token))).toBe('yes');
    await flux.auth.revokeSession({ sessionId: two.session.id });
    expect(await outcome(quick(two.token))).toBe('session_revoked');
    await flux.auth.revokeSession(two.token);
  });

  it('is refused here as soon as revokeAllSessions returns (FX-66)', async () => {
    const { token, user } = server.person();
    await warm(token);
    expect(await flux.auth.revokeAllSessions(user.id)).toEqual({ revoked: 1 });
    expect(await outcome(quick(token))).toBe('session_revoked');
  });

  it('stays what it is when a forged token of it is revoked', async () => {
    const { token, user } = server.person();
    const forged = `${server.person().token.split('.')[0]}.${token.split('.')[1]}.${'A'.repeat(86)}`;
    await warm(token);
    // A server that judged it wrongly must not be believed about whom it names.
    server.meddle((path, response) => {
      if (path !== '/sessions/revoke') return false;
      response.writeHead(200).end('{}');
      return true;
    });
    await flux.auth.revokeSession(forged);
    expect((await quick(token)).id).toBe(user.id);
  });

  it('whose end was missed is heard of when the stream comes back', async () => {
    const { token, session, row } = server.person();
    await warm(token);
    server.meddle((path, response) => path === '/events' && Boolean(response.destroy()));
    server.cutStreams();
    row.isRevoked = true;
    server.tell('session.revoked', { session_id: session.id });
    await expect.poll(() => outcome(quick(token))).toBe('session_revoked');
    server.meddle(null);
    await expect.poll(server.streams).toBe(1);
    expect(server.seen.findLast(({ path }) => path === '/events')?.headers['last-event-id']).toMatch(/^evt_/);
    expect(await outcome(quick(token))).toBe('session_revoked');
  });

  it('is not vouched for after a gap that the server cannot fill', async () => {
    const { token, row } = server.person();
    await warm(token);
    server.loseHistory();
    server.cutStreams();
    row.isRevoked = true;
    await expect.poll(server.streams).toBe(1);
    await caughtUp();
    expect(await outcome(quick(token))).toBe('session_revoked');
  });
});

describe('getSession', () => {
  it('has the session as the server has it, and renews nothing', async () => {
    const { token, row } = server.person();
    row.session = { ...row.session, mfa_required: true };
    const session = await flux.auth.getSession(token);
    expect(session).toMatchObject({
      mfaVerified: false,
      mfa_verified: false,
      mfaRequired: true,
      userId: row.user.id,
    });
    expect(verifies()).toBe(0);
  });
});

describe.each([
  ['two hours behind', 7_200_000],
  ["ahead by more than a token's life", -604_900_000],
])('an app whose clock is %s', (_how, serverAheadMs) => {
  const seconds = () => Math.floor((Date.now() + serverAheadMs) / 1000);
  beforeEach(() => server.setAhead(serverAheadMs));

  it('asks and renews on each verified request as any other (FX-63, FX-68)', async () => {
    const { token } = server.person();
    await warm(token);
    const before = verifies();
    for (const one of [token, token]) expect((await flux.auth.verifySession(one)).sessionToken).not.toBe(one);
    expect(verifies() - before).toBe(2);
    expect((await flux.auth.getSession(token)).userId).toBe((await quick(token)).id);
  });

  it("renews from an age on that the server's clock tells", async () => {
    const patient = new FluxServer(movedPlatform().platform, SECRET_KEY, {
      baseUrl: server.baseUrl,
      renewAfterSeconds: 60,
    });
    const { token, forge } = server.person();
    const old = forge({ claims: { iat: seconds() - 61, exp: seconds() + 600 } });
    for (let n = 1; n <= 2; n++) {
      expect((await patient.auth.verifySession(token)).sessionToken).toBe(token);
      expect((await patient.auth.verifySession(old)).sessionToken).not.toBe(old);
    }
    patient.close();
  });

  it('takes no token whose time is over for the server, also where it does not ask (FX-69)', async () => {
    const { forge } = server.person();
    const over = forge({ claims: { iat: seconds() - 60, exp: seconds() - 1 } });
    expect(await outcome(flux.auth.verifySession(over))).toBe('session_expired');
    const ending = forge({ claims: { iat: seconds(), exp: seconds() + 60 } });
    await warm(ending);
    move(61_000);
    server.setAhead(serverAheadMs + 61_000);
    // The stream is fresh again: it is not for want of heartbeats.
    await warm(server.person('b@example.com').token);
    const before = server.calls();
    for (const one of [over, ending]) expect(await outcome(quick(one))).toBe('session_expired');
    expect(server.calls()).toBe(before);
  });
});

describe("what is known of the server's clock", () => {
  it('is asked anew after some minutes: a server that was wrong once must not keep everybody out', async () => {
    server.setAhead(10 * 86_400_000);
    await flux.auth.verifySession(server.person().token);
    server.setAhead(0);
    const { token } = server.person();
    expect(await outcome(flux.auth.verifySession(token))).toBe('session_expired');
    move(300_000);
    expect(await outcome(flux.auth.verifySession(token))).toBe('yes');
    expect(await outcome(flux.auth.verifySession(token))).toBe('yes');
  });

  it('says no yes by itself once the machine has slept, when a token may have ended unseen (FX-69)', async () => {
    const { token } = server.person();
    await warm(token);
    sleep(3_600_000);
    const before = verifies();
    expect(await outcome(quick(token))).toBe('yes');
    expect(verifies()).toBe(before + 1);
    await warm(token);
  });
});
