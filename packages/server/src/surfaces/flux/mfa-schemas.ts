import { z } from 'zod';

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
