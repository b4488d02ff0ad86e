import { z } from 'zod';
import { creationOptions, requestOptions } from '../../http/index.ts';
import { verifiedResponse } from './schemas.ts';

/** What a browser made or signed; the passkey method reads it, and refuses it in its own words. */
const browserResponse = z
  .record(z.string(), z.unknown())
  .meta({ description: 'RegistrationResponseJSON or AuthenticationResponseJSON of WebAuthn level 3.' });

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !/\p{Cc}/u.test(text), 'No control characters.');

export const assertionRequest = z.object({ response: browserResponse }).meta({ id: 'FluxPasskeyAnswer' });

export const registrationRequest = z
  .object({ response: browserResponse, name: name.optional() })
  .meta({ id: 'FluxPasskeyRegistration' });

export const renameRequest = z.object({ name }).meta({ id: 'FluxPasskeyName' });

/** Longer than any; the method knows what an id can be. */
export const passkeyParams = z.object({ id: z.string().max(2_048) });

export const requestOptionsResponse = z
  .object({ options: requestOptions })
  .meta({ id: 'FluxPasskeyRequestOptions', description: 'PublicKeyCredentialRequestOptionsJSON.' });

export const creationOptionsResponse = z
  .object({ options: creationOptions })
  .meta({ id: 'FluxPasskeyCreationOptions', description: 'PublicKeyCredentialCreationOptionsJSON.' });

const passkey = z
  .object({
    id: z.string(),
    name: z.string(),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
  })
  .meta({ id: 'FluxPasskey' });

export const passkeyResponse = z.object({ passkey }).meta({ id: 'FluxPasskeyAnswered' });

export const passkeyListResponse = z.object({ passkeys: z.array(passkey) }).meta({ id: 'FluxPasskeys' });

export const registeredResponse = verifiedResponse.extend({ passkey }).meta({ id: 'FluxPasskeyRegistered' });
