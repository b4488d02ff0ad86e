import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('mails about new places at Flecto on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    world = await createWorld({ dialect, env });
  });
  afterAll(() => world.close());

  const login = (email: string, client = world.client()) =>
    client.post('/auth/login', { username: email, password: PASSWORD });

  async function mailsTo(email: string): Promise<number> {
    return (await world.mails(email)).filter(({ kind }) => kind === 'ip_authorization').length;
  }

  it('are five in a quarter of an hour, of fifty sign-ins at once too: who has the password floods no mailbox [K06]', async () => {
    const { email, client } = await world.person();
    const replies = await Promise.all(Array.from({ length: 50 }, () => login(email)));
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(5);
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(45);
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBe(15 * 60);
    expect(await mailsTo(email)).toBe(5);
    // The owner is at home, and waits for nobody.
    expect((await login(email, client)).status).toBe(200);
    world.clock.advance(15 * MINUTE);
    expect((await login(email)).status).toBe(403);
    expect(await mailsTo(email)).toBe(6);
  });

  it('that a stranger has used up leave room again for who has chosen another password', async () => {
    const { email } = await world.person();
    for (let count = 0; count < 5; count++) await login(email);
    const away = world.client();
    expect((await login(email, away)).status).toBe(429);
    world.clock.advance(1_000);
    await away.post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    const password = 'chosen by the owner of the mailbox';
    expect((await world.client().post('/v1/auth/reset', { token, password })).status).toBe(200);
    const reply = await away.post('/auth/login', { username: email, password });
    expect([reply.status, reply.text]).toEqual([403, expect.stringContaining('place_approval_required')]);
  });

  it('of one account use up nobody else’s', async () => {
    const [one, other] = [await world.person(), await world.person()];
    for (let count = 0; count < 5; count++) expect((await login(one.email)).status).toBe(403);
    expect((await login(one.email)).status).toBe(429);
    expect((await login(other.email)).status).toBe(403);
    expect(await mailsTo(other.email)).toBe(1);
  });
});
