import type { Platform } from '../platform.ts';
import { createNodePlatform } from '../platform-node.ts';

/** Node's platform, and how many calls have gone over the network; the stream is none. */
export function countingPlatform(): { platform: Platform; sent(): number } {
  const platform = createNodePlatform();
  let sent = 0;
  return {
    platform: {
      ...platform,
      send(request) {
        sent++;
        return platform.send(request);
      },
    },
    sent: () => sent,
  };
}
