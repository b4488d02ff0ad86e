import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';
import { createRangeServer } from '../../testing/range-server.ts';

const BREACHED = 'perfectly fine but stolen';
const GOOD = 'staple battery horse correct';
const refused = (field: string) => `400 INVALID_FORM_BODY ${field}:PASSWORD_IS_TOO_COMMON`;

describe.each(DIALECTS)('passwords known from a breach, contract 1.2 and 1.10, on %s', (dialect) => {
  let world: World;
  let service: Awaited<ReturnType<typeof createRangeServer>>;
  beforeAll(async () => {
    service = await createRangeServer();
    service.breach(BREACHED);
    world = await createWorld({
      dialect,
      env: { FLUXGATE_BREACHED_PASSWORDS_URL: service.url, FLUXGATE_RATE_LIMITS: 'off' },
    });
  });
  afterAll(async () => {
    await world.close();
    await service.close();
  });

  const login = (email: string, password: string) =>
    world.client().post('/v1/auth/login', { email, password });

  it('are refused at the set-up, and the link stays good', async () => {
    const token = (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';
    const fields = { token, email: newEmail(), password: BREACHED };
    const reply = await world.client().form('/setup', fields);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('easy to guess');
    expect((await world.client().form('/setup', { ...fields, password: GOOD })).status).toBe(303);
  });

  it('are refused on registering, by the API and on the page [A05]', async () => {
    const email = newEmail();
    const reply = await world.register(world.client(), { email, password: BREACHED });
    expect(refusal(reply)).toBe(refused('password'));
    const page = await world.client().form('/register', { email, password: BREACHED, consent: 'yes' });
    expect(page.status).toBe(400);
    expect(await world.mails(email)).toEqual([]);
    decode.token(await world.register(world.client(), { email, password: GOOD }));
  });

  it('are refused on resetting, by the API and on the page, and the token stays good [A05]', async () => {
    const { email } = await world.person();
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
    const { token } = await world.newestMail(email, 'password_reset');
    const reset = (password: string) => world.client().post('/v1/auth/reset', { token, password });
    expect(refusal(await reset(BREACHED))).toBe(refused('password'));
    expect((await world.client().form('/reset', { token, password: BREACHED })).status).toBe(400);
    decode.token(await login(email, PASSWORD));
    decode.token(await reset(GOOD));
  });

  it('are refused on changing, and the session stays [A05]', async () => {
    const { client, email } = await world.person();
    const change = (password: string) =>
      client.patch('/v1/users/@me', { new_password: password, password: PASSWORD });
    expect(refusal(await change(BREACHED))).toBe(refused('new_password'));
    decode.token(await login(email, PASSWORD));
    decode.user(await change(GOOD));
  });

  it('still open the account that has one', async () => {
    const { client, email } = await world.person();
    const mine = 'mine since long before';
    const reply = await client.patch('/v1/users/@me', { new_password: mine, password: PASSWORD });
    decode.user(reply);
    service.breach(mine);
    decode.token(await login(email, mine));
  });

  it('are taken while nobody can be asked, with a line in the log that names the setting', async () => {
    service.mood = 'error';
    decode.token(await world.register(world.client(), { password: 'breached, but who knows' }));
    expect(world.logLines.some((line) => line.includes('breached_passwords_url'))).toBe(true);
    expect(world.logLines.some((line) => line.includes('but who knows'))).toBe(false);
    service.mood = 'good';
  });

  it('is a question that gives five characters away', () => {
    expect(service.asked.length).toBeGreaterThan(0);
    for (const { path } of service.asked) expect(path).toMatch(/^\/range\/[0-9A-F]{5}$/);
  });
});
