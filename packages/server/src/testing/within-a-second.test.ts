import { describe, expect, it } from 'vitest';
import { startUnstalledTime, withinASecond } from './within-a-second.ts';

/** Keeps everything in this process from working, as a busy machine does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('what is promised within a second', () => {
  it('fails when it never comes true, and when it does too late', async () => {
    await expect(withinASecond(() => false)).rejects.toThrow('not true yet');
    const time = startUnstalledTime();
    await expect(withinASecond(() => time.ms() > 1_500)).rejects.toThrow('not true yet');
    time.stop();
  });

  it('may come true at any moment of the second', async () => {
    const time = startUnstalledTime();
    await withinASecond(() => true);
    await withinASecond(async () => time.ms() > 500);
    time.stop();
  });

  it('is not broken by a machine that keeps everybody waiting', async () => {
    let looks = 0;
    await withinASecond(() => {
      looks++;
      if (looks % 2 === 1) block(700);
      return looks > 6;
    });
    expect(looks).toBe(7);
  });

  it('is broken in the end, however late the machine', async () => {
    const isNever = () => {
      block(100);
      return false;
    };
    await expect(withinASecond(isNever, 2_000)).rejects.toThrow('not true yet');
  });

  it('is measured by the time in which this process could work', async () => {
    const [time, began] = [startUnstalledTime(), performance.now()];
    block(300);
    const blocked = time.ms();
    expect(blocked).toBeLessThan(20);
    while (time.ms() < blocked + 200) await new Promise((done) => setTimeout(done, 5));
    expect(performance.now() - began).toBeGreaterThanOrEqual(499);
    time.stop();
  });
});
