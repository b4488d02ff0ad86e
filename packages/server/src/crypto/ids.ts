import { V7Generator } from 'uuidv7';
import type { RandomBytes } from './random.ts';

/** Sorting backwards in time by more than this starts over with the new time. */
const ROLLBACK_ALLOWANCE_MS = 10_000;

const generators = new WeakMap<RandomBytes, V7Generator>();

/**
 * An id of our own: a prefix that tells its kind and a UUIDv7 without hyphens, which sorts by time and is made
 * in order within one process. Ids are names, never secrets.
 */
export function newId(prefix: string, at: number, random: RandomBytes): string {
  let generator = generators.get(random);
  if (!generator) {
    generator = new V7Generator({
      nextUint32: () => {
        const [a = 0, b = 0, c = 0, d = 0] = random(4);
        return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
      },
    });
    generators.set(random, generator);
  }
  return `${prefix}_${generator.generateOrResetCore(at, ROLLBACK_ALLOWANCE_MS).toHex()}`;
}
