import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  ManualClock,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WRONG_PASSWORD = 'quite another horse battery';
const WRONG = '400 INVALID_FORM_BODY email:INVALID_EMAIL_OR_PASSWORD password:INVALID_EMAIL_OR_PASSWORD';
const LIMITED = '429 RATE_LIMITED';

/** A limit told by a counter and not by a bucket: it asks to wait until the counter's window is over. */
function expectLimited(reply: Reply, windowMs: number, now: number): void {
  expect(refusal(reply)).toBe(LIMITED);
  const { retry_after, global } = reply.json as { retry_after: number; global: boolean };
  expect(global).toBe(false);
  expect(retry_after).toBeGreaterThan(60);
  expect(retry_after).toBeLessThanOrEqual(windowMs / 1000);
  const seconds = Math.ceil(retry_after);
  expect(reply.headers.get('retry-after')).toBe(String(seconds));
  // A client that paces itself by these headers alone must wait as long (contract 5.6).
  expect(reply.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(reply.headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(now / 1000 + seconds)));
  expect(reply.headers.has('set-cookie')).toBe(false);
}

describe.each(DIALECTS)('counters that guard a guess on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  /** Buckets count signed-in callers by user and these counters by address, so that their tokens tell the two apart. */
  let tokens: string[];
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
    tokens = [];
    for (let round = 0; round < 5; round++) tokens.push((await world.person()).client.token ?? '');
  });
  afterAll(() => world.close());

  const login = (client: Client, email: string, password = WRONG_PASSWORD) =>
    client.post('/v1/auth/login', { email, password });

  it('lets one address be tried five times in 15 minutes, from wherever and in whatever letter case [K01, bug 66]', async () => {
    const { email } = await world.person();
    clock.advance(15 * MINUTE + 1);
    const spellings = [email, email.toUpperCase(), ` ${email}`, email.replace('user', 'UsEr'), `${email}\t`];
    for (const spelling of spellings) expect(refusal(await login(world.client(), spelling))).toBe(WRONG);
    expectLimited(await login(world.client(), email), 15 * MINUTE, clock.now());
    // The right password opens nothing either: else a limit would be an oracle.
    expectLimited(await login(world.client(), email.toUpperCase(), PASSWORD), 15 * MINUTE, clock.now());
    clock.advance(15 * MINUTE - 1_000);
    expect(refusal(await login(world.client(), email))).toBe(LIMITED);
    clock.advance(2_000);
    decode.token(await login(world.client(), email, PASSWORD));
  });

  it('counts an unknown address just so [A09]', async () => {
    const email = newEmail();
    for (let round = 0; round < 5; round++) expect(refusal(await login(world.client(), email))).toBe(WRONG);
    expectLimited(await login(world.client(), email), 15 * MINUTE, clock.now());
  });

  it('lets one place try ten times in 30 minutes, whomever it tries', async () => {
    const client = world.client();
    for (let round = 0; round < 10; round++) {
      client.token = tokens[round % tokens.length] ?? null;
      expect(refusal(await login(client, newEmail()))).toBe(WRONG);
    }
    client.token = tokens[0] ?? null;
    expectLimited(await login(client, newEmail()), 30 * MINUTE, clock.now());
    expect(refusal(await login(world.client(), newEmail()))).toBe(WRONG);
    clock.advance(30 * MINUTE + 1);
    expect(refusal(await login(client, newEmail()))).toBe(WRONG);
  });

  it('takes the addresses of one /64 for one place, however they are written [D12, bug 61]', async () => {
    const spellings = [
      '2001:db8:a:b::1',
      '2001:DB8:A:B::2',
      '2001:0db8:000a:000b:1:2:3:4',
      '2001:db8:a:b:ffff::',
    ];
    for (let round = 0; round < 10; round++) {
      const client = world.client(spellings[round % spellings.length]);
      client.token = tokens[round % tokens.length] ?? null;
      expect(refusal(await login(client, newEmail()))).toBe(WRONG);
    }
    expectLimited(await login(world.client('2001:db8:a:b:9::9'), newEmail()), 30 * MINUTE, clock.now());
    expect(refusal(await login(world.client('2001:db8:a:c::1'), newEmail()))).toBe(WRONG);
  });

  it('lets one address be registered three times in 15 minutes', async () => {
    const email = newEmail();
    const register = (spelling: string) => world.register(world.client(), { email: spelling });
    decode.token(await register(email));
    for (const spelling of [email, email.toUpperCase()])
      expect(refusal(await register(spelling))).toBe('400 INVALID_FORM_BODY email:EMAIL_ALREADY_IN_USE');
    expectLimited(await register(email), 15 * MINUTE, clock.now());
    clock.advance(15 * MINUTE + 1);
    expect((await register(email)).status).toBe(400);
  });

  it('lets one place register five accounts in 30 minutes', async () => {
    const client = world.client();
    for (let round = 0; round < 5; round++) decode.token(await world.register(client));
    const email = newEmail();
    expectLimited(await world.register(client, { email }), 30 * MINUTE, clock.now());
    expect(await world.mails(email)).toEqual([]);
    clock.advance(30 * MINUTE + 1);
    decode.token(await world.register(client, { email }));
  });

  it('counts no registration that is refused for its form', async () => {
    const client = world.client();
    for (let round = 0; round < 7; round++)
      expect((await world.register(client, { consent: false })).status).toBe(400);
    decode.token(await world.register(client));
  });

  it('mails one address five times in 30 minutes about its password, known or not [K06, A09]', async () => {
    const { email } = await world.person();
    for (const address of [email, newEmail()]) {
      const forgot = () => world.client().post('/v1/auth/forgot', { email: address });
      for (let round = 0; round < 5; round++) decode.empty(await forgot());
      expectLimited(await forgot(), 30 * MINUTE, clock.now());
    }
    const sent = (await world.mails(email)).filter(({ kind }) => kind === 'password_reset');
    expect(sent).toHaveLength(5);
    clock.advance(30 * MINUTE + 1);
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
  });

  it('lets one place ask twenty times in 30 minutes about passwords [K06]', async () => {
    const client = world.client();
    const forgot = (round: number) => {
      client.token = tokens[round % tokens.length] ?? null;
      return client.post('/v1/auth/forgot', { email: newEmail() });
    };
    for (let round = 0; round < 20; round++) decode.empty(await forgot(round));
    expectLimited(await forgot(20), 30 * MINUTE, clock.now());
  });

  it('does not let a stranger lock the owner out of a place the owner is known at [K04]', async () => {
    const { client, email } = await world.person();
    clock.advance(30 * MINUTE + 1);
    for (let round = 0; round < 12; round++) await login(world.client(), email);
    expect(refusal(await login(world.client(), email, PASSWORD))).toBe(LIMITED);
    const home = world.client(client.address);
    decode.token(await login(home, email, PASSWORD));
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });
});

