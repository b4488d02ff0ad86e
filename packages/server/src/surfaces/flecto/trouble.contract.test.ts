import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenHash } from '../../crypto/index.ts';
import {
  createFactorKit,
  createSeverableWorld,
  createWorld,
  DIALECTS,
  flectoSteps,
  PASSWORD,
  type Reply,
  type Severable,
  type TcpProxy,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

describe("Flecto's API while PostgreSQL is away", () => {
  let severable: Severable;
  let proxy: TcpProxy;
  let world: World;
  beforeAll(async () => {
    severable = await createSeverableWorld();
    ({ proxy, world } = severable);
  });
  afterAll(() => severable.close());

  function expectUnavailable(reply: Reply, body: object): void {
    expect([reply.status, reply.json]).toEqual([503, body]);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  it('says so and never that a credential is wrong, spends nothing and counts against nobody [N05, N06, bug 82]', async () => {
    const steps = flectoSteps(world);
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    const message = 'Service Unavailable: try again shortly';
    const coded = { error: 'service_unavailable', message };
    proxy.cut();
    for (let attempt = 0; attempt < 60; attempt++) expectUnavailable(await steps.login(email), coded);
    expectUnavailable(await steps.refresh(tokens.refreshToken), coded);
    expectUnavailable(await steps.logout(tokens.accessToken), coded);
    await withinASecond(() => !world.instance.storage.channel.isProven());
    const guarded = await world.client().get('/api/nothing', steps.bearer(tokens.accessToken));
    expectUnavailable(guarded, { message });
    const byToken = await world.client().get('/api/nothing', steps.bearer(`flecto_${'a'.repeat(43)}`));
    expectUnavailable(byToken, { message });
    proxy.restore();
    await until(async () => (await world.client().get('/readyz')).status === 200, 10_000);
    await steps.signIn(email);
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    await steps.renew(tokens.refreshToken);
  });

  it('takes a refresh token as unspent when the database never took it', async () => {
    const steps = flectoSteps(world);
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    // The statement that spends it is the first to name it.
    proxy.loseAnswerTo(tokenHash(String(steps.claims(tokens.refreshToken)['jti'])));
    expect((await steps.refresh(tokens.refreshToken)).status).toBe(503);
    await until(async () => (await steps.refresh(tokens.refreshToken)).status === 200, 20_000);
    expect((await steps.refresh(tokens.refreshToken)).status).toBe(401);
  });

  it('leaves a refresh token good when the name of its owner cannot be read', async () => {
    const steps = flectoSteps(world);
    const { email } = await world.person();
    const { tokens } = await steps.signIn(email);
    proxy.loseAnswerTo('login-name');
    expect((await steps.refresh(tokens.refreshToken)).status).toBe(503);
    await until(async () => (await world.client().get('/readyz')).status === 200, 20_000);
    await steps.renew(tokens.refreshToken);
  });

  it('leaves no refresh token alive when the answer to its spending is lost', async () => {
    const steps = flectoSteps(world);
    const { email, userId } = await world.person();
    // Now and then it is another commit, of work in the background, whose answer the network loses.
    for (let round = 0; round < 8; round++) {
      const { tokens } = await steps.signIn(email);
      proxy.loseAnswerTo('commit');
      const reply = await steps.refresh(tokens.refreshToken);
      await until(async () => (await world.client().get('/readyz')).status === 200, 20_000);
      // The database has taken it, and the new token reached nobody: to show the old one again is to show a spent one.
      await until(async () => (await steps.refresh(tokens.refreshToken)).status === 401, 20_000);
      expect(await steps.knock(tokens.accessToken)).toBe(401);
      const left = await world.instance.sessions.list(userId);
      expect(left.filter(({ surface }) => surface === 'flecto')).toEqual([]);
      if (reply.status === 503) return;
      expect(reply.status).toBe(200);
    }
    expect.unreachable('No answer to a refresh was lost.');
  });
});

describe.each(DIALECTS)("what Flecto's API writes on %s", (dialect) => {
  it('holds no secret in log, trail or outbox [M04, M05, bug 21]', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const steps = flectoSteps(world);
    const secrets = new Set([PASSWORD, 'a wrong one nobody may read']);
    const person = await world.person();
    await steps.login(person.email, 'a wrong one nobody may read');
    const first = await steps.signIn(person.email);
    const second = await steps.renew(first.tokens.refreshToken);
    await world.client().get(`/api/nothing?token=${second.tokens.accessToken}`);
    await world.client().get(`/api/${second.tokens.accessToken}`);
    await world.client().get('/api/nothing', steps.bearer(`${second.tokens.accessToken}x`));
    await steps.refresh(first.tokens.refreshToken);
    const third = await steps.signIn(person.email);
    await steps.logout(third.tokens.accessToken);
    const { backupCodes } = await createFactorKit(world).totp(person);
    const { ticket } = (await steps.login(person.email)).json as { ticket: string };
    const [code = ''] = backupCodes;
    const proof = { ticket, method: 'recovery-code', code };
    const fourth = steps.good(await world.client().post('/auth/login/mfa', proof));
    for (const secret of [ticket, code]) secrets.add(secret);
    for (const { tokens } of [first, second, third, fourth])
      for (const token of [tokens.accessToken, tokens.refreshToken]) {
        secrets.add(token);
        secrets.add(token.split('.')[2] ?? '');
        secrets.add(String(steps.claims(token)['jti']));
      }
    const { db } = world.instance.storage;
    const trail = JSON.stringify(await db.selectFrom('audit_record').selectAll().execute());
    const outbox = JSON.stringify(await db.selectFrom('outbox').selectAll().execute());
    const written = world.logLines.join('') + trail + outbox;
    expect(written).toContain('session.reused');
    expect(secrets.size).toBeGreaterThan(20);
    for (const secret of secrets) expect(written).not.toContain(secret);
    const worst = world.logLines.map((line) => JSON.parse(line) as { level: unknown });
    expect(worst.filter(({ level }) => level === 50 || level === 60 || level === 'error')).toEqual([]);
    await world.close();
  });
});
