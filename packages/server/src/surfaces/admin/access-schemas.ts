import { z } from 'zod';
import { ACTIONS, MAX_ROWS, RESOURCES, ROW_CODE, SECTIONS } from '../../core/access/index.ts';
import { isEmailAddress, isLoginName } from '../../core/contact/index.ts';
import { cursor, limit, text } from './schemas.ts';

/** Flecto contract A8. What core calls a site is a project on this wire. */
const rowCode = text(50).regex(ROW_CODE, 'Use up to 50 letters, digits, _ and -, or * for all.');
const adminRow = z.object({ section: z.enum(SECTIONS), action: z.enum(ACTIONS) });
const resourceRow = z.object({
  namespace: rowCode,
  project: rowCode,
  resource: z.enum(RESOURCES),
  action: z.enum(ACTIONS),
});
export const permissionsSchema = z
  .object({
    admin: z.array(adminRow).max(MAX_ROWS).default([]),
    resources: z.array(resourceRow).max(MAX_ROWS).default([]),
  })
  .meta({ id: 'Permissions', description: 'At most 100 rows of both kinds; write does not include read.' });

/** Answers are written as they were kept. */
const heldPermissions = z
  .object({
    admin: z.array(z.object({ section: z.string(), action: z.string() })),
    resources: z.array(
      z.object({ namespace: z.string(), project: z.string(), resource: z.string(), action: z.string() }),
    ),
  })
  .meta({ id: 'HeldPermissions' });

const instant = z.string();
const nullableText = z.string().nullable();

// ---- API tokens

export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    preview: z.string().meta({ description: 'Its first eleven and last four characters.' }),
    permissions: heldPermissions,
    expires_at: nullableText,
    created_at: instant,
    updated_at: instant,
    last_used_at: nullableText.meta({ description: 'To the minute; null before the first use.' }),
  })
  .meta({ id: 'ApiToken' });
export const tokenListResponse = z.object({ items: z.array(tokenSchema), next_cursor: nullableText });
export const tokenCreatedResponse = z
  .object({
    token: tokenSchema,
    plain_token: z.string().meta({ description: 'Told this once and never again.' }),
  })
  .meta({ id: 'ApiTokenCreated' });
export const tokenListQuery = z.object({
  query: text(300).optional().meta({ description: 'Part of a name or preview, in any case.' }),
  sort: z.enum(['name', 'created']).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
  cursor,
  limit,
});
export const tokenParams = z.object({ token_id: text(64) });
export const tokenRequest = z
  .object({
    name: text(300).regex(/^[A-Za-z0-9_-]+$/, 'Use letters, digits, _ and -.'),
    expires_at: z
      .union([z.iso.datetime({ offset: true }), z.literal('')])
      .nullish()
      .meta({ description: 'RFC 3339; absent, null or empty for never. Cannot be changed later.' }),
    permissions: permissionsSchema,
  })
  .meta({ id: 'ApiTokenRequest' });

// ---- roles

const roleCode = text(100).regex(/^[A-Za-z0-9_-]+$/, 'Use letters, digits, _ and -.');
export const roleSchema = z
  .object({ code: z.string(), permissions: heldPermissions, created_at: instant, updated_at: instant })
  .meta({ id: 'Role' });
export const roleListResponse = z.object({ items: z.array(roleSchema), next_cursor: nullableText });
export const roleListQuery = z.object({ query: text(100).optional(), cursor, limit });
export const roleParams = z.object({ code: text(100) });
export const memberParams = z.object({ code: text(100), user_id: text(32) });
export const roleRequest = z
  .object({ code: roleCode, permissions: permissionsSchema })
  .meta({ id: 'RoleRequest' });
export const memberListQuery = z.object({ cursor, limit });
export const memberListResponse = z.object({
  items: z.array(
    z
      .object({
        id: z.string(),
        username: z.string(),
        discriminator: z.string(),
        global_name: nullableText,
        login_name: nullableText,
      })
      .meta({ id: 'RoleMember' }),
  ),
  next_cursor: nullableText,
});

// ---- accounts

export const newUserRequest = z
  .object({
    login_name: text(100)
      .refine(isLoginName, 'Use letters, digits, _ and -, or an e-mail address.')
      .nullish(),
    email: text(254).refine(isEmailAddress, 'This is no e-mail address.').nullish(),
    password: z.string().max(1_024).nullish().meta({
      description: 'Without one, a mail asks the owner of the address to choose it.',
    }),
    global_name: text(32).trim().min(1).nullish(),
    roles: z.array(roleCode).max(100).default([]),
  })
  .refine(({ login_name, email }) => login_name != null || email != null, {
    message: 'Give a login name, an e-mail address, or both.',
    path: ['login_name'],
  })
  .meta({ id: 'NewUserRequest' });
export const givenPasswordRequest = z
  .object({ password: z.string().min(1).max(1_024) })
  .meta({ id: 'GivenPasswordRequest' });
export const userPermissionsRequest = z
  .object({ permissions: permissionsSchema, roles: z.array(roleCode).max(100) })
  .meta({ id: 'UserPermissionsRequest', description: 'In place of all that the user was given before.' });
export const userPermissionsResponse = z
  .object({
    permissions: heldPermissions.meta({ description: "The user's own." }),
    roles: z.array(z.string()),
    effective: heldPermissions.meta({ description: 'With those of all their roles.' }),
  })
  .meta({ id: 'UserPermissions' });
