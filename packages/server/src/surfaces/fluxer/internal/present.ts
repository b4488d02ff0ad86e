import type { Event } from '../../../core/events/index.ts';
import type { LiveSession } from '../../../core/session/index.ts';
import { SECOND_FACTORS, type SecondFactor } from '../../../core/sign-in/index.ts';
import { eventFrame } from '../../../http/index.ts';
import { type Account, presentUserPrivate, timestamp } from '../present.ts';

const METHODS = { totp: 'totp', 'sms-code': 'sms', passkey: 'webauthn' } as const satisfies Record<
  SecondFactor,
  string
>;

export const NO_SESSION = { active: false } as const;

export function presentIntrospection(session: LiveSession, expiresAt: number) {
  const methods = SECOND_FACTORS.filter((id) => session.factors.includes(id)).map((id) => METHODS[id]);
  return {
    active: true as const,
    user_id: session.userId,
    session_id_hash: session.tokenHash,
    created_at: timestamp(session.createdAt),
    expires_at: timestamp(expiresAt),
    mfa_enabled: methods.length > 0,
    mfa_methods: methods,
  };
}

/** The listener's memory is no longer to be trusted: it was away for longer than events are kept. */
export const EVENTS_LOST = 'event: EVENTS_LOST\ndata: {}\n\n';
/** One server-sent event; null where there is nothing left to tell of. `accountOf` knows users as they are now. */
export async function presentEvent(
  event: Event,
  accountOf: (userId: string) => Promise<Account | null>,
  now: number,
): Promise<string | null> {
  if (event.kind === 'user-changed') {
    const account = await accountOf(event.userId);
    return account && eventFrame(event.id, 'USER_UPDATE', presentUserPrivate(account, now));
  }
  if (event.kind === 'sessions-ended') {
    const ended = { user_id: event.userId, session_id_hashes: event.tokenHashes };
    return eventFrame(event.id, 'TERMINATE_SESSIONS', ended);
  }
  if (event.kind !== 'session-replaced') return null;
  return eventFrame(event.id, 'AUTH_SESSION_CHANGE', {
    user_id: event.userId,
    old_auth_session_id_hash: event.oldHash,
    new_auth_session_id_hash: event.newHash,
    new_token: event.newToken,
  });
}
