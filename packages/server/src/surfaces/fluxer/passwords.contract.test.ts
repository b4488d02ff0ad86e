import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newEmail, type World } from '../../testing/index.ts';

const ENV = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_VERIFIED_EMAIL: 'off' };
const RUNS = 25;

describe.each(DIALECTS)('passwords on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: ENV });
  });
  afterAll(() => world.close());

  const register = (password: unknown) => world.register(world.client(), { password });
  const login = (email: string, password: string) =>
    world.client().post('/v1/auth/login', { email, password });

  it('of any Unicode text register and log in, and no other text does [A03]', async () => {
    const text = fc.string({ unit: 'binary', minLength: 10, maxLength: 40 }).filter((value) => {
      const length = [...value.normalize('NFKC')].length;
      return !value.includes('\0') && length >= 8 && length <= 256;
    });
    await fc.assert(
      fc.asyncProperty(text, async (password) => {
        const { email, ...reply } = await register(password);
        decode.token(reply);
        decode.token(await login(email, password));
        const last = [...password].at(-1) === '~' ? '!' : '~';
        expect((await login(email, [...password].slice(0, -1).join('') + last)).status).toBe(400);
      }),
      { numRuns: RUNS },
    );
  });

  it('too long to be any are refused unfolded: a short text may fold to one eighteen times as long', async () => {
    const folded = vi.spyOn(String.prototype, 'normalize');
    const password = '\ufdfa'.repeat(60_000);
    for (const reply of [await register(password), await login(newEmail(), password)])
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY password:PASSWORD_LENGTH_INVALID');
    expect(folded.mock.contexts.length).toBeGreaterThan(0);
    for (const text of folded.mock.contexts) expect(String(text).length).toBeLessThan(1_024);
    folded.mockRestore();
  });

  it.each([
    ['composed and decomposed', 'caf\u00e9 at noon', 'cafe\u0301 at noon'],
    ['a ligature', 'ef\ufb01cient horses', 'efficient horses'],
    ['full-width letters', '\uff43\uff4f\uff52\uff52\uff45\uff43\uff54 horse', 'correct horse'],
    ['Hangul', '\ud55c\uae00 password!', '\u1112\u1161\u11ab\u1100\u1173\u11af password!'],
  ])('are one in both forms of %s [A04]', async (_what, one, other) => {
    expect(one).not.toBe(other);
    for (const [set, given] of [
      [one, other],
      [other, one],
    ] as const) {
      const { email, ...reply } = await register(set);
      decode.token(reply);
      decode.token(await login(email, given));
    }
  });

  it.each([
    ['7 code points', 'q7#xWv9', false],
    ['8 code points', 'q7#xWv9k', true],
    ['8 code points, each of two units', '🦊🐼🐸🐙🦉🐝🐳🦀', true],
    ['7 code points, each of two units', '🦊🐼🐸🐙🦉🐝🐳', false],
    ['7 code points and a blank', 'q7#xWv9 ', true],
    ['256 code points', 'a1#'.repeat(85).concat('z'), true],
    ['257 code points', 'a1#'.repeat(85).concat('zz'), false],
    ['16 letters that NFKC makes 288', '\ufdfa'.repeat(16), false],
    ['9 letters that NFKC makes 7', 'e\u0301e\u0301q7#xW', false],
  ])('of %s count by code points after NFKC [A01, A04]', async (_what, password, isTaken) => {
    const { email, ...reply } = await register(password);
    if (!isTaken)
      return expect(refusal(reply)).toBe('400 INVALID_FORM_BODY password:PASSWORD_LENGTH_INVALID');
    decode.token(reply);
    decode.token(await login(email, password));
  });

  it.each([
    ['a lone surrogate', 'correct horse \ud800 staple'],
    ['NUL', 'correct horse \u0000 staple'],
    ['NUL at the end', 'correct horse staple\u0000'],
  ])('with %s are refused at every door and not mended', async (_what, password) => {
    const { email, ...reply } = await register(password);
    expect(refusal(reply)).toMatch(/^400 INVALID_FORM_BODY password:/);
    expect(refusal(await login(email, password))).toMatch(/^400 INVALID_FORM_BODY password:INVALID_FORMAT$/);
    const reset = await world.client().post('/v1/auth/reset', { token: 'a'.repeat(64), password });
    expect(refusal(reset)).toMatch(/^400 INVALID_FORM_BODY password:/);
  });

  it.each(['password', '12345678', 'qwertyuiop', 'iloveyou1', 'PASSWORD1', 'letmein123', 'football1'])(
    'that everybody uses are refused: %s [A05]',
    async (password) => {
      const { email: _email, ...reply } = await register(password);
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY password:PASSWORD_IS_TOO_COMMON');
    },
  );
});
