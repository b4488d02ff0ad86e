import type { Clock } from '../../chance.ts';
import type { NodeNumbers } from '../../storage/index.ts';

/** Fluxer's epoch, contract 0.4: 2015-01-01. */
const EPOCH_MS = 1_420_070_400_000;
const SEQUENCE_BITS = 12n;
const NODE_BITS = 10n;
const MAX_SNOWFLAKE = 2n ** 63n - 1n;

/** Decimal text of a 64-bit snowflake: 42 bits of milliseconds, 10 of the node, 12 of a sequence. */
export interface Snowflakes {
  next(): Promise<string>;
}

/** Makes user ids that are unique over all nodes and sort by time. */
export function createSnowflakes(nodes: NodeNumbers, clock: Clock): Snowflakes {
  let lastMs = 0;
  let sequence = 0n;
  return {
    async next() {
      const node = BigInt(await nodes.current(clock()));
      // A clock that steps back must not repeat ids, so time here only ever moves forward.
      const now = Math.max(clock(), lastMs);
      sequence = now === lastMs ? sequence + 1n : 0n;
      lastMs = now;
      if (sequence === 1n << SEQUENCE_BITS) {
        lastMs++;
        sequence = 0n;
      }
      return (
        (BigInt(lastMs - EPOCH_MS) << (NODE_BITS + SEQUENCE_BITS)) |
        (node << SEQUENCE_BITS) |
        sequence
      ).toString();
    },
  };
}

/** Whether a text has the form of a snowflake: contract 0.4, without leading zeros and at most 2^63-1. */
export function isSnowflake(text: string): boolean {
  return /^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= MAX_SNOWFLAKE;
}
