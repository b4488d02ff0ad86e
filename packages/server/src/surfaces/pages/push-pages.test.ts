import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';
import { createPushService, type PushService } from '../../testing/push-service.ts';

const PATH = '/account/notices';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe.each(DIALECTS)('the page of notices on %s', (dialect) => {
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

  async function signedIn() {
    const { email, userId } = await world.person();
    const client = world.client();
    const { headers } = await client.form('/login', { email, password: PASSWORD });
    const cookie = headers.getSetCookie().find((line) => /^fluxgate=./.test(line)) ?? '';
    return { client, userId, headers: { cookie: cookie.split(';')[0] ?? '', 'user-agent': FIREFOX } };
  }

  const formOf = ({ endpoint, keys }: { endpoint: string; keys: { p256dh: string; auth: string } }) => ({
    endpoint,
    ...keys,
  });

  it('adds a device, names it, and takes it off again without script', async () => {
    const { client, userId, headers } = await signedIn();
    const { subscription } = service.device();
    expect((await client.get(PATH, headers)).text).toContain(world.instance.pushDevices.publicKey);
    const added = await client.form(PATH, formOf(subscription), headers);
    expect([added.status, added.headers.get('location')]).toEqual([303, `${PATH}?done=added`]);
    const { text } = await client.get(PATH, headers);
    expect(text).toContain('Firefox · Linux');
    expect(text).not.toContain(subscription.endpoint);
    const [device] = await world.instance.pushDevices.list(userId);
    const removed = await client.form(`${PATH}/remove`, { device: device?.id ?? '' }, headers);
    expect(removed.status).toBe(303);
    expect(await world.instance.pushDevices.list(userId)).toEqual([]);
  });

  it('refuses what is no place to send to, and says so', async () => {
    const { client, userId, headers } = await signedIn();
    const subscription = { ...service.device().subscription, endpoint: 'https://10.0.0.1/x' };
    const reply = await client.form(PATH, formOf(subscription), headers);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('There is a problem');
    expect((await client.form(PATH, {}, headers)).status).toBe(400);
    expect(await world.instance.pushDevices.list(userId)).toEqual([]);
  });

  it('is for whoever is signed in, and takes no form of another site [I03]', async () => {
    const { client, userId, headers } = await signedIn();
    const { subscription } = service.device();
    const nobody: [Client, Record<string, string>] = [world.client(), {}];
    expect((await nobody[0].get(PATH)).headers.get('location')).toMatch(/^\/login/);
    expect((await nobody[0].form(PATH, formOf(subscription))).headers.get('location')).toMatch(/^\/login/);
    const foreign = { ...headers, origin: 'https://evil.example' };
    expect((await client.form(PATH, formOf(subscription), foreign)).status).toBe(403);
    expect(await world.instance.pushDevices.list(userId)).toEqual([]);
  });

  it('serves its worker from the root, as a script and under the policy of all pages [I02]', async () => {
    const { status, headers, text } = await world.client().get('/push-worker.js');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('showNotification');
  });
});
