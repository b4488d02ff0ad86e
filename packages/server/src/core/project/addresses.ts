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
