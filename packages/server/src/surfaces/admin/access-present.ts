import type { z } from 'zod';
import type { ApiToken, Permissions, Rights, Role } from '../../core/access/index.ts';
import type { permissionsSchema } from './access-schemas.ts';
import type { UserDossier } from './present.ts';
import { presentUser } from './present.ts';

function instant(at: number): string {
  return new Date(at).toISOString();
}

/** What core calls a site is a project on this wire (Flecto contract A8). */
export function permissionsFrom(body: z.output<typeof permissionsSchema>): Permissions {
  return {
    admin: body.admin,
    resources: body.resources.map(({ project, ...row }) => ({ ...row, site: project })),
  };
}

export function presentPermissions({ admin, resources }: Permissions) {
  return {
    admin: admin.map(({ section, action }) => ({ section, action })),
    resources: resources.map(({ namespace, site, resource, action }) => ({
      namespace,
      project: site,
      resource,
      action,
    })),
  };
}

export function presentToken(token: ApiToken) {
  const { expiresAt, lastUsedAt } = token;
  return {
    id: token.id,
    name: token.name,
    preview: token.preview,
    permissions: presentPermissions(token.permissions),
    expires_at: expiresAt === null ? null : instant(expiresAt),
    created_at: instant(token.createdAt),
    updated_at: instant(token.updatedAt),
    last_used_at: lastUsedAt === null ? null : instant(lastUsedAt),
  };
}

export function presentRole({ code, permissions, createdAt, updatedAt }: Role) {
  return {
    code,
    permissions: presentPermissions(permissions),
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  };
}

/** Enough to know somebody by; the rest is for whoever may read users. */
export function presentMember(dossier: UserDossier) {
  const { id, username, discriminator, global_name, login_name } = presentUser(dossier);
  return { id, username, discriminator, global_name, login_name };
}

export function presentRights({ permissions, roles }: Rights, effective: Permissions) {
  return {
    permissions: presentPermissions(permissions),
    roles: [...roles],
    effective: presentPermissions(effective),
  };
}
