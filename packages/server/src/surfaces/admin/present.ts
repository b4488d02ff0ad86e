import type { AuditRecord } from '../../core/audit/index.ts';
import type { Contact } from '../../core/contact/index.ts';
import type { Profile } from '../../core/profile/index.ts';
import type { SessionListing } from '../../core/session/index.ts';
import { suspicionNames, type User } from '../../core/user/index.ts';
import { describeDevice } from '../../http/index.ts';

/** A user with everything an operator sees of one. */
export interface UserDossier {
  user: User;
  profile: Profile;
  contacts: Contact[];
  loginName: string | null;
  isAdministrator: boolean;
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

export function presentUser({ user, profile, contacts, loginName, isAdministrator }: UserDossier) {
  return {
    id: user.id,
    username: profile.username,
    discriminator: String(profile.discriminator).padStart(4, '0'),
    global_name: profile.globalName,
    login_name: loginName,
    emails: contacts.map(({ address, verifiedAt, isPrimary }) => ({
      address,
      verified: verifiedAt !== null,
      primary: isPrimary,
    })),
    status: user.status,
    suspended_reason: user.suspendedReason,
    factors: [...user.factors],
    suspicious_flags: suspicionNames(user.suspicion),
    is_administrator: isAdministrator,
    created_at: instant(user.createdAt),
    last_seen_at: user.lastSeenAt === null ? null : instant(user.lastSeenAt),
  };
}

export function presentSession(session: SessionListing, currentId: string | null) {
  const device = describeDevice(session.userAgent);
  return {
    id: session.id,
    surface: session.surface,
    platform: session.isDesktop ? 'Fluxer Desktop' : device.browser,
    os: device.os,
    browser: device.browser,
    address: session.address,
    network: session.network,
    created_at: instant(session.createdAt),
    last_used_at: instant(session.lastUsedAt),
    expires_at: instant(session.expiresAt),
    current: session.id === currentId,
  };
}

export function presentAuditRecord(record: AuditRecord) {
  return {
    id: record.id,
    at: instant(record.at),
    event: record.event,
    user_id: record.userId,
    actor_id: record.actorId,
    session_id: record.sessionId,
    method: record.method,
    outcome: record.outcome,
    address: record.address,
    user_agent: record.userAgent,
    details: record.details,
  };
}
