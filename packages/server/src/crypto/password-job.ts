/** Argon2id's cost: OWASP's 19 MiB and two passes by default. */
export interface HashCost {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

export type HashJob =
  | { kind: 'hash'; password: string; cost: HashCost & { algorithm: number } }
  | { kind: 'verify'; password: string; hash: string };
export type HashReply = { hash: string } | { matches: boolean } | { failure: string };

/**
 * How many answers a thread gives at once when that many jobs wait for it. Each time the main thread wakes while hashes fill
 * the caches it begins cold; what several sign-ins then do together costs little more than half of what they cost one by
 * one, and one commit keeps them all. Where nothing waits, each answer goes back alone and at once.
 */
export const TOGETHER = { atLeast: 4, atMost: 8 } as const;
