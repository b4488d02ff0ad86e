import { z } from 'zod';
import * as field from '../fields.ts';

export const introspectRequest = field
  .body({ token: field.plainString })
  .meta({ id: 'InternalIntrospectRequest' });

/** Without hashes all of the user's sessions are meant; an empty list means none. */
export const endSessionsRequest = field
  .body({ session_id_hashes: field.arrayOf(field.plainString, 1_000).nullish() })
  .meta({ id: 'InternalEndSessionsRequest' });

export const userParams = z.object({ user_id: z.string().max(64) });

const liveSession = z.object({
  active: z.literal(true),
  user_id: z.string(),
  session_id_hash: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
  mfa_enabled: z.boolean(),
  mfa_methods: z.array(z.enum(['totp', 'sms', 'webauthn'])),
});

const noSession = z.object({ active: z.literal(false) });

export const introspectResponse = z
  .union([liveSession, noSession])
  .meta({ id: 'InternalIntrospectResponse' });

export const endSessionsResponse = z.object({ ended: z.int() }).meta({ id: 'InternalEndSessionsResponse' });

export const eventStream = {
  description:
    'Server-sent events without end: `USER_UPDATE`, `AUTH_SESSION_CHANGE`, `TERMINATE_SESSIONS`, `EVENTS_LOST`.',
  content: { 'text/event-stream': { schema: z.unknown().meta({ type: 'string' }) } },
};
