import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';
import { createPushService, type PushService, vapidClaims } from '../../testing/push-service.ts';
import { createFactorKit, type Person } from '../../testing/second-factors.ts';

const PATH = '/v1/users/@me/push/subscriptions';
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const REFUSED = '400 INVALID_FORM_BODY endpoint:INVALID_FORMAT';
const OTHER_PASSWORD = 'battery staple correct horse';

describe.each(DIALECTS)('web push on %s', (dialect) => {
  let world: World;
  let service: PushService;
  beforeAll(async () => {
    service = await createPushService();
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await world.close();
    await service.close();
  });

  const worker = () => world.instance.deliveries.pushWorker;
  const rows = () => world.instance.storage.db.selectFrom('push_subscription').selectAll().execute();
  const listed = async ({ client }: Person) =>
    ((await client.get(PATH)).json as { subscriptions: { id: string }[] }).subscriptions;

  async function optedIn(person: Person) {
    const device = service.device();
    const reply = await person.client.post(PATH, device.subscription, { 'user-agent': 'A browser' });
    expect(reply.status, reply.text).toBe(200);
    const { id } = reply.json as { id: string };
    return { ...device, id };
  }

  async function changePassword({ client }: Person, from = PASSWORD, to = OTHER_PASSWORD) {
    const reply = await client.patch('/v1/users/@me', { password: from, new_password: to });
    expect(reply.status, reply.text).toBe(200);
    client.token = reply.headers.get('x-fluxer-session-token') ?? client.token;
    await worker().settled();
  }

  it('tells each device that wants it, once, and encrypted for it alone [A12]', async () => {
    const person = await world.person();
    const devices = [await optedIn(person), await optedIn(person)];
    const stranger = await world.person();
    const silent = await optedIn(stranger);
    await changePassword(person);
    for (const device of devices) {
      expect(device.messages()).toEqual([
        { title: 'Your password was changed', body: world.config.siteName },
      ]);
      const [{ headers, method, body } = { headers: {}, method: '', body: Buffer.alloc(0) }] = device.raw();
      expect(method).toBe('POST');
      expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high' });
      expect(body.toString('latin1')).not.toContain('password');
    }
    expect(silent.messages()).toEqual([]);
    const mails = (await world.mails(person.email)).filter(({ kind }) => kind === 'password_changed');
    expect(mails).toHaveLength(1);
  });

  it('is signed with the key that discovery shows, for the service it goes to', async () => {
    const person = await world.person();
    const device = await optedIn(person);
    await createFactorKit(world).totp(person);
    await worker().settled();
    const { key, claims } = vapidClaims(device.raw()[0]?.headers.authorization ?? '');
    const discovery = await world.direct.get('/.well-known/fluxer');
    expect(discovery.json).toMatchObject({ push: { public_vapid_key: key } });
    expect(claims).toMatchObject({ aud: service.origin, sub: expect.stringMatching(/^mailto:.+@/) });
  });

  it('keeps what a device is reached by sealed, and tells it to nobody', async () => {
    const person = await world.person();
    const { path, subscription } = await optedIn(person);
    const stored = JSON.stringify(await rows());
    const told = (await person.client.get(PATH)).text;
    for (const secret of [path, subscription.keys.p256dh, subscription.keys.auth]) {
      expect(stored).not.toContain(secret);
      expect(told).not.toContain(secret);
      expect(world.logLines.join('')).not.toContain(secret);
    }
    expect(told).toContain('A browser');
  });

  it('goes to whoever used a device last, and to nobody once it is taken off the list', async () => {
    const [first, second] = [await world.person(), await world.person()];
    const device = await optedIn(first);
    await second.client.post(PATH, device.subscription);
    expect(await listed(first)).toEqual([]);
    const [{ id } = { id: '' }] = await listed(second);
    await changePassword(first);
    expect(device.messages()).toEqual([]);
    // Nobody takes somebody else's device off.
    decode.empty(await first.client.send(`${PATH}/${id}`, { method: 'DELETE' }));
    expect(await listed(second)).toHaveLength(1);
    decode.empty(await second.client.send(`${PATH}/${id}`, { method: 'DELETE' }));
    decode.empty(await second.client.send(`${PATH}/${id}`, { method: 'DELETE' }));
    await changePassword(second);
    expect(device.messages()).toEqual([]);
  });

  it('keeps the newest twenty devices', async () => {
    const person = await world.person();
    const ids: string[] = [];
    for (let index = 0; index < 22; index++) {
      world.clock.advance(SECOND);
      ids.push((await optedIn(person)).id);
    }
    expect((await listed(person)).map(({ id }) => id)).toEqual(ids.reverse().slice(0, 20));
  });

  it('needs a session', async () => {
    const { subscription } = service.device();
    const nobody = world.client();
    expect(refusal(await nobody.get(PATH))).toBe('401 UNAUTHORIZED');
    expect(refusal(await nobody.post(PATH, subscription))).toBe('401 UNAUTHORIZED');
    expect(refusal(await nobody.send(`${PATH}/x`, { method: 'DELETE' }))).toBe('401 UNAUTHORIZED');
  });

  it.each([404, 410])('forgets a device whose service answers %s', async (status) => {
    const person = await world.person();
    const device = await optedIn(person);
    service.behave(device, status);
    await changePassword(person);
    expect(await listed(person)).toEqual([]);
    await changePassword(person, OTHER_PASSWORD, PASSWORD);
    expect(device.raw()).toHaveLength(1);
  });

  it('tries again later after a 500, follows no redirect, and arrives once [L04, L05]', async () => {
    const person = await world.person();
    const target = service.device();
    const [broken, bent, good] = [await optedIn(person), await optedIn(person), await optedIn(person)];
    service.behave(broken, 500);
    service.behave(bent, { redirectTo: target.subscription.endpoint });
    await changePassword(person);
    expect(good.messages()).toHaveLength(1);
    expect(target.raw()).toEqual([]);
    service.behave(broken, 201);
    service.behave(bent, 201);
    world.clock.advance(14 * SECOND);
    worker().wake();
    await worker().settled();
    expect(broken.raw()).toHaveLength(1);
    world.clock.advance(2 * SECOND);
    worker().wake();
    await worker().settled();
    for (const device of [broken, bent]) expect(device.raw()).toHaveLength(2);
    world.clock.advance(HOUR);
    worker().wake();
    await worker().settled();
    for (const device of [broken, bent, good]) expect(device.raw().length).toBeLessThanOrEqual(2);
    expect((await rows()).filter(({ user_id }) => user_id === person.userId)).toMatchObject(
      Array(3).fill({ failures: 0 }),
    );
  });

  it('forgets a device whose service fails twenty times in a row', async () => {
    const person = await world.person();
    const device = await optedIn(person);
    service.behave(device, 503);
    await changePassword(person);
    for (let tries = 1; tries < 20; tries++) {
      expect(await listed(person)).toHaveLength(1);
      world.clock.advance(HOUR);
      worker().wake();
      await worker().settled();
      await expect.poll(() => device.raw().length).toBe(tries + 1);
    }
    await expect.poll(() => listed(person)).toEqual([]);
  });

  it('keeps nobody waiting for a service that hangs: neither sign-ins nor mail [L05]', async () => {
    const person = await world.person();
    for (let index = 0; index < 8; index++) service.behave(await optedIn(person), 'hang');
    const reply = await person.client.patch('/v1/users/@me', {
      password: PASSWORD,
      new_password: OTHER_PASSWORD,
    });
    expect(reply.status).toBe(200);
    const before = performance.now();
    expect((await world.mails(person.email)).map(({ kind }) => kind)).toContain('password_changed');
    await world.person();
    expect(performance.now() - before).toBeLessThan(4_500);
  });

  it('stops where the account is no longer in the right hands', async () => {
    const person = await world.person();
    await optedIn(person);
    await createFactorKit(world).totp(person);
    const { token } = await world.newestMail(person.email, 'factor_enrolled');
    expect((await world.client().form('/not-me', { token })).status).toBe(200);
    expect((await rows()).filter(({ user_id }) => user_id === person.userId)).toEqual([]);
  });

  const keys = () => service.device().subscription.keys;
  it.each([
    ['no address', 'not an address'],
    ['plain http elsewhere', 'http://push.example.com/x'],
    ['another scheme', 'file:///etc/passwd'],
    ['another port', 'https://push.example.com:8443/x'],
    ['a name and password', 'https://user:pass@push.example.com/x'],
    ['a private address', 'https://10.0.0.1/x'],
    ['a private address in hex', 'https://0xa9fea9fe/x'],
    ['a link-local address', 'https://169.254.169.254/latest'],
    ['a mapped address', 'https://[::ffff:192.168.0.1]/x'],
    ['a unique local address', 'https://[fd00::1]/x'],
    ['more than 2,048 characters', `https://push.example.com/${'x'.repeat(2_048)}`],
  ])('refuses %s as a place to send to [L04]', async (_what, endpoint) => {
    const { client } = await world.person();
    const answer = refusal(await client.post(PATH, { endpoint, keys: keys() }));
    expect(answer.replace('STRING_LENGTH_INVALID', 'INVALID_FORMAT')).toBe(REFUSED);
    expect((await client.get(PATH)).json).toEqual({ subscriptions: [] });
  });

  it('refuses keys that nothing can be encrypted for', async () => {
    const { client } = await world.person();
    const { endpoint, keys: good } = service.device().subscription;
    const offCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url');
    for (const bad of [{ p256dh: offCurve }, { p256dh: good.auth }, { auth: good.p256dh.slice(0, 20) }])
      expect(refusal(await client.post(PATH, { endpoint, keys: { ...good, ...bad } }))).toBe(REFUSED);
    expect((await client.post(PATH, { endpoint })).status).toBe(400);
    expect((await client.get(PATH)).json).toEqual({ subscriptions: [] });
  });

  it('has one key for all starts and nodes, sealed where it lies', async () => {
    const { databaseUrl, dataDir, clock } = world;
    const { publicKey } = world.instance.pushDevices;
    const [stored] = await world.instance.storage.db.selectFrom('vapid_key').selectAll().execute();
    expect(Buffer.from(stored?.private_sealed ?? '', 'base64url').length).toBeGreaterThan(43);
    if (dialect === 'sqlite') return;
    const second = await createWorld({ dialect, clock, database: { databaseUrl, dataDir } });
    expect(second.instance.pushDevices.publicKey).toBe(publicKey);
    await second.close();
  });
});

