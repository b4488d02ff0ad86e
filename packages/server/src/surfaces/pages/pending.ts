import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../chance.ts';
import type { SecondFactor } from '../../core/sign-in/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import type { CookieJar } from '../../http/index.ts';

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

/**
 * Keeps such a sign-in in the browser itself: in a cookie that no script reads, sealed, so that nobody writes one
 * either. The ticket never stands in an address.
 */
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

const SEAL = 'pending-sign-in';

export function createPendingSignIns({
  cookie,
  sealer,
  clock,
}: {
  cookie: CookieJar;
  sealer: Sealer;
  clock: Clock;
}): PendingSignIns {
  function read(request: FastifyRequest): Pending | null {
    const sealed = cookie.read(request);
    if (sealed === null) return null;
    try {
      return JSON.parse(sealer.open(SEAL, sealed)) as Pending;
    } catch {
      return null;
    }
  }

  return {
    find(request, owes) {
      const pending = read(request);
      if (pending === null || pending.owes !== owes || clock() >= pending.expiresAt) return null;
      return pending as Extract<Pending, { owes: typeof owes }>;
    },
    nextOf: (request) => read(request)?.next ?? null,
    write: (reply, pending) => cookie.write(reply, sealer.seal(SEAL, JSON.stringify(pending))),
    clear(request, reply) {
      if (cookie.read(request) !== null) cookie.clear(reply);
    },
  };
}
