import { dictionary } from '@zxcvbn-ts/language-common';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../crypto/index.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';
import { normalPassword, passwordRefusal } from './password-rules.ts';

const COST = { memoryCost: 7_168, timeCost: 1, parallelism: 1 };

describe('which passwords may be used', () => {
  it.each([
    ['seven characters', 'aB3$xyz', 'length'],
    ['eight characters', 'aB3$xyzq', null],
    ['eight emoji, each one character', '🦊🐻🐼🐨🐯🦁🐮🐷', null],
    ['seven emoji', '🦊🐻🐼🐨🐯🦁🐮', 'length'],
    ['256 characters', 'ab'.repeat(128), null],
    ['257 characters', `${'ab'.repeat(128)}c`, 'length'],
    ['spaces at both ends', '  x y z w ', null],
    ['no composition at all', 'quiet river stone', null],
    ['a NUL', 'quiet river\0stone', 'malformed'],
    ['half a surrogate pair', 'quiet river \ud800', 'malformed'],
    ['a common one', 'password123', 'common'],
    ['a common one in capitals', 'PASSWORD123', 'common'],
  ])('judged by length and form alone: %s [A01, A02, A03, A04]', (_what, password, expected) => {
    expect(passwordRefusal(password, [])).toBe(expected);
  });

  it('refuses every one of the common passwords that are long enough [A05]', () => {
    const list = (dictionary['passwords-common'] as readonly string[]).filter((word) => word.length >= 8);
    expect(list.length).toBeGreaterThan(17_000);
    expect(list.filter((word) => passwordRefusal(word, []) === null)).toEqual([]);
  });

  it.each([
    ['alice.smith2026', ['alice.smith'], 'common'],
    ['Alice.Smith!!', ['alice.smith'], 'common'],
    ['fluxgate2026', ['Fluxgate'], 'common'],
    ['fluxgate and a long own part', ['Fluxgate'], null],
    ['bob is a short name', ['bob'], null],
  ])('judges %s for somebody called %s [A06]', (password, words, expected) => {
    expect(passwordRefusal(password, words)).toBe(expected);
  });

  it('reads composed and decomposed letters as the same [A04]', () => {
    expect(normalPassword('cafe\u0301 au lait')).toBe(normalPassword('café au lait'));
  });
});

describe('the hash queue', () => {
  it('gives away as many places as it has and then says so at once [N10]', () => {
    const hasher = createPasswordHasher({ cost: COST, threads: 1, places: 3 });
    const places = [hasher.reserve(), hasher.reserve(), hasher.reserve()];
    expect(() => hasher.reserve()).toThrow(/full/);
    places[0]?.release();
    places[0]?.release();
    hasher.reserve();
    expect(() => hasher.reserve()).toThrow(/full/);
    return hasher.close();
  });

  it('verifies what it hashed and nothing else, any text kept whole [A02]', async () => {
    const hasher = createPasswordHasher({ cost: COST, threads: 2, places: 100 });
    const place = hasher.reserve();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 100 }), async (password) => {
        const hash = await place.hash(password);
        expect(hash).toMatch(/^\$argon2id\$/);
        expect(await place.verify(password, hash)).toBe(true);
        expect(await place.verify(`${password}x`, hash)).toBe(false);
        expect(await place.verify(password.slice(0, -1), hash)).toBe(false);
      }),
      { numRuns: 20 },
    );
    await hasher.close();
  });

  it('gives one answer in each turn of the loop, so that others are served in between [N10]', async () => {
    const hasher = createPasswordHasher({ cost: COST, threads: 2, places: 12 });
    let turn = 0;
    let isCounting = true;
    const count = () => {
      turn++;
      if (isCounting) setImmediate(count);
    };
    count();
    // Each thread is at work on its first while others gather, and they come back together.
    const turns = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        await hasher.reserve().hash(`password number ${at}`);
        return turn;
      }),
    );
    isCounting = false;
    expect(new Set(turns).size).toBe(12);
    await hasher.close();
  });

  it('answers each of many at once with its own, and counts those that no thread has begun [N10]', async () => {
    const hasher = createPasswordHasher({ cost: COST, threads: 2, places: 12 });
    const words = Array.from({ length: 12 }, (_, at) => `password number ${at}`);
    const hashing = words.map((word) => hasher.reserve().hash(word));
    expect(hasher.waiting).toBe(10);
    const hashes = await Promise.all(hashing);
    expect(hasher.waiting).toBe(0);
    await hasher.close();
    const checker = createPasswordHasher({ cost: COST, threads: 2, places: 1 });
    const checking = checker.reserve();
    const isRight = (at: number) => at % 3 !== 1;
    const matches = await Promise.all(
      hashes.map((hash, at) => checking.verify(isRight(at) ? (words[at] ?? '') : 'another password', hash)),
    );
    expect(matches).toEqual(words.map((_, at) => isRight(at)));
    await checker.close();
  });

  it('fails what a closed queue was at work on, instead of leaving it waiting', async () => {
    const hasher = createPasswordHasher({ cost: COST, threads: 1, places: 2 });
    const both = [hasher.reserve().hash('the first one'), hasher.reserve().hash('the next one')];
    const outcomes = Promise.allSettled(both);
    await hasher.close();
    for (const { status } of await outcomes) expect(status).toBe('rejected');
  });

  it('knows a hash of other parameters as outdated [A08]', async () => {
    const weak = createPasswordHasher({ cost: COST, threads: 1, places: 1 });
    const strong = createPasswordHasher({ cost: { ...COST, timeCost: 2 }, threads: 1, places: 1 });
    const hash = await weak.reserve().hash('some password');
    expect(weak.isOutdated(hash)).toBe(false);
    expect(strong.isOutdated(hash)).toBe(true);
    await weak.close();
    await strong.close();
  });
});

