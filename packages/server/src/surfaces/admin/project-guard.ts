import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Action, isAllowed, mayGrant } from '../../core/access/index.ts';
import { AuthError } from '../../core/errors.ts';
import { type AdminDependencies, adminOf } from './surface.ts';

const EVERYTHING = { admin: [{ section: '*', action: 'write' }], resources: [] };

/**
 * Whoever sets how people prove who they are in the project that administrators live in could become each of them, so
 * that takes every right there is. Throws `grant-exceeds-own`.
 */
export function requireRightsOfItsUsers(
  request: FastifyRequest,
  { projectId, flectoProjectId }: AdminDependencies,
  id: string,
): void {
  const holdsRights = id === projectId || id === flectoProjectId;
  if (holdsRights && !mayGrant(adminOf(request).held, EVERYTHING)) throw new AuthError('grant-exceeds-own');
}

/** The users of those projects are asked about as they are at `/users`; of no other is anybody an administrator. */
export function requireSection(
  request: FastifyRequest,
  { projectId, flectoProjectId }: AdminDependencies,
  asked: { id: string; section: 'users' | 'sessions' | 'audit'; action: Action },
): void {
  const { id, section, action } = asked;
  if (id !== projectId && id !== flectoProjectId) return;
  if (!isAllowed(adminOf(request).held, { section, action })) throw new AuthError('not-allowed');
}

/** Whoever takes a lock off an account of those projects must hold all that it holds. Throws `grant-exceeds-own`. */
export async function requireRightsOf(
  request: FastifyRequest,
  { projectId, flectoProjectId, permissionsOf }: AdminDependencies,
  { id, userId }: { id: string; userId: string },
): Promise<void> {
  if (id !== projectId && id !== flectoProjectId) return;
  if (!mayGrant(adminOf(request).held, await permissionsOf(userId))) throw new AuthError('grant-exceeds-own');
}

/** A moment that is still to come; null for none. */
export function futureInstant(text: string | null | undefined, now: number): number | null {
  if (text === null || text === undefined) return null;
  const at = Date.parse(text);
  if (at > now) return at;
  const message = 'Give a moment that is still to come.';
  throw new z.ZodError([{ code: 'custom', path: ['expires_at'], message, input: undefined }]);
}
