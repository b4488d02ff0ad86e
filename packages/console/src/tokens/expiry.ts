/** Flecto contract A7: over when now is strictly later. */
export function isExpired(expiresAt: string | null, now: number): boolean {
  return expiresAt !== null && now > Date.parse(expiresAt);
}
