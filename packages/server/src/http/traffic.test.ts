import { describe, expect, it } from 'vitest';
import { type Bucket, createTraffic } from './traffic.ts';

const BUCKET: Bucket = { name: 'tested', limit: 5, windowMs: 10_000 };

function tested({ enabled = true } = {}) {
  let now = 1_000;
  const traffic = createTraffic({ monotonicMs: () => now, enabled });
  return {
    take: (who = 'ip:a', bucket = BUCKET) => traffic.take(bucket, who),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('a leaky bucket', () => {
  it('lets its limit through at once, counting down, and then nobody', () => {
    const { take } = tested();
    const states = Array.from({ length: 7 }, () => take());
    expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false, false]);
    expect(states.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0, 0]);
    expect(states.map(({ resetsInMs }) => resetsInMs)).toEqual([
      2_000, 4_000, 6_000, 8_000, 10_000, 10_000, 10_000,
    ]);
  });

  it('lets one more through exactly when it said it would', () => {
    const { take, pass } = tested();
    for (let round = 0; round < 5; round++) take();
    const { retryAfterMs } = take();
    expect(retryAfterMs).toBe(2_000);
    pass(retryAfterMs - 1);
    expect(take().allowed).toBe(false);
    pass(1);
    expect(take().allowed).toBe(true);
    expect(take().allowed).toBe(false);
  });

  it('does not make those wait longer who go on asking', () => {
    const { take, pass } = tested();
    for (let round = 0; round < 100; round++) take();
    pass(2_000);
    expect(take().allowed).toBe(true);
  });

  it('never lets more than twice its limit through in one window, however the tries are spread', () => {
    for (const step of [1, 137, 999, 1_999, 2_000, 2_001]) {
      const { take, pass } = tested();
      let passed = 0;
      for (let at = 0; at < 10_000; at += step) {
        if (take().allowed) passed++;
        pass(step);
      }
      expect(passed).toBeLessThanOrEqual(10);
    }
  });

  it('is empty again after its window', () => {
    const { take, pass } = tested();
    for (let round = 0; round < 9; round++) take();
    pass(10_000);
    expect(take()).toEqual({ allowed: true, limit: 5, remaining: 4, resetsInMs: 2_000, retryAfterMs: 0 });
  });

  it('is each caller’s and each name’s own', () => {
    const { take } = tested();
    for (let round = 0; round < 9; round++) take('ip:a');
    expect(take('ip:b').allowed).toBe(true);
    expect(take('user:a').allowed).toBe(true);
    expect(take('ip:a', { ...BUCKET, name: 'other' }).allowed).toBe(true);
    expect(take('ip:a').allowed).toBe(false);
  });

  it('stops nobody when it is switched off', () => {
    const { take } = tested({ enabled: false });
    for (let round = 0; round < 50; round++) expect(take()).toMatchObject({ allowed: true, remaining: 5 });
  });

  it('forgets the longest untouched callers rather than grow without end [N11]', () => {
    const { take } = tested();
    for (let round = 0; round < 6; round++) take('ip:first');
    expect(take('ip:first').allowed).toBe(false);
    for (let caller = 0; caller < 100_000; caller++) take(`ip:${caller}`);
    expect(take('ip:first').allowed).toBe(true);
    for (let round = 0; round < 5; round++) take('ip:99999');
    expect(take('ip:99999').allowed).toBe(false);
  });
});
