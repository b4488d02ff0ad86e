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

export const openidResponse = z
  .object({
    enabled: z.boolean(),
    name: z.string().optional().meta({ description: 'What a button may call the provider.' }),
    icon: z
      .string()
      .optional()
      .meta({ description: '`google`, `keycloak`, `microsoft`, or the URL of a picture.' }),
    authUrl: z
      .string()
      .optional()
      .meta({ description: 'Where to send the browser; good for five minutes, once.' }),
  })
  .meta({ id: 'FlectoOpenid' });

const queryText = z.union([z.string(), z.array(z.string())]).optional();

export const openidCallbackQuery = z.object({
  code: queryText,
  state: queryText,
  error: queryText,
  error_description: queryText,
});

export const openidRedirect = z.null().meta({
  description: 'To `/login/callback` with `access_token` and `refresh_token`, or to `/login` with `error`.',
});
