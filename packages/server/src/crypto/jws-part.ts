const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A part of a compact JWS: base64url without padding. */
export function encodedPart(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The text of a part; null for another spelling of the same bytes, and for what is no UTF-8. */
export function decodedPart(part: string): string | null {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
