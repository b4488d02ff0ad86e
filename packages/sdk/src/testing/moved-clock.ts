import type { Platform } from '../platform.ts';
import { createNodePlatform } from '../platform-node.ts';

/** Node's platform, whose clocks a test moves ahead. */
export function movedPlatform(): { platform: Platform; move(milliseconds: number): void } {
  let ahead = 0;
  const platform = createNodePlatform();
  return {
    platform: {
      ...platform,
      monotonicMs: () => platform.monotonicMs() + ahead,
      now: () => platform.now() + ahead,
    },
    move(milliseconds) {
      ahead += milliseconds;
    },
  };
}
