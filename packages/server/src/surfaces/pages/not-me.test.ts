import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailChangeOf } from '../../testing/email-change.ts';
import { decode } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type Reply, type World } from '../../testing/index.ts';
import { createFactorKit } from '../../testing/second-factors.ts';

const HOUR = 3_600_000;
const PARALLEL = 50;
const REFUSED = 'This link is used up or too old.';

describe.each(DIALECTS)('"This was not me" on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const login = (email: string, password = PASSWORD, client = world.client()) =>
    client.post('/v1/auth/login', { email, password });
  const disown = (token: string) => world.client().form('/not-me', { token });
  const mailsOf = async (email: string, kind: string) =>
    (await world.mails(email)).filter((mail) => mail.kind === kind);
  const records = (userId: string) =>
    world.instance.storage.db
      .selectFrom('audit_record')
      .selectAll()
      .where('event', '=', 'notice.disowned')
      .where('user_id', '=', userId)
      .execute();

  /** Somebody whose account just got a second factor, and the token of the notice about it. */
  async function told() {
    const person = await world.person();
    const app = await createFactorKit(world).totp(person);
    const { token } = await world.newestMail(person.email, 'factor_enrolled');
    return { ...person, app, token };
  }

  function expectRefusal(reply: Reply): void {
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(REFUSED);
    expect(reply.headers.has('set-cookie')).toBe(false);
  }

  it('is asked by a page that spends nothing and works without script', async () => {
    const { client, token } = await told();
    const page = await world.client().get('/not-me');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<form method="post" action="\/not-me">/);
    expect(page.text).toMatch(/<input id="token" name="token"/);
    expect(page.text).not.toContain(token);
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    expect((await disown(` ${token} `)).status).toBe(200);
  });

  it('ends every session and mails the way to a new password, and signs nobody in [D05]', async () => {
    const { client, email, userId, token } = await told();
    const reply = await disown(token);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('Every session has ended');
    expect(reply.headers.has('set-cookie')).toBe(false);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    expect(await world.instance.sessions.list(userId)).toEqual([]);
    expect(await mailsOf(email, 'password_reset')).toHaveLength(1);
    const { token: reset } = await world.newestMail(email, 'password_reset');
    const password = 'a password of the owner alone';
    decode.owedProof(await world.client().post('/v1/auth/reset', { token: reset, password }));
    const [record, ...others] = await records(userId);
    expect(others).toEqual([]);
    expect(JSON.parse(record?.details ?? '{}')).toEqual({ sessions_ended: 2, recovery_started: true });
    expect(JSON.stringify(record)).not.toContain(token);
  });

  it('changes neither password nor factors', async () => {
    const { email, app, token } = await told();
    await disown(token);
    const { ticket } = decode.owedProof(await login(email));
    const code = app.code();
    decode.token(await world.client().post('/v1/auth/login/mfa/totp', { ticket, code }));
  });

  it('ends what is under way: sign-ins, links for a new password, and the other notices', async () => {
    const { email, app, token } = await told();
    const { ticket } = decode.owedProof(await login(email));
    await world.client().post('/v1/auth/forgot', { email });
    const { token: earlierReset } = await world.newestMail(email, 'password_reset');
    const elsewhere = decode.owedProof(await login(email)).ticket;
    const code = app.code();
    decode.token(await world.client().post('/v1/auth/login/mfa/totp', { ticket: elsewhere, code }));
    world.clock.advance(30_000);
    const { token: second } = await world.newestMail(email, 'new_sign_in');
    await disown(token);
    const late = await world.client().post('/v1/auth/login/mfa/totp', { ticket, code: app.code() });
    expect(late.status).toBe(400);
    const password = 'a password nobody gets to set';
    expect((await world.client().post('/v1/auth/reset', { token: earlierReset, password })).status).toBe(400);
    expectRefusal(await disown(second));
  });

  it('is good once, for 48 hours, and spelt as it came [E10, N08]', async () => {
    const { token } = await told();
    for (const wrong of [token.slice(1), `${token}a`, token.toLowerCase(), 'x'.repeat(64)])
      expectRefusal(await disown(wrong));
    world.clock.advance(48 * HOUR - 120_000);
    const late = await told();
    expect((await disown(token)).status).toBe(200);
    expectRefusal(await disown(token));
    world.clock.advance(48 * HOUR);
    expectRefusal(await disown(late.token));
    expect((await world.client().form('/not-me', {})).status).toBe(400);
  });

  it('opens no other door, and no other mail opens this one [bug 12]', async () => {
    const { email, token, userId } = await told();
    await world.client().post('/v1/auth/forgot', { email });
    const password = 'a password nobody gets to set';
    for (const path of ['reset', 'email-revert', 'verify'])
      expect((await world.client().post(`/v1/auth/${path}`, { token, password })).status).toBe(400);
    for (const kind of ['password_reset', 'email_verification'])
      expectRefusal(await disown((await world.newestMail(email, kind)).token));
    expect(await records(userId)).toEqual([]);
  });

  it('sent from another site does nothing [I03]', async () => {
    const { client, token } = await told();
    const headers = { origin: 'https://evil.example' };
    expect((await world.client().form('/not-me', { token }, headers)).status).toBe(403);
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });

  it('works for whoever was told before the address was changed, and mails nothing to the new one', async () => {
    const person = await world.person();
    const elsewhere = world.client();
    elsewhere.token = decode.token(await login(person.email, PASSWORD, elsewhere)).token;
    const { token } = await world.newestMail(person.email, 'new_sign_in');
    const { address, revertToken } = await emailChangeOf(world, person).changed();
    expect((await disown(token)).status).toBe(200);
    expect((await person.client.get('/v1/users/@me')).status).toBe(401);
    expect((await elsewhere.get('/v1/users/@me')).status).toBe(401);
    expect(await mailsOf(address, 'password_reset')).toEqual([]);
    // The stronger way back, in the mail about the change, stays open.
    const password = 'a password of the owner alone';
    const body = { token: revertToken, password };
    decode.token(await world.client().post('/v1/auth/email-revert', body));
  });

  it('pressed in fifty hands at once is done once [B02]', async () => {
    const { email, userId, token } = await told();
    const replies = await Promise.all(Array.from({ length: PARALLEL }, () => disown(token)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200)) expectRefusal(reply);
    expect(await records(userId)).toHaveLength(1);
    expect(await mailsOf(email, 'password_reset')).toHaveLength(1);
    expect(await world.instance.sessions.list(userId)).toEqual([]);
  });
});
