import type { Bucket } from '../../http/index.ts';

/**
 * By address, and only against floods: a fleet of agents may stand behind one (contract A2). What guards a guess is
 * counted by the gate.
 */
export const buckets = {
  login: { name: 'flecto:login', limit: 600, windowMs: 10_000 },
  openid: { name: 'flecto:openid', limit: 100, windowMs: 10_000 },
  refresh: { name: 'flecto:refresh', limit: 3_000, windowMs: 10_000 },
} as const satisfies Record<string, Bucket>;
