import type { Platform } from '../platform.ts';
import { createNodePlatform } from '../platform-node.ts';

/**
 * Node's platform, whose clock a test moves ahead. It stands still otherwise: how long the machine takes makes nothing stale.
 */
export function movedPlatform(): {
  platform: Platform;
  move(milliseconds: number): void;
  /** As a machine that stands still: its monotonic clock does, too. */
  sleep(milliseconds: number): void;
} {
  let ahead = 0;
  let slept = 0;
  const platform = createNodePlatform();
  const [startedAt, startedAtWall] = [platform.monotonicMs(), platform.wallMs()];
  return {
    platform: {
      ...platform,
      monotonicMs: () => startedAt + ahead,
      wallMs: () => startedAtWall + ahead + slept,
    },
    move(milliseconds) {
      ahead += milliseconds;
    },
    sleep(milliseconds) {
      slept += milliseconds;
    },
  };
}
