import { z } from 'zod';
import type { Action, AdminSection, isAllowed } from '../../core/access/index.ts';

/** What core is asked; this wire says `project` where core says `site`. */
export type Question = Parameters<typeof isAllowed>[1];

/** Records, so that a word that core learns is missed here by the compiler. */
const ACTIONS: Record<Action, Action> = { read: 'read', write: 'write' };
const SECTIONS: Record<AdminSection, AdminSection> = {
  users: 'users',
  sessions: 'sessions',
  audit: 'audit',
  roles: 'roles',
  tokens: 'tokens',
  namespaces: 'namespaces',
  projects: 'projects',
  'auth-projects': 'auth-projects',
};
const RESOURCES = ['redirect', 'page', 'agent', 'any'] as const;

/** No `*`: a question is about one thing, and who holds everything holds that, too. */
const code = z.string().regex(/^[A-Za-z0-9_-]{1,50}$/, 'use one code of letters, digits, "_" and "-"');
const action = z.enum(ACTIONS);

export const resourceQuestion = z
  .strictObject({ namespace: code, project: code, resource: z.enum(RESOURCES), action })
  .transform(({ project, ...rest }): Question => ({ ...rest, site: project }));

export const adminQuestion = z
  .strictObject({ section: z.enum(SECTIONS), action })
  .transform((question): Question => question);

export const refusalSchema = z
  .object({ error: z.string(), message: z.string() })
  .meta({ id: 'ForwardAuthRefusal', description: 'Why a proxy must not let the request through.' });
