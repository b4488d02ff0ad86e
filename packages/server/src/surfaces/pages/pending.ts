import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../chance.ts';
import type { SecondFactor } from '../../core/sign-in/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { type CookieJar, createSealedCookie } from '../../http/index.ts';

/** A sign-in that has begun in this browser and still owes something. */
export type Pending = {
  ticket: string;
  /** Where the person was going. */
  next: string;
  expiresAt: number;
} & (
  | { owes: 'proof'; methods: SecondFactor[]; phoneHint: string | null }
  | { owes: 'enrolment'; secret: string | null }
  | { owes: 'approval'; email: string; wasResent: boolean }
);

/** Keeps such a sign-in in the browser itself, in a sealed cookie: the ticket never stands in an address. */
export interface PendingSignIns {
  /** Null where there is none of this kind, or its time is over. */
  find<Owes extends Pending['owes']>(
    request: FastifyRequest,
    owes: Owes,
  ): Extract<Pending, { owes: Owes }> | null;
  /** Where the person was going, even when the time is over. */
  nextOf(request: FastifyRequest): string | null;
  write(reply: FastifyReply, pending: Pending): void;
  clear(request: FastifyRequest, reply: FastifyReply): void;
}

export function createPendingSignIns({
  cookie,
  sealer,
  clock,
}: {
  cookie: CookieJar;
  sealer: Sealer;
  clock: Clock;
}): PendingSignIns {
  const kept = createSealedCookie<Pending>({ cookie, sealer, purpose: 'pending-sign-in' });

  return {
    find(request, owes) {
      const pending = kept.read(request);
      if (pending === null || pending.owes !== owes || clock() >= pending.expiresAt) return null;
      return pending as Extract<Pending, { owes: typeof owes }>;
    },
    nextOf: (request) => kept.read(request)?.next ?? null,
    write: kept.write,
    clear: kept.clear,
  };
}
