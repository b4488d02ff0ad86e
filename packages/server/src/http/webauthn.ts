import { z } from 'zod';

/** How options name a passkey (WebAuthn 5.8.3). */
const descriptors = z.array(
  z.object({ id: z.string(), type: z.string(), transports: z.array(z.string()).optional() }),
);

/** What `navigator.credentials.get` takes: PublicKeyCredentialRequestOptionsJSON of WebAuthn level 3. */
export const requestOptions = z.object({
  challenge: z.string(),
  timeout: z.int(),
  rpId: z.string(),
  allowCredentials: descriptors.optional(),
  userVerification: z.string(),
});

/** What `navigator.credentials.create` takes: PublicKeyCredentialCreationOptionsJSON. */
export const creationOptions = z.object({
  rp: z.object({ name: z.string(), id: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.object({ alg: z.int(), type: z.string() })),
  timeout: z.int(),
  attestation: z.string(),
  excludeCredentials: descriptors,
  authenticatorSelection: z.object({
    residentKey: z.string(),
    requireResidentKey: z.boolean(),
    userVerification: z.string(),
  }),
  extensions: z.object({ credProps: z.boolean() }),
  hints: z.array(z.string()),
});
