/** Flecto contract A7: over when now is strictly later. */
export function isExpired(expiresAt: string | null, now: number): boolean {
  return expiresAt !== null && now > Date.parse(expiresAt);
}

/** What a `datetime-local` field holds, which is in the browser's own time zone, as the API takes it. */
export function expiryFrom(field: string): string | null {
  const at = new Date(field);
  return field === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
