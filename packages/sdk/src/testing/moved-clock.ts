import type { Platform } from '../platform.ts';
import { createNodePlatform } from '../platform-node.ts';

/**
 * Node's platform, whose clock a test moves ahead. It stands still otherwise: how long the machine takes makes nothing stale.
 */
export function movedPlatform(): { platform: Platform; move(milliseconds: number): void } {
  let ahead = 0;
  const platform = createNodePlatform();
  const startedAt = platform.monotonicMs();
  return {
    platform: {
      ...platform,
      monotonicMs: () => startedAt + ahead,
    },
    move(milliseconds) {
      ahead += milliseconds;
    },
  };
}
