import type { Project, ProjectKey } from '../../core/project/index.ts';
import type { SigningKeyListing } from '../../core/signing-key/index.ts';

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
