import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/index.ts';
import { createRangeServer, sha1 } from '../testing/range-server.ts';
import { createBreachedPasswords } from './breached-passwords.ts';

const HOUR = 3_600_000;

describe('passwords known from a breach', () => {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  let service: Awaited<ReturnType<typeof createRangeServer>>;
  let isBreached: (password: string) => Promise<boolean>;
  beforeAll(async () => {
    service = await createRangeServer();
    service.breach('stolen from elsewhere');
    service.breach('ﬁne'.normalize('NFKC'));
  });
  afterAll(() => service.close());
  beforeEach(() => {
    service.asked.length = 0;
    errors.length = 0;
    service.mood = 'good';
    const url = service.url.replace(/\/$/, '');
    isBreached = createBreachedPasswords({
      url,
      clock: clock.now,
      onBackgroundError: (error) => errors.push(error),
    });
  });

  it('are told from others, in the one form in which passwords are compared', async () => {
    expect(await isBreached('stolen from elsewhere')).toBe(true);
    expect(await isBreached('ﬁne')).toBe(true);
    expect(await isBreached('stolen from elsewhere!')).toBe(false);
    expect(errors).toEqual([]);
  });

  it('never leave this server: five characters of a hash do, and padding is asked for', async () => {
    await isBreached('stolen from elsewhere');
    const prefix = sha1('stolen from elsewhere').slice(0, 5);
    expect(service.asked).toEqual([{ path: `/range/${prefix}`, padding: 'true' }]);
  });

  it('are not what the padding of an answer names', async () => {
    service.mood = 'good';
    // Whatever the hash of this is, nothing with a count of nought may count.
    expect(await isBreached('only padding here')).toBe(false);
  });

  it('are asked for once an hour, also by many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => isBreached('stolen from elsewhere')));
    expect(answers).toEqual(Array(50).fill(true));
    clock.advance(HOUR - 1);
    await isBreached('stolen from elsewhere');
    expect(service.asked).toHaveLength(1);
    clock.advance(1);
    await isBreached('stolen from elsewhere');
    expect(service.asked).toHaveLength(2);
  });

  it.each(['error', 'endless', 'moved', 'silent'] as const)(
    'are taken for good while the service is in the mood %s, which is told and not remembered',
    { timeout: 10_000 },
    async (mood) => {
      service.mood = mood;
      expect(await isBreached('stolen from elsewhere')).toBe(false);
      expect(errors).toHaveLength(1);
      expect(String(errors[0])).toContain('breached_passwords_url');
      expect(String(errors[0])).not.toContain('stolen');
      service.mood = 'good';
      expect(await isBreached('stolen from elsewhere')).toBe(true);
    },
  );

  it('are taken for good when nobody listens, and when nobody is to be asked', async () => {
    const ask = (url: string) =>
      createBreachedPasswords({ url, clock: clock.now, onBackgroundError: (error) => errors.push(error) });
    expect(await ask('http://127.0.0.1:1')('stolen from elsewhere')).toBe(false);
    expect(errors).toHaveLength(1);
    expect(await ask('')('stolen from elsewhere')).toBe(false);
    expect(errors).toHaveLength(1);
  });
});
