import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../chance.ts';
import type { Sealer } from '../../crypto/index.ts';
import { type CookieJar, createSealedCookie } from '../../http/index.ts';

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

/** Keeps it in a sealed cookie. It names a session and is none: no route takes it for a token. */
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

export function createCarried({
  cookie,
  sealer,
  clock,
}: {
  cookie: CookieJar;
  sealer: Sealer;
  clock: Clock;
}): Carried {
  const jar = createSealedCookie<Kept>({ cookie, sealer, purpose: 'project-pages-carried' });

  return {
    find(request, project, at) {
      const kept = jar.read(request);
      if (kept?.project !== project.id || kept.step.at !== at || clock() >= kept.until) return null;
      return { step: kept.step as Extract<Step, { at: typeof at }>, way: kept.way, until: kept.until };
    },
    write: (reply, project, kept) => jar.write(reply, { project: project.id, ...kept }),
    clear: jar.clear,
  };
}
