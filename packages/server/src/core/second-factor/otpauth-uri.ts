/** How authenticator apps take a secret; what is left out (SHA-1, 6 digits, 30 seconds) is what they all assume. */
export function otpauthUri({
  siteName,
  accountName,
  secret,
}: {
  siteName: string;
  accountName: string;
  /** Base32. */
  secret: string;
}): string {
  // A colon parts the two names.
  const issuer = siteName.replace(/\s*:\s*/g, ' ');
  const label = encodeURIComponent(`${issuer}:${accountName}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}
