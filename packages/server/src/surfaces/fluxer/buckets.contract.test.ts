import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, type Reply, type World } from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Contract 7.2. The bodies are refused after the bucket and before any counter. */
const BUCKETS: [string, string, number, number, ('session' | 'nobody')?][] = [
  ['POST', '/v1/auth/register', 10, 10 * SECOND],
  ['POST', '/v1/auth/username-suggestions', 10, 10 * SECOND],
  ['POST', '/v1/auth/login', 10, 10 * SECOND],
  ['POST', '/v1/auth/logout', 20, 10 * SECOND],
  ['GET', '/v1/auth/sessions', 40, 10 * SECOND, 'session'],
  ['POST', '/v1/auth/sessions/logout', 20, 10 * SECOND, 'session'],
  ['POST', '/v1/auth/forgot', 5, MINUTE],
  ['POST', '/v1/auth/reset', 10, MINUTE],
  ['GET', '/v1/auth/reset/none', 20, MINUTE],
  ['POST', '/v1/auth/verify', 10, MINUTE],
  ['POST', '/v1/auth/verify/resend', 10, MINUTE, 'session'],
  ['POST', '/v1/auth/handoff/initiate', 10, MINUTE],
  ['POST', '/v1/auth/handoff/complete', 10, MINUTE],
  ['DELETE', '/v1/auth/handoff/none', 10, MINUTE],
  ['DELETE', '/v1/users/@me/authorized-ips', 10, MINUTE, 'session'],
  ['POST', '/v1/auth/email-revert', 10, MINUTE],
  ['POST', '/v1/users/@me/email-change/resend-original', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/verify-original', 20, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/request-new', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/resend-new', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/verify-new', 20, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/bounced/request-new', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/bounced/resend-new', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/email-change/bounced/verify-new', 20, MINUTE, 'session'],
  ['POST', '/v1/users/@me/password-change/resend', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/password-change/verify', 20, MINUTE, 'session'],
  ['POST', '/v1/users/@me/password-change/complete', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/disable', 5, HOUR, 'session'],
  ['POST', '/v1/users/@me/delete', 5, HOUR, 'session'],
  ['GET', '/v1/users/@me', 40, 10 * SECOND, 'session'],
  ['PATCH', '/v1/users/@me', 20, MINUTE, 'session'],
  ['POST', '/v1/users/@me/mfa/totp/enable', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/mfa/totp/disable', 10, MINUTE, 'session'],
  ['POST', '/v1/users/@me/mfa/backup-codes', 6, MINUTE, 'session'],
  ['GET', '/v1/users/@me/mfa/webauthn/credentials', 40, 10 * SECOND, 'session'],
  ['POST', '/v1/users/@me/mfa/webauthn/credentials/registration-options', 20, 10 * SECOND, 'session'],
  ['POST', '/v1/users/@me/mfa/webauthn/credentials', 10, MINUTE, 'session'],
  ['PATCH', '/v1/users/@me/mfa/webauthn/credentials/none', 20, 10 * SECOND, 'session'],
  ['DELETE', '/v1/users/@me/mfa/webauthn/credentials/none', 10, MINUTE, 'session'],
  // 0.6: the bucket comes before the question who it is. (Nothing in a body keeps these two from counting mails.)
  ['POST', '/v1/users/@me/email-change/start', 10, MINUTE],
  ['POST', '/v1/users/@me/password-change/start', 10, MINUTE],
  ['GET', '/v1/auth/sessions', 40, 10 * SECOND],
  ['POST', '/v1/auth/verify/resend', 10, MINUTE],
];

const isLimited = (reply: Reply) => reply.status === 429;

describe.each(DIALECTS)('traffic buckets on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  const burst = (count: number, send: () => Promise<Reply>) =>
    Promise.all(Array.from({ length: count }, send));

  it.each(BUCKETS)(
    '%s %s lets %d through in %d ms and then says when to come again',
    async (method, path, limit, windowMs, who) => {
      const client = who === 'session' ? (await world.person()).client : world.client();
      const send = () => client.send(path, { method, ...(method !== 'GET' && { body: '{"password":7}' }) });
      const startedAt = performance.now();
      const replies = await burst(limit + 6, send);
      // Where the machine stalled for long, all of them may have leaked through.
      while (!replies.some(isLimited)) replies.push(await send());
      const leaked = Math.floor((performance.now() - startedAt) / (windowMs / limit)) + 1;

      const passed = replies.filter((reply) => !isLimited(reply));
      expect(passed.length).toBeGreaterThanOrEqual(limit);
      expect(passed.length).toBeLessThanOrEqual(limit + leaked);
      for (const { headers } of passed) {
        expect(headers.get('x-ratelimit-limit')).toBe(String(limit));
        expect(Number(headers.get('x-ratelimit-remaining'))).toBeGreaterThanOrEqual(0);
        expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(limit);
        expect(headers.get('x-ratelimit-reset')).toMatch(/^\d{10}$/);
        expect(headers.has('retry-after')).toBe(false);
      }

      const refused = replies.filter(isLimited);
      for (const reply of refused) {
        expect(refusal(reply)).toBe('429 RATE_LIMITED');
        const { retry_after, global } = reply.json as { retry_after: number; global: boolean };
        expect(global).toBe(false);
        expect(retry_after).toBeGreaterThan(0);
        expect(retry_after * 1000).toBeLessThanOrEqual(windowMs / limit + 1);
        expect(reply.headers.get('retry-after')).toBe(String(Math.max(1, Math.ceil(retry_after))));
        expect(reply.headers.get('x-ratelimit-limit')).toBe(String(limit));
        expect(reply.headers.get('x-ratelimit-remaining')).toBe('0');
        expect(Number(reply.headers.get('x-ratelimit-reset'))).toBeGreaterThan(world.clock.now() / 1000);
        expect(reply.headers.get('x-ratelimit-global')).toBe('false');
      }
    },
  );

  it('count every address by itself, and a /64 of IPv6 as one [D12, bug 61]', async () => {
    const tries = async (addresses: string[]) => {
      const clients = addresses.map((address) => world.client(address));
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (clients[index % clients.length] as Client).post('/v1/auth/forgot', {}),
        ),
      );
      return replies.filter(isLimited).length;
    };
    expect(await tries(['203.0.113.7'])).toBe(7);
    expect(await tries(['203.0.113.8', '203.0.113.9', '203.0.113.10'])).toBe(0);
    expect(await tries(['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:0DB8:1:2:0:0:0:3'])).toBe(7);
    expect(await tries(['::ffff:198.51.100.1', '198.51.100.1', '::FFFF:C633:6401'])).toBe(7);
    expect(await tries(['2001:db8:1:3::1', '2001:db8:1:4::1', '2001:db8:2:2::1'])).toBe(0);
  });

  it('count a user by himself, from wherever and beside his address', async () => {
    const { client } = await world.person();
    const elsewhere = world.client();
    elsewhere.token = client.token;
    const send = (sender: Client) => sender.patch('/v1/users/@me', { bio: 7 });
    const replies = await Promise.all([
      ...(await burst(12, () => send(client))),
      ...(await burst(12, () => send(elsewhere))),
    ]);
    expect(replies.filter(isLimited).length).toBeGreaterThanOrEqual(3);
    const neighbour = world.client(client.address);
    expect(refusal(await neighbour.patch('/v1/users/@me', { bio: 7 }))).toBe('401 UNAUTHORIZED');
  });

  it('are one for registering and asking for suggestions', async () => {
    const client = world.client();
    await burst(12, () => client.post('/v1/auth/username-suggestions', {}));
    expect(refusal(await client.post('/v1/auth/register', {}))).toBe('429 RATE_LIMITED');
    expect((await client.post('/v1/auth/login', {})).status).toBe(400);
  });

  it('are one for both ways to complete a hand-off', async () => {
    const client = world.client();
    await burst(12, () => client.post('/v1/auth/handoff/none/complete', {}));
    expect(refusal(await client.post('/v1/auth/handoff/complete', {}))).toBe('429 RATE_LIMITED');
    const { headers } = await client.get('/v1/auth/handoff/none/status');
    expect(headers.get('x-ratelimit-limit')).toBe('60');
  });

  it('are not dodged by another way to write the path [I07, bug 61]', async () => {
    const client = world.client();
    await burst(8, () => client.post('/v1/auth/forgot', {}));
    for (const path of ['/v1/auth/forgot?x=1', '/v1/auth/forg%6ft', '/v1/auth/forgot#x']) {
      expect([429, 404]).toContain((await client.post(path, {})).status);
    }
  });

  it('let one caller make 50 requests a second in all, and end no session beyond [N10]', async () => {
    const { client, userId } = await world.person();
    const paths = ['/v1/users/@me', '/v1/auth/sessions', '/v1/auth/reset/none'];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, index) => client.get(paths[index % paths.length] ?? '')),
    );
    const global = replies.filter((reply) => reply.headers.get('x-ratelimit-global') === 'true');
    expect(global.length).toBeGreaterThan(0);
    for (const reply of global) {
      expect(refusal(reply)).toBe('429 RATE_LIMITED');
      expect(reply.json).toMatchObject({ global: true });
      expect(reply.headers.get('x-ratelimit-limit')).toBe('50');
    }
    const session = await world.instance.sessions.find(client.token ?? '', 'fluxer');
    expect(session?.userId).toBe(userId);
    expect((await world.client().get('/v1/_health')).status).toBe(200);
  });

  it.each([
    ['GET', '/v1/nothing'],
    ['POST', '/v1/auth/sessions'],
    ['OPTIONS', '/v1/auth/login'],
  ])('count what is not there as well: %s %s', async (method, path) => {
    const client = world.client();
    const replies = await burst(300, () => client.send(path, { method }));
    const found = new Set(replies.map(refusal));
    expect(found).toEqual(new Set(['404 NOT_FOUND', '429 RATE_LIMITED']));
    for (const reply of replies.filter(isLimited)) {
      expect(reply.json).toMatchObject({ global: true });
      expect(reply.headers.get('x-ratelimit-global')).toBe('true');
    }
    const passed = replies.filter((reply) => !isLimited(reply));
    expect(passed.length).toBeGreaterThanOrEqual(50);
    expect(refusal(await world.client().send(path, { method }))).toBe('404 NOT_FOUND');
  });

  it('leave the health check to load balancers, as often as they ask', async () => {
    const replies = await burst(300, () => world.client('203.0.113.77').get('/v1/_health'));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('count down', async () => {
    const client = world.client();
    const remaining: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { headers } = await client.post('/v1/auth/forgot', {});
      remaining.push(Number(headers.get('x-ratelimit-remaining')));
    }
    expect(remaining).toEqual([4, 3, 2, 1, 0]);
  });
});

describe('rate_limits: off', () => {
  it('switches the buckets off and says so in no header that would mislead', async () => {
    const world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    try {
      const { client } = await world.person();
      const replies = await Promise.all(Array.from({ length: 120 }, () => client.get('/v1/users/@me')));
      for (const reply of replies) {
        decode.user(reply);
        expect(reply.headers.get('x-ratelimit-remaining')).not.toBe('0');
      }
    } finally {
      await world.close();
    }
  });
});
