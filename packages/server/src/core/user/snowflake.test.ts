import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import { createSnowflakes, isSnowflake } from './snowflake.ts';

const node = (number: number) => ({ current: async () => number });

describe('user ids', () => {
  it("hold the time since Fluxer's epoch, the node and a sequence", async () => {
    const clock = new ManualClock(1_420_070_400_000 + 5);
    const id = BigInt(await createSnowflakes(node(3), clock.now).next());
    expect(id >> 22n).toBe(5n);
    expect((id >> 12n) & 1023n).toBe(3n);
    expect(id & 4095n).toBe(0n);
  });

  it('never repeat, not in one millisecond and not when the clock steps back', async () => {
    const clock = new ManualClock();
    const snowflakes = createSnowflakes(node(1), clock.now);
    const ids: string[] = [];
    for (let count = 0; count < 10_000; count++) {
      if (count === 5_000) clock.advance(-60_000);
      ids.push(await snowflakes.next());
    }
    expect(new Set(ids).size).toBe(10_000);
    const numbers = ids.map(BigInt);
    expect(numbers.every((id, at) => at === 0 || id > (numbers[at - 1] ?? 0n))).toBe(true);
  });

  it.each([
    ['0', true],
    ['1573904313078513664', true],
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['01', false],
    ['-1', false],
    ['1e5', false],
    ['', false],
    [' 1', false],
  ])('%j is one: %s', (text, expected) => {
    expect(isSnowflake(text)).toBe(expected);
  });
});
