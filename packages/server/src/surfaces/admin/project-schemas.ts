import { z } from 'zod';
import { isSlug, MAX_OVERLAP_SECONDS, PROVIDERS, projectSettingsSchema } from '../../core/project/index.ts';
import { cursor, limit, text } from './schemas.ts';

/** Flux's projects; what Flecto calls a project is in `site-schemas.ts`. */
const instant = z.string();
const nullableText = z.string().nullable();
const name = text(100).trim().min(1);

export const projectParams = z.object({ project_id: text(64) });
export const projectListQuery = z.object({ cursor, limit });

const projectSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    is_default: z.boolean().meta({ description: 'The one that administrators live in.' }),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'AuthProjectSummary' });
export const projectListResponse = z.object({ items: z.array(projectSchema), next_cursor: nullableText });
const provider = z
  .object({
    client_id: z.string(),
    has_secret: z.boolean().meta({ description: 'The secret itself cannot be read again.' }),
    issuer: z.string().optional(),
    tenant: z.string().optional(),
    web_url: z.string().optional(),
    api_url: z.string().optional(),
  })
  .meta({ id: 'AuthProjectProvider' });
export const projectResponse = projectSchema
  .extend({
    settings: projectSettingsSchema.meta({ id: 'AuthProjectSettings' }),
    providers: z.object({
      google: provider.optional(),
      github: provider.optional(),
      microsoft: provider.optional(),
    }),
    callback_urls: z
      .object({ google: z.string(), github: z.string(), microsoft: z.string() })
      .meta({ description: 'What each provider is told of this server.' }),
    issuer: z.string().meta({ description: '`iss` of its session tokens.' }),
    jwks_uri: z.string(),
    sign_in_url: z.string().meta({ description: 'The hosted page.' }),
  })
  .meta({ id: 'AuthProject' });
export const newProjectRequest = z
  .object({
    slug: z.string().refine(isSlug, 'Use up to 50 letters in lower case, digits and hyphens.'),
    name,
  })
  .meta({ id: 'NewAuthProjectRequest' });
export const projectChangeRequest = z
  .object({
    name: name.optional(),
    settings: z.record(z.string().max(100), z.unknown()).optional().meta({
      description:
        'Groups as in the settings of a project. What a group names replaces what was there, all else stays.',
    }),
    providers: z.partialRecord(z.enum(PROVIDERS), z.unknown()).optional().meta({
      description:
        'By provider: `client_id`, `client_secret` (left out to keep the one there is), and `issuer`, `tenant`, `web_url` or `api_url`; null takes the provider away.',
    }),
  })
  .meta({ id: 'AuthProjectChangeRequest' });

// ---- keys

export const keyParams = projectParams.extend({ key_id: text(64) });
const kind = z.enum(['secret', 'publishable']);
/** RFC 3339, of which the route says whether it is still to come. */
const expiresAt = z.iso.datetime({ offset: true }).nullish();
const keySchema = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: 'secret or publishable' }),
    name: z.string(),
    preview: z.string().meta({ description: 'Its first twelve and last four characters.' }),
    status: z.string().meta({ description: 'active, expired or revoked' }),
    created_at: instant,
    expires_at: nullableText,
    revoked_at: nullableText,
    last_used_at: nullableText.meta({ description: 'To the minute; null before the first use.' }),
    replaced_by: nullableText.meta({ description: 'The key that a rotation made in its place.' }),
  })
  .meta({ id: 'AuthProjectKey' });
export const keyListResponse = z.object({ items: z.array(keySchema) });
export const keyCreatedResponse = z
  .object({
    key: keySchema,
    plain_key: z.string().meta({ description: 'Told this once and never again.' }),
  })
  .meta({ id: 'AuthProjectKeyCreated' });
export const keyRequest = z
  .object({ kind, name, expires_at: expiresAt })
  .meta({ id: 'AuthProjectKeyRequest' });
export const rotationRequest = z
  .object({
    grace_seconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).default(0).meta({
      description: 'For how long the old key works beside the new one.',
    }),
    expires_at: expiresAt,
  })
  .meta({ id: 'AuthProjectKeyRotation' });

// ---- signing keys

export const signingKeyListResponse = z.object({
  items: z.array(
    z
      .object({
        id: z.string(),
        status: z.string().meta({ description: 'next, signing, or former: kept for what it signed' }),
        created_at: instant,
        signs_from: instant,
      })
      .meta({ id: 'SigningKey' }),
  ),
});

// ---- users

export const projectUserParams = projectParams.extend({ user_id: text(32) });
export const projectSessionParams = projectParams.extend({ session_id: text(64) });
export const projectUserListQuery = z.object({
  q: text(254).optional().meta({ description: 'Beginning of an e-mail address or username, or a whole id.' }),
  cursor,
  limit,
});
const projectUserSchema = z
  .object({
    id: z.string(),
    email: nullableText,
    email_verified: z.boolean(),
    username: z.string(),
    status: z.string().meta({ description: 'active, suspended, disabled or leaving' }),
    suspended_reason: nullableText,
    factors: z.array(z.string()).meta({ description: 'Second factors: totp, sms-code, passkey.' }),
    mfa_required: z.boolean().meta({ description: 'A second factor is demanded of this very user.' }),
    created_at: instant,
    last_seen_at: nullableText,
  })
  .meta({ id: 'AuthProjectUserSummary' });
export const projectUserListResponse = z.object({
  items: z.array(projectUserSchema),
  next_cursor: nullableText,
});
export const projectUserResponse = projectUserSchema
  .extend({
    emails: z.array(z.object({ address: z.string(), verified: z.boolean(), primary: z.boolean() })),
    phone_hint: nullableText.meta({ description: 'The last four digits.' }),
    has_password: z.boolean(),
    passkeys: z.int().meta({ description: 'How many.' }),
    identities: z
      .array(
        z.object({
          issuer: z.string(),
          subject: z.string(),
          created_at: instant,
          last_used_at: instant,
        }),
      )
      .meta({ description: 'Who this is at providers.' }),
  })
  .meta({ id: 'AuthProjectUser' });
export const projectUserChangeRequest = z
  .object({ mfa_required: z.boolean().optional() })
  .meta({ id: 'AuthProjectUserChangeRequest' });
