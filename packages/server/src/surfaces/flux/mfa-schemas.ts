import { z } from 'zod';
import { verifiedResponse } from './schemas.ts';

export const enrolRequest = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('totp') }),
    z.object({
      type: z.literal('sms'),
      phone: z
        .string()
        .min(1)
        .max(64)
        .meta({ description: 'With the country code, such as +4915123456789.' }),
    }),
  ])
  .meta({ id: 'FluxFactorWanted' });

export const factorParams = z.object({ id: z.string().max(100) });

export const codeRequest = z.object({ code: z.string().min(1).max(64) }).meta({ id: 'FluxCode' });

const factor = z
  .object({
    id: z.string(),
    type: z.enum(['totp', 'sms']),
    status: z.enum(['verified', 'unverified']),
    phone_hint: z.string().nullable().meta({ description: 'The last four digits; null for an app.' }),
    created_at: z.string(),
  })
  .meta({ id: 'FluxFactor' });

const challenge = z
  .object({ id: z.string(), factor_id: z.string(), expires_at: z.string() })
  .meta({ id: 'FluxChallenge' });

export const factorsResponse = z
  .object({ factors: z.array(factor), recovery_codes_left: z.int() })
  .meta({ id: 'FluxFactors' });

export const enrolResponse = z
  .object({
    factor,
    totp: z
      .object({
        secret: z.string().meta({ description: 'Base32; told only here.' }),
        uri: z.string().meta({ description: '`otpauth://…`' }),
        qr_code: z.string().meta({ description: 'The same as a picture: `data:image/svg+xml;base64,…`' }),
      })
      .optional(),
    challenge: challenge.optional(),
  })
  .meta({ id: 'FluxFactorBegun' });

export const challengeResponse = z.object({ challenge }).meta({ id: 'FluxChallengeAnswer' });

const recoveryCodes = z.array(z.string()).meta({ description: 'Each is good once; told only here.' });

export const provedResponse = verifiedResponse
  .extend({ recovery_codes: recoveryCodes.optional() })
  .meta({ id: 'FluxProved' });

export const recoveryCodesResponse = z
  .object({ recovery_codes: recoveryCodes })
  .meta({ id: 'FluxRecoveryCodes' });

export const stepUpRequest = z
  .object({
    redirect_url: z.string().min(1).max(2_048),
    state: z
      .string()
      .max(500)
      .optional()
      .meta({ description: 'Handed back as it came, beside the address.' }),
  })
  .meta({ id: 'FluxStepUp' });

export const stepUpResponse = z
  .object({ url: z.string().meta({ description: 'Where to send the browser.' }), expires_at: z.string() })
  .meta({ id: 'FluxStepUpWay' });
