import type { FastifyRequest } from 'fastify';
import type { Permissions, ResourceQuestion } from '../../core/access/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { Bucket } from '../../http/index.ts';

/** Who is asking, by which kind of credential (contract A6). */
export type Subject =
  | { kind: 'user'; userId: string; sessionId: string; name: string; permissions: Permissions }
  | { kind: 'token'; tokenId: string; name: string; permissions: Permissions };

/** What a route declares of itself; one that declares nothing stops the start (J01). */
export interface FlectoRules {
  /** `anybody`: any good credential will do. A question is put to the rows of whoever asks. */
  asks: 'nobody' | 'anybody' | ((request: FastifyRequest) => ResourceQuestion);
  /** How often one address may ask. */
  bucket?: Bucket;
  /** What is said when something breaks on our side; only where refusals have codes. */
  failure?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    subject: Subject | null;
  }
  interface FastifyContextConfig {
    flecto?: FlectoRules;
  }
}

/** Who asks at a route that asks for somebody. */
export function subjectOf(request: FastifyRequest): Subject {
  if (!request.subject) throw new AuthError('not-signed-in');
  return request.subject;
}
