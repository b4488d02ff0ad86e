import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callersOf, createWorld, DIALECTS, type World } from '../../testing/index.ts';

describe.each(DIALECTS)("/auth/verify with a header of Flecto's own on %s", (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_FLECTO_HEADER_NAME: 'X-Flecto-Auth' },
    });
  });
  afterAll(() => world.close());

  const verify = async (headers: Record<string, string>) => {
    const reply = await world.client().get('/auth/verify', headers);
    return reply.status === 200 ? reply.headers.get('x-auth-method') : reply.status;
  };

  it('reads those tokens there alone, and lets it outrank the common one', async () => {
    const callers = callersOf(world);
    const token = `Bearer ${(await callers.token()).secret}`;
    const person = await world.person();
    const fluxer = person.client.token ?? '';
    const basic = `Basic ${Buffer.from('a:b').toString('base64')}`;
    expect(await verify({ 'x-flecto-auth': token })).toBe('token');
    expect(await verify({ authorization: token })).toBe(401);
    expect(await verify({ 'x-flecto-auth': fluxer })).toBe(401);
    expect(await verify({ authorization: fluxer })).toBe('session');
    // What stands in the common header may be meant for the service behind the proxy.
    expect(await verify({ 'x-flecto-auth': token, authorization: basic })).toBe('token');
    expect(await verify({ 'x-flecto-auth': 'Bearer x', authorization: fluxer })).toBe(401);
    expect(await verify({ authorization: basic })).toBe(401);
  });
});
