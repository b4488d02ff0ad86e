import { createHash, timingSafeEqual } from 'node:crypto';

/** What a token is stored and looked up as: SHA-256 of its whole text, base64url without padding (43 characters). */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Whether two secrets are the same, in a time that tells nothing of where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
