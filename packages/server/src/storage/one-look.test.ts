import { describe, expect, it } from 'vitest';
import { inOneLook } from './one-look.ts';

interface Row {
  key: string;
  value: number;
}

function counting(rows: readonly Row[]) {
  const looks: string[][] = [];
  const find = inOneLook<Row>(
    ({ key }) => key,
    async (keys) => {
      looks.push([...keys]);
      if (keys.includes('broken')) throw new Error('the database is away');
      return rows.filter(({ key }) => keys.includes(key)).reverse();
    },
  );
  return { looks, find };
}

const ROWS = Array.from({ length: 100 }, (_, value) => ({ key: `key ${value}`, value }));

describe('questions asked together', () => {
  it('are one look, each answered with its own row or with none', async () => {
    const { looks, find } = counting(ROWS);
    const found = await Promise.all(['key 3', 'key 1', 'nobody', 'key 3'].map(find));
    expect(found.map((row) => row?.value ?? null)).toEqual([3, 1, null, 3]);
    expect(looks).toEqual([['key 3', 'key 1', 'nobody']]);
  });

  it('are as many looks as turns of the loop that they are asked in', async () => {
    const { looks, find } = counting(ROWS);
    expect((await find('key 1'))?.value).toBe(1);
    expect((await find('key 1'))?.value).toBe(1);
    expect(looks).toEqual([['key 1'], ['key 1']]);
  });

  it('are looked at again by whoever asks while the look is on its way', async () => {
    const { looks, find } = counting(ROWS);
    const first = find('key 1');
    await new Promise((done) => setImmediate(done));
    await Promise.all([first, find('key 1')]);
    expect(looks).toHaveLength(2);
  });

  it('never make a list too long', async () => {
    const { looks, find } = counting(ROWS);
    const found = await Promise.all(ROWS.map(({ key }) => find(key)));
    expect(found.map((row) => row?.value)).toEqual(ROWS.map(({ value }) => value));
    expect(looks.map(({ length }) => length)).toEqual([32, 32, 32, 4]);
  });

  it('all fail when the look fails, and the next ones do not', async () => {
    const { find } = counting(ROWS);
    const ended = await Promise.allSettled(['key 1', 'broken', 'key 2'].map(find));
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await find('key 1'))?.value).toBe(1);
  });
});