describe.each(DIALECTS)('with rate_limits: off, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const login = (email: string, password = WRONG_PASSWORD) =>
    world.client().post('/v1/auth/login', { email, password });

  it('counts neither by address nor by e-mail', async () => {
    const client = world.client();
    const { email } = await world.person();
    for (let round = 0; round < 15; round++) {
      decode.token(await world.register(client));
      decode.token(await client.post('/v1/auth/login', { email, password: PASSWORD }));
      decode.empty(await client.post('/v1/auth/forgot', { email }));
    }
  });

  it('still lets one account fail fifty times a day and no more [B05, K04]', async () => {
    const { client, email } = await world.person();
    for (let round = 0; round < 50; round++) expect(refusal(await login(email))).toBe(WRONG);
    expectLimited(await login(email), DAY, clock.now());
    expectLimited(await login(email, PASSWORD), DAY, clock.now());
    const home = world.client(client.address);
    decode.token(await home.post('/v1/auth/login', { email, password: PASSWORD }));
    clock.advance(DAY + 1);
    decode.token(await login(email, PASSWORD));
  });

  it('counts wrong proofs of somebody signed in for the same account [B05, bug 18]', async () => {
    const { client } = await world.person();
    const prove = (password: string) =>
      client.post('/v1/auth/sessions/logout', { session_id_hashes: ['x'], password });
    for (let round = 0; round < 50; round++)
      expect(refusal(await prove(WRONG_PASSWORD))).toBe('400 INVALID_FORM_BODY password:INVALID_PASSWORD');
    expectLimited(await prove(WRONG_PASSWORD), DAY, clock.now());
    expectLimited(await prove(PASSWORD), DAY, clock.now());
  });

  it('begins to count anew after a success', async () => {
    const { email } = await world.person();
    for (let row = 0; row < 2; row++) {
      for (let round = 0; round < 49; round++) expect(refusal(await login(email))).toBe(WRONG);
      decode.token(await login(email, PASSWORD));
    }
  });
});

describe.each(DIALECTS)('two hundred guesses at once on %s', (dialect) => {
  it.each([
    ['on', 5],
    ['off', 50],
  ])(
    'are judged no more often than the limit allows, rate_limits: %s [K02, bug 67]',
    async (rateLimits, limit) => {
      const env = { FLUXGATE_RATE_LIMITS: rateLimits, FLUXGATE_PASSWORD_HASH_PLACES: '1000' };
      const world = await createWorld({ dialect, env });
      try {
        const { email } = await world.person();
        const replies = await Promise.all(
          Array.from({ length: 200 }, async () => {
            const guess = () => world.client().post('/v1/auth/login', { email, password: WRONG_PASSWORD });
            let reply = await guess();
            // A machine that is too busy sheds load; whoever is turned away comes back, as any client would.
            for (let again = 0; reply.status === 503 && again < 20; again++) reply = await guess();
            return reply;
          }),
        );
        const judged = replies.filter(({ status }) => status === 400);
        expect(judged.length).toBeGreaterThan(0);
        expect(judged.length).toBeLessThanOrEqual(limit);
        for (const reply of replies.filter(({ status }) => status !== 400))
          expect(refusal(reply)).toBe(LIMITED);
        expect(refusal(await world.client().post('/v1/auth/login', { email, password: PASSWORD }))).toBe(
          LIMITED,
        );
      } finally {
        await world.close();
      }
    },
  );
});