describe('web push of a server that is reached from elsewhere', () => {
  it('calls nothing on its own machine [L04]', async () => {
    const service = await createPushService();
    const world = await createWorld({
      dialect: 'sqlite',
      env: { FLUXGATE_PUBLIC_URL: 'https://login.example.com', FLUXGATE_DEV_MAILBOX: 'on' },
    });
    try {
      const { client } = await world.person();
      const { endpoint, keys } = service.device().subscription;
      for (const one of [endpoint, 'https://localhost/x', 'https://127.0.0.1/x', 'https://[::1]/x']) {
        const reply = await client.post(PATH, { endpoint: one, keys });
        // A name is judged when it is looked up, and then not called.
        expect(reply.status).toBe(one.includes('localhost') ? 200 : 400);
      }
      const changed = { password: PASSWORD, new_password: OTHER_PASSWORD };
      expect((await client.patch('/v1/users/@me', changed)).status).toBe(200);
      await world.instance.deliveries.pushWorker.settled();
      expect(service.received).toEqual([]);
      const { db } = world.instance.storage;
      const waiting = await db.selectFrom('outbox').selectAll().where('channel', '=', 'push').execute();
      expect(waiting).toMatchObject([{ channel: 'push', last_error: 'FORBIDDEN_ADDRESS' }]);
    } finally {
      await world.close();
      await service.close();
    }
  });
});
