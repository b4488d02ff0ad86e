import type { RelyingParty } from './relying-party.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The browser's own account of what it signed (WebAuthn 5.8.1); null for what is no such thing. */
export function readClientData(clientDataJSON: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(utf8.decode(Buffer.from(clientDataJSON, 'base64url')));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/**
 * WebAuthn 7.1 steps 7 to 11 and 7.2 steps 11 to 15. Framed pages are nobody's to sign in from: the library takes
 * a foreign frame that does not name its top page, and looks at neither when a passkey is made (C03).
 */
export function isClientDataRight(
  data: Record<string, unknown>,
  expected: {
    type: 'webauthn.create' | 'webauthn.get';
    challenge: string;
    origins: RelyingParty['origins'];
  },
): boolean {
  return (
    data['type'] === expected.type &&
    data['challenge'] === expected.challenge &&
    typeof data['origin'] === 'string' &&
    expected.origins.includes(data['origin']) &&
    (data['crossOrigin'] === undefined || data['crossOrigin'] === false) &&
    data['topOrigin'] === undefined
  );
}
