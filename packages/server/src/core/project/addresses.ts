import type { ProviderId } from './provider-settings.ts';

/** Who signs a project's session tokens: their `iss`. */
export function issuerOf(publicUrl: string, projectId: string): string {
  return `${publicUrl}/flux/v1/projects/${projectId}`;
}

/** Where the public halves of the keys are that sign them, for all projects. */
export function jwksUriOf(publicUrl: string): string {
  return `${publicUrl}/flux/v1/.well-known/jwks.json`;
}

/** The hosted page at which a project's users sign in. */
export function signInUrlOf(publicUrl: string, projectId: string): string {
  return `${publicUrl}/p/${projectId}/sign-in`;
}

/** Where a provider of social sign-in sends people back to; the same for all projects. */
export function callbackUrlOf(publicUrl: string, provider: ProviderId): string {
  return `${publicUrl}/flux/v1/oauth/${provider}/callback`;
}
