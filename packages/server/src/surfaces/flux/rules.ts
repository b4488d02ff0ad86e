import type { FastifyRequest } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';
import type { LiveSession } from '../../core/session/index.ts';

/** What a route declares of itself; one that declares nothing stops the start (J01). */
export type FluxRules = KeyRules | SessionRules;

interface KeyRules {
  /** The kind of project key. What needs a publishable key is a browser's, and answers CORS. */
  needs: 'secret-key' | 'publishable-key' | 'any-key' | 'nothing';
  session?: false;
}

/** An act of a signed-in user, by page or by the app's server: the key says for which project, the session for whom. */
export interface SessionRules {
  needs: 'any-key';
  session: true;
  /**
   * What of a session that owes a second factor still: it may (little else than settling that); it may where there is
   * no factor yet that could be shown; it is refused.
   */
  owed: 'may' | 'may-set-up-first' | 'refused';
  /**
   * Sets up, or may, what opens the account everywhere from then on. From a place that the owner has not approved, a stranger who
   * has the password would set up one of his own, and never be asked about the place again.
   */
  setsUp?: true;
}

/** The key that a request came with, and the project that it selects, as it is now. */
export interface FluxCaller {
  key: { id: string; kind: 'secret' | 'publishable'; plain: string };
  project: Project;
  /** Of the token in the header; null where the route asks for none. */
  session: LiveSession | null;
}

/** In lower case. */
export const SESSION_HEADER = 'x-flux-session';

declare module 'fastify' {
  interface FastifyRequest {
    flux: FluxCaller | null;
  }
  interface FastifyContextConfig {
    flux?: FluxRules;
  }
}

export function callerOf(request: FastifyRequest): FluxCaller {
  if (!request.flux) throw new AuthError('not-signed-in');
  return request.flux;
}

/** Of a route that declares `session`. */
export function sessionOf(request: FastifyRequest): LiveSession {
  const { session } = callerOf(request);
  if (!session) throw new AuthError('not-signed-in');
  return session;
}
