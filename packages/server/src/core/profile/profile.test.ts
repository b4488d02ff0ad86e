import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { cleanDisplayName } from './display-name.ts';
import { claimTag } from './tag.ts';
import { deriveUsername, randomUsername } from './username.ts';

describe('names that are shown', () => {
  it.each([
    [' Ada \t\n Lovelace ', 'Ada Lovelace'],
    ['every\u200bone', 'everyone'],
    ['\u2067adA\u2069', 'adA'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ['\u200b\u2060\ufeff', ''],
    ['\u3164\u2800', ''],
    ['\u200d', ''],
    // What joins signs stays: a family, the flag of England, a word of Persian.
    ['👨\u200d👩\u200d👧', '👨\u200d👩\u200d👧'],
    [
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    ],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['北京', '北京'],
  ])('%j is kept as %j', (name, expected) => {
    expect(cleanDisplayName(name)).toBe(expected);
  });
});

describe('usernames made from names', () => {
  it.each([
    ['Ärn Öst', 'Arn_Ost'],
    ['Łukasz Žižek', 'Lukasz_Zizek'],
    ['straße', 'strasse'],
    ['a.b-c d', 'a_b_c_d'],
    ['Ada 🦊 Lovelace', 'Ada_Lovelace'],
    ['x'.repeat(50), 'x'.repeat(32)],
    ['北京', 'BeiJing'],
    ['Дмитрий Иванов', 'Dmitriy_Ivanov'],
    ['Νίκος', 'Nikos'],
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full_width'],
    ['Zoe\u0308 №1', 'Zoe_No1'],
    ['ﬂuxer', null],
    ['флуxер', null],
    ['...', null],
    ['🦊', null],
  ])('%j becomes %j', (name, expected) => {
    expect(deriveUsername(name)).toBe(expected);
  });

  it('are made up where there is no name, in the allowed form', () => {
    expect(randomUsername(randomBytes)).toMatch(/^[a-z0-9_]{1,32}$/);
  });
});

describe.each(DIALECTS)('tags on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  it('are never given twice, to fifty people of one name at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.register(world.client(), { username: 'crowded' })),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const tags = replies.map(({ json }) => (json as { user: { discriminator: string } }).user.discriminator);
    expect(new Set(tags).size).toBe(50);
    expect(tags.every((tag) => /^\d{4}$/.test(tag) && tag !== '0000')).toBe(true);
  });

  it('find the last free number of a name, and say when there is none', async () => {
    const { storage, project } = world.instance;
    const wanted = { projectId: project.id, username: 'full', random: randomBytes };
    const found = await storage.transaction((tx) => claimTag(tx, wanted, async (number) => number === 7));
    expect(found).toBe(7);
    const full = storage.transaction((tx) => claimTag(tx, wanted, async () => false));
    await expect(full).rejects.toMatchObject({ code: 'username-exhausted' });
  });
});
