/** Whom passkeys are made for (WebAuthn 4). */
export interface RelyingParty {
  /** A host name: the public URL's, or a parent domain that all origins belong to. */
  id: string;
  /** Shown by the browser when a passkey is made. */
  name: string;
  /** Where passkeys may be used from, compared exactly: `https://…`, or an app's own such as `android:apk-key-hash:…`. */
  origins: readonly string[];
}

/** COSE algorithms in the order they are offered (contract 4.6): EdDSA, ES256, RS256. */
export const ALGORITHMS = [-8, -7, -257] as const;

/** Contract 1.4 and 4.6, in milliseconds; advice to the browser only. */
export const TIMEOUT_MS = 60_000;

/** Contract 4.6: what an authenticator keeps as the owner, and gives back as `userHandle`. */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}
