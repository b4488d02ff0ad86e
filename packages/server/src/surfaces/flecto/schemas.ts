import { z } from 'zod';

const required = z.string().min(1);

export const loginRequest = z
  .object({
    username: required.meta({ description: 'Login name or e-mail address.' }),
    password: required,
  })
  .meta({ id: 'FlectoLogin' });

export const mfaRequest = z
  .object({
    ticket: required,
    method: required.meta({ description: 'One of the `methods` that came with the ticket.' }),
    code: required,
  })
  .meta({ id: 'FlectoMfa' });

export const mfaSendRequest = z.object({ ticket: required }).meta({ id: 'FlectoMfaSend' });

export const refreshRequest = z.object({ refreshToken: required }).meta({ id: 'FlectoRefresh' });

export const loginResponse = z
  .object({
    user: z.object({
      id: z.int(),
      username: z.string(),
      firstname: z.string(),
      lastname: z.string(),
    }),
    tokens: z.object({
      accessToken: z.string(),
      refreshToken: z.string(),
      expiresAt: z.int().meta({ description: 'End of the access token, in seconds since 1970.' }),
    }),
  })
  .meta({ id: 'FlectoLoginAnswer' });
