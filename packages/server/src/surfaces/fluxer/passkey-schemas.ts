import { z } from 'zod';
import { creationOptions } from '../../http/index.ts';
import * as field from './fields.ts';
import { proofRequest } from './schemas.ts';

const proofFields = proofRequest.shape;
const name = field.text(1, 100);

/** What a browser made or signed. The passkey method reads it; its refusals are the contract's own codes. */
const browserResponse = field
  .body({})
  .loose()
  .meta({ description: 'RegistrationResponseJSON of WebAuthn level 3.' });

/** Contract 4.6. */
export const registerPasskeyRequest = field
  .body({ response: browserResponse, challenge: field.text(1, 1024), name, ...proofFields })
  .meta({ id: 'WebAuthnRegisterRequest' });

export const renamePasskeyRequest = field
  .body({ name, ...proofFields })
  .meta({ id: 'WebAuthnCredentialUpdateRequest' });

export const passkeyParams = z.object({ credential_id: z.string() });

// ---- answers

export const passkeyListResponse = z
  .array(
    z.object({
      id: z.string(),
      name: z.string(),
      created_at: z.string(),
      last_used_at: z.string().nullable(),
    }),
  )
  .meta({ id: 'WebAuthnCredentialsResponse' });

export const registrationOptionsResponse = creationOptions.meta({
  id: 'WebAuthnRegistrationOptionsResponse',
});
