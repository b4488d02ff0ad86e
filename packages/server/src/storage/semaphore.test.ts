import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from './errors.ts';
import { createSemaphore } from './semaphore.ts';

const PATIENCE_MS = 3_000;

describe('work of which only so much may run at once', () => {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  let within: ReturnType<typeof createSemaphore>;

  beforeEach(() => {
    vi.useFakeTimers();
    within = createSemaphore({ count: 2, patienceMs: PATIENCE_MS });
    begun.length = 0;
    ends.clear();
  });
  afterEach(() => vi.useRealTimers());

  function begin(name: string): Promise<string> {
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return within(() => {
      begun.push(name);
      return end.promise;
    });
  }
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('begins as much as there are places, and the rest in the order it came', async () => {
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(begin));
    await settle();
    expect(begun).toEqual(['a', 'b']);
    ends.get('b')?.resolve('b is done');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const [name, { resolve }] of ends) resolve(`${name} is done`);
    expect(await all).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${name} is done`));
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('gives the place of what failed to the next', async () => {
    const [failing] = [begin('a'), begin('b'), begin('c')];
    ends.get('a')?.reject(new Error('no'));
    await expect(failing).rejects.toThrow('no');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('is refused, and never begun, when it has waited for too long', async () => {
    const holding = [begin('a'), begin('b')];
    const refused = begin('c').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    const later = begin('d');
    await vi.advanceTimersByTimeAsync(1);
    expect(await refused).toBeInstanceOf(StorageError);
    for (const name of ['a', 'b', 'd']) ends.get(name)?.resolve(name);
    await Promise.all([...holding, later]);
    expect(begun).toEqual(['a', 'b', 'd']);
    // Its place in the queue was nobody's, and no place was lost with it.
    void begin('e');
    void begin('f');
    void begin('g');
    await settle();
    expect(begun).toEqual(['a', 'b', 'd', 'e', 'f']);
  });

  it('is not refused once it has begun, however long it takes', async () => {
    const [first] = [begin('a'), begin('b')];
    const second = begin('c');
    ends.get('a')?.resolve('a');
    await first;
    await vi.advanceTimersByTimeAsync(2 * PATIENCE_MS);
    expect(vi.getTimerCount()).toBe(0);
    ends.get('c')?.resolve('c');
    expect(await second).toBe('c');
  });
});