describe.each(DIALECTS)('signing in with a password on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  const storedHash = async (userId: string) =>
    (
      await world.instance.storage.db
        .selectFrom('password_credential')
        .select('hash')
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow()
    ).hash;

  it('renews a hash that the settings have outgrown [A08]', async () => {
    const { email, userId } = await world.person();
    const { databaseUrl, dataDir, clock } = world;
    const env = { FLUXGATE_PASSWORD_HASH_PASSES: '2' };
    const stronger = await createWorld({ dialect, env, database: { databaseUrl, dataDir }, clock });
    const before = await storedHash(userId);
    const reply = await stronger.client().post('/v1/auth/login', { email, password: PASSWORD });
    expect(reply.status).toBe(200);
    await stronger.close();
    expect(before).toContain(',t=1,');
    expect(await storedHash(userId)).toContain(',t=2,');
    expect((await world.client().post('/v1/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it('stores argon2id with its parameters and a salt of its own [A08]', async () => {
    const [one, other] = [await world.person(), await world.person()];
    const [first, second] = [await storedHash(one.userId), await storedHash(other.userId)];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(first.split('$')[4]).not.toBe(second.split('$')[4]);
  });

  it('is told busy with a time to come back when the queue is full, and nothing is spent [N06, N10]', async () => {
    const person = await world.person();
    const { databaseUrl, dataDir, clock } = world;
    const env = { FLUXGATE_PASSWORD_HASH_PLACES: '1', FLUXGATE_PASSWORD_HASH_THREADS: '1' };
    const small = await createWorld({ dialect, env, database: { databaseUrl, dataDir }, clock });
    const place = small.instance.hasher.reserve();
    for (let attempt = 0; attempt < 8; attempt++) {
      const reply = await small.client().post('/v1/auth/login', { email: person.email, password: PASSWORD });
      expect(reply.status).toBe(503);
      expect(reply.headers.get('retry-after')).toBe('2');
      expect(reply.json).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    }
    expect((await small.register(small.client())).status).toBe(503);
    const elsewhere = small.client();
    elsewhere.token = person.client.token;
    expect((await elsewhere.get('/v1/users/@me')).status).toBe(200);
    place.release();
    const reply = await small.client().post('/v1/auth/login', { email: person.email, password: PASSWORD });
    expect(reply.status).toBe(200);
    await small.close();
  });

  it('refuses common and own words wherever a password is chosen [A05, A06]', async () => {
    const { client, email } = await world.person();
    const local = newEmail().replace('@', '-long@');
    const own = `${local.split('@')[0]}1`;
    const registered = await world.register(world.client(), { email: local, password: own });
    expect(registered.json).toMatchObject({ errors: [{ path: 'password', code: 'PASSWORD_IS_TOO_COMMON' }] });
    const changed = await client.patch('/v1/users/@me', { password: PASSWORD, new_password: 'password123' });
    expect(changed.json).toMatchObject({
      errors: [{ path: 'new_password', code: 'PASSWORD_IS_TOO_COMMON' }],
    });
    await world.client().post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    const reset = await world.client().post('/v1/auth/reset', { token, password: 'fluxgate2026' });
    expect(reset.json).toMatchObject({ errors: [{ path: 'password', code: 'PASSWORD_IS_TOO_COMMON' }] });
    // A refused password does not cost the token.
    expect((await world.client().post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(200);
  });

  it('drops what a squatter set up once the mailbox is proved by a reset [bug 38]', async () => {
    const email = newEmail();
    const squatter = world.client();
    const { json } = await world.register(squatter, { email, password: 'the squatter knows this' });
    squatter.token = (json as { token: string }).token;
    const { token: oldVerification } = await world.newestMail(email, 'email_verification');
    expect((await squatter.get('/v1/users/@me')).status).toBe(200);
    const owner = world.client();
    await owner.post('/v1/auth/forgot', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    const reset = await owner.post('/v1/auth/reset', { token, password: PASSWORD });
    expect(reset.status).toBe(200);
    expect((await squatter.get('/v1/users/@me')).status).toBe(401);
    const again = { email, password: 'the squatter knows this' };
    expect((await world.client().post('/v1/auth/login', again)).status).toBe(400);
    expect((await world.client().post('/v1/auth/verify', { token: oldVerification })).status).toBe(400);
    owner.token = (reset.json as { token: string }).token;
    expect((await owner.get('/v1/users/@me')).json).toMatchObject({ verified: true });
  });
});
