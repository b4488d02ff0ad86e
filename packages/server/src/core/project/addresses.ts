import { isElsewhere, type ProviderId, type ProviderOptions } from './provider-settings.ts';

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

/**
 * Where a provider of social sign-in sends people back to: the same for all projects, save where a project names the
 * provider's address itself. Whoever runs that one could lead people on to the genuine provider under another project's
 * name, and would be handed the code that they come back with here (RFC 9700, section 4.4). Neither address is below the
 * other, because GitHub takes what is below the registered one for registered too.
 */
export function callbackUrlOf(
  publicUrl: string,
  { projectId, provider, options }: { projectId: string; provider: ProviderId; options: ProviderOptions },
): string {
  const whose = isElsewhere(provider, options) ? `/projects/${projectId}` : '';
  return `${publicUrl}/flux/v1${whose}/oauth/${provider}/callback`;
}
