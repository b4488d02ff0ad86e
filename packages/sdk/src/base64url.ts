const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Null where bits are left over: each sequence of bytes has one spelling, so that a changed token is another token. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  const over = text.length % 4;
  if (over === 1 || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const unused = over === 2 ? 0b1111 : over === 3 ? 0b11 : 0;
  if (ALPHABET.indexOf(text.charAt(text.length - 1)) & unused) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  const binary = String.fromCharCode(...(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
