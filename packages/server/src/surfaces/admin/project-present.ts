import type { Contact } from '../../core/contact/index.ts';
import type { Project, ProjectKey } from '../../core/project/index.ts';
import type { SigningKeyListing } from '../../core/signing-key/index.ts';
import type { Identity } from '../../core/sso/index.ts';
import type { User } from '../../core/user/index.ts';

/** A user with all that an administrator sees of one in a project. */
export interface ProjectUserDossier {
  user: User;
  contacts: Contact[];
  /** In E.164; never shown whole. */
  phone: string | null;
  passkeys: number;
  identities: Identity[];
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function maybe(at: number | null): string | null {
  return at === null ? null : instant(at);
}

export function presentProject(project: Project, defaultId: string) {
  const { id, slug, name, settings, createdAt, updatedAt } = project;
  return {
    ...{ id, slug, name, settings },
    is_default: id === defaultId,
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  };
}

/** `now` tells whether its end has come. */
export function presentKey(key: ProjectKey, now: number) {
  const { id, kind, name, preview, createdAt, expiresAt, revokedAt, lastUsedAt, replacedBy } = key;
  const isOver = expiresAt !== null && expiresAt <= now;
  return {
    ...{ id, kind, name, preview },
    status: revokedAt !== null ? 'revoked' : isOver ? 'expired' : 'active',
    created_at: instant(createdAt),
    expires_at: maybe(expiresAt),
    revoked_at: maybe(revokedAt),
    last_used_at: maybe(lastUsedAt),
    replaced_by: replacedBy,
  };
}

export function presentSigningKey({ id, state, createdAt, signsFrom }: SigningKeyListing) {
  return { id, status: state, created_at: instant(createdAt), signs_from: instant(signsFrom) };
}

export function presentProjectUser(user: User) {
  return {
    id: user.id,
    email: user.email?.address ?? null,
    email_verified: user.email?.verified ?? false,
    username: user.profile.username,
    status: user.status,
    suspended_reason: user.suspendedReason,
    factors: [...user.factors],
    mfa_required: user.isFactorDemanded,
    created_at: instant(user.createdAt),
    last_seen_at: maybe(user.lastSeenAt),
  };
}

export function presentProjectUserDossier(dossier: ProjectUserDossier) {
  const { user, contacts, phone, passkeys, identities } = dossier;
  return {
    ...presentProjectUser(user),
    emails: contacts.map(({ address, verifiedAt, isPrimary }) => ({
      address,
      verified: verifiedAt !== null,
      primary: isPrimary,
    })),
    phone_hint: phone === null ? null : `••••${phone.slice(-4)}`,
    has_password: user.passwordChangedAt !== null,
    passkeys,
    identities: identities.map(({ issuer, subject, createdAt, lastUsedAt }) => ({
      ...{ issuer, subject },
      created_at: instant(createdAt),
      last_used_at: instant(lastUsedAt),
    })),
  };
}
