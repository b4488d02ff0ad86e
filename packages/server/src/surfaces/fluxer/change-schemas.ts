import { z } from 'zod';
import * as field from './fields.ts';
import { proofRequest } from './schemas.ts';

const proofFields = proofRequest.shape;
const nullableText = z.string().nullable();

/** Contract 4.7. A missing address has a code of its own there. */
const newEmail = field.requiredEmail('EMAIL_IS_REQUIRED');

const ticket = field.plainString;

export const ticketRequest = field.body({ ticket }).meta({ id: 'ChangeTicketRequest' });

export const codeRequest = field.body({ ticket, code: field.plainString }).meta({ id: 'ChangeCodeRequest' });

export const emailChangeRequestNewRequest = field
  .body({ ticket, new_email: newEmail, original_proof: field.plainString })
  .meta({ id: 'EmailChangeRequestNewRequest' });

export const emailChangeVerifyNewRequest = field
  .body({ ticket, code: field.plainString, original_proof: field.plainString })
  .meta({ id: 'EmailChangeVerifyNewRequest' });

export const bouncedRequestNewRequest = field
  .body({ new_email: newEmail })
  .meta({ id: 'EmailChangeBouncedRequestNewRequest' });

export const bouncedVerifyNewRequest = field
  .body({ ticket, code: field.plainString, ...proofFields })
  .meta({ id: 'EmailChangeBouncedVerifyNewRequest' });

/** Contract 4.8; appendix D asks accounts with a second factor for a proof of it. */
export const passwordChangeCompleteRequest = field
  .body({
    ticket,
    verification_proof: field.plainString,
    new_password: field.password,
    ...proofFields,
  })
  .meta({ id: 'PasswordChangeCompleteRequest' });

// ---- answers

export const emailChangeStartResponse = z
  .object({
    ticket: z.string(),
    require_original: z.boolean(),
    original_email: nullableText,
    original_proof: nullableText,
    original_code_expires_at: nullableText,
    resend_available_at: nullableText,
  })
  .meta({ id: 'EmailChangeStartResponse' });

export const emailChangeVerifyOriginalResponse = z
  .object({ original_proof: z.string() })
  .meta({ id: 'EmailChangeVerifyOriginalResponse' });

export const emailChangeRequestNewResponse = z
  .object({
    ticket: z.string(),
    new_email: z.string(),
    new_code_expires_at: z.string(),
    resend_available_at: nullableText,
  })
  .meta({ id: 'EmailChangeRequestNewResponse' });

export const emailTokenResponse = z.object({ email_token: z.string() }).meta({ id: 'EmailTokenResponse' });

export const passwordChangeStartResponse = z
  .object({ ticket: z.string(), code_expires_at: z.string(), resend_available_at: nullableText })
  .meta({ id: 'PasswordChangeStartResponse' });

export const passwordChangeVerifyResponse = z
  .object({ verification_proof: z.string() })
  .meta({ id: 'PasswordChangeVerifyResponse' });

export const passwordChangeCompleteResponse = z
  .object({ token: z.string(), auth_session_id_hash: z.string() })
  .meta({ id: 'PasswordChangeCompleteResponse' });
