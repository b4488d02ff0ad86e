import { describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail } from '../../testing/index.ts';

const PAIRS = 60;
const ACCOUNTS = 3;
/** A smoke test on a shared machine: a missing hash would show as a factor, noise as a few per cent. */
const TOLERANCE = 0.25;
const ROUNDS = 4;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe.each(DIALECTS)('time tells nothing on %s', (dialect) => {
  it('of whether an address has an account, when somebody logs in [A09]', async () => {
    // A dearer hash than the other tests', so that it outweighs the way there and back as it does in production.
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_PASSWORD_HASH_MEMORY_KIB: '19456' };
    const world = await createWorld({ dialect, env });
    try {
      const client = world.client();
      const timed = async (email: string) => {
        const startedAt = performance.now();
        const reply = await client.post('/v1/auth/login', { email, password: 'quite another horse' });
        const took = performance.now() - startedAt;
        expect(reply.status).toBe(400);
        return took;
      };
      const ratios: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const emails = await Promise.all(
          Array.from({ length: ACCOUNTS }, async () => (await world.person()).email),
        );
        const known: number[] = [];
        const unknown: number[] = [];
        for (let pair = 0; pair < PAIRS; pair++) {
          const own = async () => known.push(await timed(emails[pair % ACCOUNTS] ?? ''));
          const other = async () => unknown.push(await timed(newEmail()));
          // Whoever goes second finds warmer caches: they take turns.
          for (const one of pair % 2 ? [own, other] : [other, own]) await one();
        }
        ratios.push(median(known) / median(unknown));
        if (ratios.some((ratio) => Math.abs(ratio - 1) < TOLERANCE)) break;
      }
      expect(Math.min(...ratios.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(TOLERANCE);
    } finally {
      await world.close();
    }
  }, 240_000);
});
