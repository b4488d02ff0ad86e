import { z } from 'zod';
import type { Passkey } from './passkey-store.ts';

/**
 * What browsers send as JSON (WebAuthn 5.1: `AuthenticationResponseJSON`, `RegistrationResponseJSON`), as far as
 * it is read. Sizes are several times what real authenticators send.
 */
function base64url(maximum: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[A-Za-z0-9_-]+$/);
}

/** WebAuthn 7.1 step 25: 1,023 bytes at most. */
const MAX_CREDENTIAL_ID = Math.ceil((1023 * 4) / 3);

const credentialId = base64url(MAX_CREDENTIAL_ID);

/** Whether a text can be a passkey's id at all; no database is asked for others, which it might not even take. */
export function isCredentialId(text: string): boolean {
  return credentialId.safeParse(text).success;
}

const envelope = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).nullish(),
  authenticatorAttachment: z.string().max(32).nullish(),
};

export const authenticationResponse = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url(8_192),
    authenticatorData: base64url(8_192),
    signature: base64url(2_048),
    userHandle: base64url(128).nullish(),
  }),
});

export const registrationResponse = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url(8_192),
    attestationObject: base64url(65_536),
    transports: z.array(z.string().max(32)).max(16).nullish(),
  }),
});

export type AuthenticationResponse = z.output<typeof authenticationResponse>;
export type RegistrationResponse = z.output<typeof registrationResponse>;

/** How options name a passkey (WebAuthn 5.8.3). */
export function describePasskey({ credentialId, transports }: Passkey) {
  return {
    id: credentialId,
    type: 'public-key',
    ...(transports.length > 0 && { transports: [...transports] }),
  };
}
