import { z } from 'zod';
import { SUSPICIONS } from '../../core/user/index.ts';

const instant = z.string();
const nullableText = z.string().nullable();

export const userSchema = z
  .object({
    id: z.string(),
    username: z.string(),
    discriminator: z.string(),
    global_name: nullableText,
    login_name: nullableText,
    emails: z.array(z.object({ address: z.string(), verified: z.boolean(), primary: z.boolean() })),
    status: z.string().meta({ description: 'active or suspended' }),
    suspended_reason: nullableText,
    factors: z.array(z.string()).meta({ description: 'Second factors: totp, sms-code, passkey.' }),
    suspicious_flags: z.array(z.string()),
    is_administrator: z.boolean(),
    created_at: instant,
    last_seen_at: nullableText,
  })
  .meta({ id: 'AdminUser' });

const sessionSchema = z
  .object({
    id: z.string(),
    surface: z.string(),
    platform: nullableText,
    os: nullableText,
    browser: nullableText,
    address: nullableText,
    network: nullableText,
    created_at: instant,
    last_used_at: instant,
    expires_at: instant,
    current: z.boolean(),
  })
  .meta({ id: 'AdminSession' });

const auditRecordSchema = z
  .object({
    id: z.string(),
    at: instant,
    event: z.string(),
    user_id: nullableText,
    actor_id: nullableText,
    session_id: nullableText,
    method: nullableText,
    outcome: nullableText,
    address: nullableText,
    user_agent: nullableText,
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditRecord' });

export const meResponse = z
  .object({
    user: userSchema,
    permissions: z.array(z.object({ section: z.string(), action: z.string() })),
    resources: z
      .array(
        z.object({ namespace: z.string(), project: z.string(), resource: z.string(), action: z.string() }),
      )
      .meta({ description: "Rights on Flecto's projects." }),
    elevated_until: nullableText,
    sudo_methods: z.array(z.string()).meta({ description: 'What POST /sudo would take from this account.' }),
  })
  .meta({ id: 'AdminMe' });

export const userListResponse = z.object({ items: z.array(userSchema), next_cursor: nullableText });
export const sessionListResponse = z.object({ items: z.array(sessionSchema) });
export const auditListResponse = z.object({ items: z.array(auditRecordSchema), next_cursor: nullableText });
export const endedResponse = z.object({ ended: z.int() });

// ---- requests

/** Text that both databases can hold: PostgreSQL takes neither NUL nor half a surrogate pair. */
export function text(maximum: number) {
  return z
    .string()
    .max(maximum)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'This has characters that cannot be used.',
    );
}

export const limit = z.coerce.number().int().min(1).max(100).default(25);
export const cursor = text(1_024).optional();

export const userListQuery = z.object({ query: text(254).optional(), cursor, limit });
export const auditListQuery = z.object({
  user_id: text(32).optional(),
  event: text(64).optional(),
  cursor,
  limit,
});
export const userParams = z.object({ user_id: text(32) });
export const sessionParams = z.object({ user_id: text(32), session_id: text(64) });
/** A code, as people type it. */
const code = text(64).min(1);
export const sudoRequest = z
  .union([
    z.object({ password: z.string().min(1).max(1_024) }),
    z.object({ method: z.enum(['totp', 'recovery-code', 'sms-code']), code }),
    z.object({
      method: z.literal('passkey'),
      response: z.record(z.string(), z.unknown()),
      challenge: text(1_024).optional(),
    }),
  ])
  .meta({ id: 'SudoRequest' });
export const sudoChallengeRequest = z
  .object({ method: z.enum(['sms-code', 'passkey']) })
  .meta({ id: 'SudoChallengeRequest' });
export const sudoChallengeResponse = z
  .object({
    options: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'For `navigator.credentials.get`; null for a code, which was sent.' }),
  })
  .meta({ id: 'SudoChallenge' });
export const suspiciousFlagsRequest = z
  .object({ flags: z.array(z.enum(SUSPICIONS)).max(SUSPICIONS.length) })
  .meta({ id: 'SuspiciousFlagsRequest' });
export const suspendRequest = z.object({ reason: text(500).nullish() }).meta({ id: 'SuspendRequest' });
