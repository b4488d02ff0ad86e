import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const PATH = '/v1/users/@me/authorized-ips';

describe.each(DIALECTS)('the places a user may sign in from, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const keysOf = async (userId: string) => (await world.instance.places.list(userId)).map(({ key }) => key);
  const networkOf = (address: string) => address.replace(/\.\d+$/, '.0/24');

  it('begin with the one they registered from', async () => {
    const client = world.client();
    const { json } = await world.register(client);
    const { user_id: userId } = json as { user_id: string };
    expect(await keysOf(userId)).toEqual([networkOf(client.address)]);
  });

  it('begin with none where registering was refused', async () => {
    const before = await world.instance.storage.db.selectFrom('authorised_place').selectAll().execute();
    const { email } = await world.person();
    const reply = await world.register(world.client(), { email });
    expect(reply.status).toBe(400);
    const after = await world.instance.storage.db.selectFrom('authorised_place').selectAll().execute();
    expect(after).toHaveLength(before.length + 1);
  });

  it('are forgotten, all of them, after a fresh proof, and only the own ones', async () => {
    const { client, userId } = await world.person();
    const other = await world.person();
    decode.empty(await client.send(PATH, { method: 'DELETE', body: { password: PASSWORD } }));
    expect(await keysOf(userId)).toEqual([]);
    expect(await keysOf(other.userId)).toHaveLength(1);
    // The session that asked lives on.
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    decode.empty(await client.send(PATH, { method: 'DELETE', body: { password: PASSWORD } }));
    const records = await world.instance.storage.db
      .selectFrom('audit_record')
      .selectAll()
      .where('event', '=', 'places.forgotten')
      .where('user_id', '=', userId)
      .execute();
    expect(records).toHaveLength(1);
  });

  it('are not forgotten without a session or without the proof [D08]', async () => {
    const { client, userId } = await world.person();
    const { direct } = world;
    expect(refusal(await direct.send(PATH, { method: 'DELETE', body: { password: PASSWORD } }))).toBe(
      '401 UNAUTHORIZED',
    );
    expect(refusal(await client.send(PATH, { method: 'DELETE' }))).toBe('403 SUDO_MODE_REQUIRED');
    const wrong = await client.send(PATH, { method: 'DELETE', body: { password: 'not the password' } });
    expect(refusal(wrong)).toBe('400 INVALID_FORM_BODY password:INVALID_PASSWORD');
    expect(await keysOf(userId)).toHaveLength(1);
  });
});
