/** One named limit: so many requests in so many milliseconds, leaking evenly (contract 7.1). */
export interface Bucket {
  name: string;
  limit: number;
  windowMs: number;
}

interface BucketState {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** When the bucket is empty again. */
  resetsInMs: number;
  /** When the next request would be let through; 0 if it was. */
  retryAfterMs: number;
}

export interface Traffic {
  take(bucket: Bucket, who: string): BucketState;
}

const MAX_ENTRIES = 100_000;

/**
 * Leaky buckets (GCRA) in this node's memory: they keep load off and guard no secret, so they need not be shared
 * or survive a restart. One number per caller: when the bucket would be empty.
 */
export function createTraffic({
  monotonicMs,
  enabled,
}: {
  monotonicMs: () => number;
  enabled: boolean;
}): Traffic {
  const emptyAt = new Map<string, number>();

  function makeRoom(now: number): void {
    for (const [key, at] of emptyAt) if (at <= now) emptyAt.delete(key);
    // Still full of callers who are all within their limits: the longest untouched are forgotten first.
    for (const key of emptyAt.keys()) {
      if (emptyAt.size < MAX_ENTRIES * 0.9) break;
      emptyAt.delete(key);
    }
  }

  return {
    take({ name, limit, windowMs }, who) {
      const now = monotonicMs();
      const each = windowMs / limit;
      const key = `${name} ${who}`;
      const before = Math.max(emptyAt.get(key) ?? 0, now);
      const after = before + each;
      if (!enabled) return { allowed: true, limit, remaining: limit, resetsInMs: 0, retryAfterMs: 0 };
      if (after - now > windowMs) {
        return {
          allowed: false,
          limit,
          remaining: 0,
          resetsInMs: before - now,
          retryAfterMs: after - now - windowMs,
        };
      }
      if (emptyAt.size >= MAX_ENTRIES) makeRoom(now);
      emptyAt.delete(key);
      emptyAt.set(key, after);
      return {
        allowed: true,
        limit,
        remaining: Math.floor((windowMs - (after - now)) / each),
        resetsInMs: after - now,
        retryAfterMs: 0,
      };
    },
  };
}
