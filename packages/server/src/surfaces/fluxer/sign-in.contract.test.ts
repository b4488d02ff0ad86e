import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

describe.each(DIALECTS)('register and log in on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  it('registers, confirms by mail, signs in, tells who I am, signs out', async () => {
    const { client } = await world.person();
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    expect((await client.post('/v1/auth/logout')).status).toBe(204);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
  });
});
