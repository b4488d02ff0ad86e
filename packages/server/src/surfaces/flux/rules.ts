import type { FastifyRequest } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';

/** What a route declares of itself; one that declares nothing stops the start (J01). */
export interface FluxRules {
  /** The kind of project key. What needs a publishable key is a browser's, and answers CORS. */
  needs: 'secret-key' | 'publishable-key' | 'any-key' | 'nothing';
}

/** The key that a request came with, and the project that it selects, as it is now. */
export interface FluxCaller {
  key: { id: string; kind: 'secret' | 'publishable'; plain: string };
  project: Project;
}

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
