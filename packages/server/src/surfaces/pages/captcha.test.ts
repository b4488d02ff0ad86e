import { type Challenge, type Solution, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POW = { FLUXGATE_CAPTCHA: 'pow', FLUXGATE_CAPTCHA_POW_ITERATIONS: '100' };

const MISSING = /The check that you are not a robot is missing/;
const REFUSED = /The check that you are not a robot did not hold/;

type Action = 'register' | 'login' | 'forgot';
interface Solved {
  challenge: Challenge;
  solution: Solution;
}

const encode = (solved: unknown) => Buffer.from(JSON.stringify(solved)).toString('base64');

describe.each(DIALECTS)('a proof of work in front of the hosted pages on %s', (dialect) => {
  let world: World;
  let person: { email: string };
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { ...POW, FLUXGATE_RATE_LIMITS: 'off' } });
    person = await world.person();
  });
  afterAll(() => world.close());

  const challenge = async (action: Action, from: World = world) =>
    (await from.client().get(`/captcha/challenge?for=${action}`)).json as Challenge;

  async function solve(action: Action, from: World = world): Promise<Solved> {
    const given = await challenge(action, from);
    const solution = await solveChallenge({ challenge: given, deriveKey });
    if (!solution) throw new Error('The puzzle was not solved.');
    return { challenge: given, solution };
  }

  const login = (captcha: string | null, client: Client = world.client()) =>
    client.form('/login', { email: person.email, password: PASSWORD, ...(captcha !== null && { captcha }) });

  it('lets in who solved it, and nobody else [K05]', async () => {
    const good = await login(encode(await solve('login')));
    expect(good.status).toBe(303);
    for (const nothing of [null, '']) {
      const reply = await login(nothing);
      expect(reply.status).toBe(400);
      expect(reply.text).toMatch(MISSING);
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
  });

  it('guards sign-up and the mail for a new password too: without it nothing is made and nothing is sent [K05]', async () => {
    const email = newEmail();
    const form = { email, password: PASSWORD, consent: 'yes' };
    expect((await world.client().form('/register', form)).text).toMatch(MISSING);
    expect((await world.client().form('/forgot', { email: person.email })).text).toMatch(MISSING);
    expect(await world.mails(email)).toEqual([]);
    expect((await world.mails(person.email)).map(({ kind }) => kind)).not.toContain('password_reset');

    const registered = await world
      .client()
      .form('/register', { ...form, captcha: encode(await solve('register')) });
    expect(registered.headers.get('location')).toBe('/check-mail');
    await world.newestMail(email, 'email_verification');
    const asked = await world
      .client()
      .form('/forgot', { email: person.email, captcha: encode(await solve('forgot')) });
    expect(asked.headers.get('location')).toBe('/check-mail?for=reset');
    await world.newestMail(person.email, 'password_reset');
  });

  it('is good for one form, used up even by a wrong password [K05]', async () => {
    const captcha = encode(await solve('login'));
    const wrong = await world.client().form('/login', { email: person.email, password: 'wrong', captcha });
    expect(wrong.text).toMatch(/address or the password is wrong/);
    const again = await login(captcha);
    expect([again.status, again.headers.getSetCookie()]).toEqual([400, []]);
    expect(again.text).toMatch(REFUSED);
  });

  it('costs nothing where a field is empty', async () => {
    const captcha = encode(await solve('login'));
    await world.client().form('/login', { email: person.email, password: '', captcha });
    expect((await login(captcha)).status).toBe(303);
  });

  it('lets exactly one of 50 parallel forms with one solution through, in whatever spelling [K05]', async () => {
    const solved = await solve('login');
    const { challenge: given, solution } = solved;
    const spellings = [
      encode(solved),
      encode({ solution, challenge: given }),
      encode({ challenge: given, solution: { ...solution, counter: solution.counter + 1, took: 7 } }),
      `${encode(solved)}\n`.replace('\n', ''),
      encode(solved).replace(/=+$/, ''),
    ];
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, number) => login(spellings[number % spellings.length] ?? '')),
    );
    const entered = replies.filter(({ status }) => status === 303);
    expect(entered).toHaveLength(1);
    for (const reply of replies.filter((one) => !entered.includes(one)))
      expect([reply.status, REFUSED.test(reply.text)]).toEqual([400, true]);
  });

  it('is bound to what it was asked for [K05]', async () => {
    for (const action of ['register', 'forgot'] as const)
      expect((await login(encode(await solve(action)))).text, action).toMatch(REFUSED);
  });

  it('is good for ten minutes, and stays used up afterwards [K05]', async () => {
    const late = encode(await solve('login'));
    const used = encode(await solve('login'));
    expect((await login(used)).status).toBe(303);
    world.clock.advance(10 * MINUTE - 1);
    await world.instance.clean();
    expect((await login(used)).text).toMatch(REFUSED);
    expect((await login(encode(await solve('login')))).status).toBe(303);
    world.clock.advance(1);
    expect((await login(late)).text).toMatch(REFUSED);
    expect((await login(used)).text).toMatch(REFUSED);
  });

  it('keeps no row of a solution that nobody would take any more', async () => {
    const rows = async () =>
      (await world.instance.storage.db.selectFrom('captcha_solution').selectAll().execute()).length;
    expect((await login(encode(await solve('login')))).status).toBe(303);
    expect(await rows()).toBeGreaterThan(0);
    world.clock.advance(2 * HOUR);
    await world.instance.clean();
    expect(await rows()).toBe(0);
  });

  const forgeries: [string, (solved: Solved) => unknown][] = [
    [
      'a key that was never derived',
      (s) => ({ ...s, solution: { ...s.solution, derivedKey: '00'.repeat(32) } }),
    ],
    [
      'the prefix alone',
      (s) => ({ ...s, solution: { ...s.solution, derivedKey: s.challenge.parameters.keyPrefix } }),
    ],
    [
      'the prefix with something behind it',
      (s) => ({
        ...s,
        solution: { ...s.solution, derivedKey: s.challenge.parameters.keyPrefix.padEnd(64, '0') },
      }),
    ],
    ['no signature', (s) => ({ ...s, challenge: { parameters: s.challenge.parameters } })],
    ['an empty signature', (s) => ({ ...s, challenge: { ...s.challenge, signature: '' } })],
    [
      'the signature in capitals',
      (s) => ({ ...s, challenge: { ...s.challenge, signature: s.challenge.signature?.toUpperCase() } }),
    ],
    [
      'no signature of the key',
      ({ challenge: { parameters, signature }, solution }) => {
        const { keySignature: _, ...rest } = parameters;
        return { challenge: { parameters: rest, signature }, solution };
      },
    ],
    ...(
      [
        ['less work', { cost: 1 }],
        ['a shorter prefix', { keyPrefix: '00' }],
        ['another nonce', { nonce: '00'.repeat(16) }],
        ['a later end', { data: { action: 'login', expiresAt: 9e15 } }],
        ['no end', { data: { action: 'login' } }],
        ['one thing more', { expiresAt: 9e9 }],
      ] as const
    ).map(([what, change]): [string, (solved: Solved) => unknown] => [
      what,
      (s) => ({
        ...s,
        challenge: { ...s.challenge, parameters: { ...s.challenge.parameters, ...change } },
      }),
    ]),
    ['a test payload', () => ({ challenge: null, solution: null, test: true })],
    [
      'a verdict instead',
      () => ({ verified: true, algorithm: 'SHA-256', verificationData: 'verified=true' }),
    ],
    ['a list', () => []],
    ['a number', () => 7],
  ];

  it.each(forgeries)('refuses %s, and says so without failing [K05]', async (_what, forge) => {
    const reply = await login(encode(forge(await solve('login'))));
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([400, []]);
    expect(reply.text).toMatch(REFUSED);
    expect(world.logLines.some((line) => JSON.parse(line).level === 'error')).toBe(false);
  });

  it.each(['!', 'bm90IGpzb24=', 'x'.repeat(9_000)])(
    'refuses %.20s, which is no answer at all',
    async (text) => {
      expect((await login(text)).text).toMatch(REFUSED);
    },
  );

  it('is one puzzle for all nodes: set by one, judged by another, used up on both [K05]', async () => {
    const { databaseUrl, dataDir, clock } = world;
    const other = await createWorld({
      dialect,
      env: { ...POW, FLUXGATE_RATE_LIMITS: 'off' },
      database: { databaseUrl, dataDir },
      clock,
    });
    try {
      const captcha = encode(await solve('login', other));
      expect((await login(captcha)).status).toBe(303);
      const again = await login(captcha, other.client());
      expect(again.text).toMatch(REFUSED);
    } finally {
      await other.close();
    }
  });

  it('is no other instance’s puzzle', async () => {
    const stranger = await createWorld({ dialect: 'sqlite', env: POW });
    try {
      expect((await login(encode(await solve('login', stranger)))).text).toMatch(REFUSED);
    } finally {
      await stranger.close();
    }
  });

  it('is never demanded on /v1, whose clients cannot solve it, and not told of there', async () => {
    const { status } = await world.register(world.client());
    expect(status).toBe(200);
    const body = { email: person.email, password: PASSWORD };
    expect((await world.client().post('/v1/auth/login', body)).status).toBe(200);
    expect((await world.client().post('/v1/auth/forgot', { email: person.email })).status).toBe(204);
    const discovery = (await world.client().get('/.well-known/fluxer')).json as { captcha: unknown };
    expect(discovery.captcha).toEqual({
      provider: 'none',
      hcaptcha_site_key: null,
      turnstile_site_key: null,
    });
  });

  it('sets each puzzle anew, keeps none, and signs all of it', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => challenge('login')));
    expect(new Set(given.map(({ signature }) => signature)).size).toBe(20);
    for (const { parameters } of given) {
      expect(parameters).toMatchObject({ algorithm: 'PBKDF2/SHA-256', cost: 100 });
      expect(parameters.keySignature).toMatch(/^[0-9a-f]{64}$/);
    }
    const reply = await world.client().get('/captcha/challenge?for=login');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    for (const path of [
      '/captcha/challenge',
      '/captcha/challenge?for=setup',
      '/captcha/challenge?for=login&for=login',
    ])
      expect((await world.client().get(path)).status, path).toBe(404);
  });
});
