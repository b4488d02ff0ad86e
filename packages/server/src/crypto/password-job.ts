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
 * How many answers a thread gives at once when that many jobs are waiting for it. Each time the main thread wakes while
 * hashes fill the caches it begins cold; what four sign-ins then do together costs it little more than half of what
 * they cost one by one. Where nothing waits, each answer goes back alone and at once.
 */
export const BATCH = 4;
