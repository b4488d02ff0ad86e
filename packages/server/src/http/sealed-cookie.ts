import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sealer } from '../crypto/index.ts';
import type { CookieJar } from './cookies.ts';

/**
 * Something that is kept in the browser itself: in a cookie that no script reads, sealed, so that nobody writes one
 * either.
 */
export interface SealedCookie<Kept> {
  /** Null where there is none, or none of ours. */
  read(request: FastifyRequest): Kept | null;
  write(reply: FastifyReply, kept: Kept): void;
  /** Says nothing to a browser that holds none. */
  clear(request: FastifyRequest, reply: FastifyReply): void;
}

/** `purpose` keeps what one page has sealed from being read by another. */
export function createSealedCookie<Kept>({
  cookie,
  sealer,
  purpose,
}: {
  cookie: CookieJar;
  sealer: Sealer;
  purpose: string;
}): SealedCookie<Kept> {
  return {
    read(request) {
      const sealed = cookie.read(request);
      if (sealed === null) return null;
      try {
        return JSON.parse(sealer.open(purpose, sealed)) as Kept;
      } catch {
        return null;
      }
    },
    write: (reply, kept) => cookie.write(reply, sealer.seal(purpose, JSON.stringify(kept))),
    clear(request, reply) {
      if (cookie.read(request) !== null) cookie.clear(reply);
    },
  };
}
