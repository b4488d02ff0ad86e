import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';
import { writeMmdb } from '../../testing/mmdb.ts';

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

describe.each(DIALECTS)('places with a file of the operator, on %s', (dialect) => {
  let folder: string;
  let path: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluxgate-places-'));
    path = join(folder, 'city.mmdb');
    const berlin = {
      city: { names: { en: 'Berlin' } },
      country: { iso_code: 'DE', names: { en: 'Germany' } },
      subdivisions: [{ iso_code: 'BE', names: { en: 'State of Berlin' } }],
    };
    writeFileSync(path, writeMmdb({ records: { '203.0.113.0/24': berlin, '2001:db8::/32': berlin } }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are named in the list of sessions, and in what asks for a hand-off', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_GEOIP_MAXMIND_DB_PATH: path } });
    try {
      const location = { city: 'Berlin', region: 'State of Berlin', country: 'Germany' };
      const client = world.client('2001:db8::7');
      client.token = decode.token(await world.register(client)).token;
      const [session] = decode.sessions(await client.get('/v1/auth/sessions'));
      expect(session?.client_info).toMatchObject({ location });
      const { id } = decode.user(await client.get('/v1/users/@me'));
      expect(await world.instance.places.list(id)).toMatchObject([
        { key: 'geo:DE/BE/Berlin', label: location },
      ]);

      const app = world.client('203.0.113.5');
      const { code } = decode.handoff(await app.post('/v1/auth/handoff/initiate'));
      const info = await client.get(`/v1/auth/handoff/${code}/info`);
      expect(info.json).toMatchObject({ client_info: { location } });

      const unknown = world.client('198.51.100.5');
      unknown.token = decode.token(await world.register(unknown)).token;
      const [nowhere] = decode.sessions(await unknown.get('/v1/auth/sessions'));
      expect(nowhere?.client_info).toMatchObject({ location: null });
    } finally {
      await world.close();
    }
  });

  it('stop the start when the file is none, and say which setting names it', async () => {
    const broken = join(folder, 'broken.mmdb');
    writeFileSync(broken, 'no such file');
    const starting = createWorld({
      dialect: 'sqlite',
      database: { databaseUrl: '', dataDir: folder },
      env: { FLUXGATE_GEOIP_MAXMIND_DB_PATH: broken },
    });
    await expect(starting).rejects.toThrow(/^geoip\.maxmind_db_path names .*broken\.mmdb/);
  });
});
