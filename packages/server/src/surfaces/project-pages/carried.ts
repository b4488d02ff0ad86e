import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../chance.ts';
import type { Sealer } from '../../crypto/index.ts';
import type { CookieJar } from '../../http/index.ts';

/** What a visit has come to in this browser, between two of its pages. */
export type Step =
  /** Somebody is signed in and still owes a second factor; nobody has been told a token of the session. */
  | { at: 'second-factor'; sessionId: string; setUp: SetUp }
  /** The same by an app's ticket, which is kept until the browser is led back with it. */
  | { at: 'ticket'; ticket: string; setUp: SetUp }
  /** A mail is on its way, whose link or code is good in this browser alone. */
  | { at: 'mail'; attempt: string }
  /** A mail about a new password is on its way. */
  | { at: 'reset' }
  /** Away at another provider; the verifier of the code that it comes back with. */
  | { at: 'provider'; verifier: string };

/** A second factor that is being set up. */
export interface SetUp {
  /** Of an authenticator app, in base32. */
  secret?: string;
  /** Of the code that was sent to a telephone. */
  challenge?: string;
}

interface Kept {
  project: string;
  /** The sealed way; null where the visit leads nowhere. */
  way: string | null;
  step: Step;
  until: number;
}

/**
 * Keeps it in a cookie that no script reads, sealed, so that nobody writes one either. It names a session and is none: no
 * route takes it for a token.
 */
export interface Carried {
  find<At extends Step['at']>(
    request: FastifyRequest,
    project: { id: string },
    at: At,
  ): { step: Extract<Step, { at: At }>; way: string | null; until: number } | null;
  write(
    reply: FastifyReply,
    project: { id: string },
    kept: { step: Step; way: string | null; until: number },
  ): void;
  clear(request: FastifyRequest, reply: FastifyReply): void;
}

const SEAL = 'project-pages-carried';

export function createCarried({
  cookie,
  sealer,
  clock,
}: {
  cookie: CookieJar;
  sealer: Sealer;
  clock: Clock;
}): Carried {
  function read(request: FastifyRequest): Kept | null {
    const sealed = cookie.read(request);
    if (sealed === null) return null;
    try {
      return JSON.parse(sealer.open(SEAL, sealed)) as Kept;
    } catch {
      return null;
    }
  }

  return {
    find(request, project, at) {
      const kept = read(request);
      if (kept?.project !== project.id || kept.step.at !== at || clock() >= kept.until) return null;
      return { step: kept.step as Extract<Step, { at: typeof at }>, way: kept.way, until: kept.until };
    },
    write(reply, project, kept) {
      cookie.write(reply, sealer.seal(SEAL, JSON.stringify({ project: project.id, ...kept } satisfies Kept)));
    },
    clear(request, reply) {
      if (cookie.read(request) !== null) cookie.clear(reply);
    },
  };
}
