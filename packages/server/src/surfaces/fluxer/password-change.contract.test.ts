import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const NEW_PASSWORD = 'an entirely different phrase';

describe.each(DIALECTS)('a change of password over PATCH /users/@me on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  it('changes all that the request asks for, or nothing of it', async () => {
    const { client } = await world.person({ username: 'before' });
    const refused = await client.patch('/v1/users/@me', {
      username: 'after',
      bio: 'also changed',
      new_password: 'password123',
      password: PASSWORD,
    });
    expect(refused.status).toBe(400);
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ username: 'before', bio: null });
    const taken = await client.patch('/v1/users/@me', {
      username: 'after',
      new_password: NEW_PASSWORD,
      password: PASSWORD,
    });
    expect(taken.status).toBe(200);
    expect(taken.json).toMatchObject({ username: 'after' });
    client.token = taken.headers.get('x-fluxer-session-token');
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ username: 'after' });
  });

  it('claims an unclaimed account and keeps its session', async () => {
    const client = world.client();
    const body = { date_of_birth: '1990-01-01', consent: true };
    const { json } = await client.post('/v1/auth/register', body);
    client.token = (json as { token: string }).token;
    const claimed = await client.patch('/v1/users/@me', { new_password: NEW_PASSWORD });
    expect(claimed.status).toBe(200);
    expect(claimed.headers.get('x-fluxer-session-token')).toBeNull();
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    // From now on it is somebody's, and sensitive acts ask for the proof.
    expect((await client.patch('/v1/users/@me', { username: 'claimed' })).json).toMatchObject({
      code: 'SUDO_MODE_REQUIRED',
    });
  });
});

describe.each(DIALECTS)('the counters by address on %s', (dialect) => {
  it('take an IPv4 address for itself and an IPv6 one for its /64 [D12, K01]', async () => {
    const world = await createWorld({ dialect });
    const register = async (address: string) => {
      const client = world.client(address);
      return (await world.register(client, { email: newEmail() })).status;
    };
    for (let host = 1; host <= 5; host++) expect(await register('203.0.113.1')).toBe(200);
    expect(await register('203.0.113.1')).toBe(429);
    expect(await register('203.0.113.2')).toBe(200);
    for (let host = 1; host <= 5; host++) expect(await register(`2001:db8:0:1::${host}`)).toBe(200);
    expect(await register('2001:db8:0:1:ffff::9')).toBe(429);
    expect(await register('2001:db8:0:2::1')).toBe(200);
    await world.close();
  });
});
