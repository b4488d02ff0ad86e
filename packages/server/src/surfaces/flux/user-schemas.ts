import { z } from 'zod';

export const changeAccountRequest = z
  .strictObject({ mfa_required: z.boolean() })
  .meta({ id: 'FluxAccountChange' });

export const accountResponse = z
  .object({
    user: z.object({
      id: z.string(),
      email: z.string().nullable(),
      email_verified: z.boolean(),
      created_at: z.string(),
      mfa_required: z
        .boolean()
        .meta({ description: 'Of this user alone; the project may require one besides.' }),
      status: z.enum(['active', 'suspended', 'disabled', 'leaving']),
    }),
  })
  .meta({ id: 'FluxAccount' });
