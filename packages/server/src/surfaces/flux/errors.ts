import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AuthErrorCode, isAuthError } from '../../core/errors.ts';
import { JsonBodyError } from '../../http/index.ts';

/** What SDKs decide by (`docs/flux-wire.md`). */
type FluxErrorCode =
  | 'invalid_request'
  | 'invalid_api_key'
  | 'invalid_session'
  | 'session_expired'
  | 'session_revoked'
  | 'invalid_credentials'
  | 'invalid_link'
  | 'invalid_code'
  | 'method_disabled'
  | 'captcha_required'
  | 'captcha_refused'
  | 'origin_not_allowed'
  | 'redirect_not_allowed'
  | 'account_suspended'
  | 'mfa_required'
  | 'place_approval_required'
  | 'forbidden'
  | 'not_found'
  | 'already_exists'
  | 'already_enrolled'
  | 'weak_password'
  | 'email_unreachable'
  | 'phone_invalid'
  | 'phone_taken'
  | 'passkey_refused'
  | 'passkey_limit'
  | 'rate_limited'
  | 'internal_error'
  | 'unavailable';

interface Answer {
  status: number;
  code: FluxErrorCode;
  message: string;
  retryAfterSeconds?: number;
}

function answer(status: number, code: FluxErrorCode, message: string): Answer {
  return { status, code, message };
}

const INTERNAL = answer(500, 'internal_error', 'Something went wrong on our side.');
const UNAVAILABLE: Answer = {
  ...answer(503, 'unavailable', 'The server cannot answer this now. Nothing was judged; try again.'),
  retryAfterSeconds: 5,
};
const INVALID_REQUEST = answer(400, 'invalid_request', 'The request is not what this route takes.');
const INVALID_CREDENTIALS = answer(401, 'invalid_credentials', 'The address or the password is wrong.');
const INVALID_LINK = answer(401, 'invalid_link', 'This link or code is wrong, used or too old.');
const NOT_FOUND = answer(404, 'not_found', 'There is nothing here by this name.');
const INVALID_CODE = answer(401, 'invalid_code', 'The code is wrong, used or too old.');
const ALREADY_ENROLLED = answer(409, 'already_enrolled', 'There is a factor of this type already.');
const FORBIDDEN = answer(403, 'forbidden', 'This is not allowed.');
const RATE_LIMITED = answer(429, 'rate_limited', 'Too many requests. Retry-After says when to come again.');
const SUSPENDED = answer(403, 'account_suspended', 'This account is closed.');

/** What the wire itself refuses, before or beside core. */
export const answers = {
  invalidApiKey: answer(
    401,
    'invalid_api_key',
    'The project key is missing, unknown, revoked or of another kind.',
  ),
  invalidSession: answer(401, 'invalid_session', 'This is no session token of the project.'),
  sessionExpired: answer(401, 'session_expired', 'The session is past its time.'),
  sessionRevoked: answer(401, 'session_revoked', 'This session has been ended.'),
  invalidLink: INVALID_LINK,
  methodDisabled: answer(403, 'method_disabled', 'The project has switched this way of signing in off.'),
  factorSwitchedOff: answer(403, 'method_disabled', 'The project lets nobody set up a factor of this type.'),
  redirectNotAllowed: answer(
    403,
    'redirect_not_allowed',
    "This address is not one of the project's redirect addresses.",
  ),
  originNotAllowed: answer(403, 'origin_not_allowed', "This page's origin is not one of the project's."),
  suspected: answer(
    403,
    'forbidden',
    'The owner of this account has something to settle at the sign-in pages first.',
  ),
  strangePlace: answer(
    403,
    'place_approval_required',
    'This place is new to the account: its owner signs in from here at the sign-in pages first.',
  ),
  mfaRequired: answer(403, 'mfa_required', 'This needs a session that has shown a second factor.'),
  notFound: NOT_FOUND,
} as const satisfies Record<string, Answer>;

/** What Flux's API says of each refusal of core; those no route here can meet fall under "internal". */
const ANSWERS: Record<AuthErrorCode, Answer> = {
  'invalid-credentials': INVALID_CREDENTIALS,
  'wrong-passkey': answer(401, 'invalid_credentials', 'This passkey opens nothing here.'),
  'wrong-code': INVALID_CODE,
  'invalid-ticket': answers.invalidLink,
  'factor-not-enrolled': NOT_FOUND,
  'enrolment-required': answer(403, 'mfa_required', 'A second factor has to be set up first.'),
  'not-signed-in': answers.sessionRevoked,
  'not-allowed': FORBIDDEN,
  'not-found': NOT_FOUND,
  'email-unverified': INVALID_CREDENTIALS,
  'account-suspended': SUSPENDED,
  'account-suspected': answers.suspected,
  'email-taken': answer(409, 'already_exists', 'This address has an account.'),
  'email-unreachable': answer(422, 'email_unreachable', 'No mail could arrive at this address.'),
  'password-refused': answer(422, 'weak_password', 'This password is too short, too long or too common.'),
  'rate-limited': RATE_LIMITED,
  overloaded: UNAVAILABLE,
  'username-exhausted': UNAVAILABLE,
  'too-young': FORBIDDEN,
  'consent-missing': INVALID_REQUEST,
  'proof-required': answer(403, 'mfa_required', 'A second factor has to be shown first.'),
  'wrong-proof': INVALID_CREDENTIALS,
  'captcha-required': answer(403, 'captcha_required', 'Solve the CAPTCHA first, and send its answer.'),
  'captcha-refused': answer(
    403,
    'captcha_refused',
    'The CAPTCHA was not solved, or its answer was used before.',
  ),
  'captcha-unavailable': UNAVAILABLE,
  'sso-unavailable': UNAVAILABLE,
  'sms-unavailable': UNAVAILABLE,
  'phone-rate-limited': RATE_LIMITED,
  'grant-exceeds-own': INTERNAL,
  'last-administrator': INTERNAL,
  'permissions-refused': INTERNAL,
  'name-refused': INTERNAL,
  'name-taken': INTERNAL,
  'invalid-approval': INTERNAL,
  'approval-resent': INTERNAL,
  'approval-resend-too-soon': INTERNAL,
  'username-changes-used-up': INTERNAL,
  'current-password-missing': INTERNAL,
  'no-passkeys': NOT_FOUND,
  'passkey-refused': answer(422, 'passkey_refused', 'This is no passkey that can be kept.'),
  'passkey-limit': answer(409, 'passkey_limit', 'There are ten passkeys already, and no room for another.'),
  'totp-already-enabled': ALREADY_ENROLLED,
  'factor-already-enrolled': ALREADY_ENROLLED,
  'factor-switched-off': answers.factorSwitchedOff,
  'totp-not-enabled': NOT_FOUND,
  'totp-secret-refused': INTERNAL,
  'invalid-link-token': INVALID_LINK,
  'invalid-magic-link': INVALID_LINK,
  'invalid-handoff-code': INTERNAL,
  'change-refused': INTERNAL,
  'push-refused': INTERNAL,
  'already-set-up': INTERNAL,
  'sso-disabled': INTERNAL,
  'sso-state-invalid': INTERNAL,
  'phone-invalid': answer(422, 'phone_invalid', 'This is no number that codes can be sent to.'),
  'phone-taken': answer(409, 'phone_taken', 'This number belongs to another account.'),
  'wrong-phone-code': INVALID_CODE,
  'phone-unverified': INTERNAL,
  'phone-required': NOT_FOUND,
  'sms-needs-totp': INTERNAL,
  'sms-not-enabled': NOT_FOUND,
  'sms-still-enabled': INTERNAL,
  'site-unknown': INTERNAL,
  'agent-report-incomplete': INTERNAL,
  'site-code-taken': INTERNAL,
  'site-content-refused': INTERNAL,
};

/** A refusal that belongs to this wire alone. */
export class FluxError extends Error {
  override readonly name = 'FluxError';
  readonly answer: Answer;

  constructor(refusal: Answer) {
    super(refusal.code);
    this.answer = refusal;
  }
}

export const errorSchema = z
  .object({
    error: z.object({
      code: z.string().meta({ description: 'What to decide by.' }),
      message: z.string().meta({ description: 'For people; may change.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'FluxError', description: 'Every refusal.' });

/** Turns whatever a route threw into the wire's one shape; what it does not know is a logged 500. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = answerFor(error);
  if (refusal.status >= 500) request.log.error({ err: error }, 'request failed');
  return send(refusal, request, reply);
}

/** The same for a browser that has come by itself and cannot be led back: a page, which names nothing that was sent. */
export function answerAsPage(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message, retryAfterSeconds } = answerFor(error);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nobody was signed in</title><h1>Nobody was signed in</h1><p>${message}</p><p>Go back to the app and begin again there.</p><p><small>${request.id}</small></p></html>`,
    );
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(NOT_FOUND, request, reply);
}

function send(
  { status, code, message, retryAfterSeconds }: Answer,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  return reply.code(status).send({ error: { code, message, request_id: request.id } });
}

function answerFor(error: unknown): Answer {
  if (error instanceof FluxError) return error.answer;
  if (isAuthError(error)) {
    const { details } = error;
    return details && 'retryAfterSeconds' in details
      ? { ...ANSWERS[error.code], retryAfterSeconds: details.retryAfterSeconds }
      : ANSWERS[error.code];
  }
  if (error instanceof z.ZodError || error instanceof JsonBodyError) return INVALID_REQUEST;
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  if (name === 'StorageError') return UNAVAILABLE;
  if (statusCode === 413) return { ...INVALID_REQUEST, status: 413 };
  return statusCode >= 400 && statusCode < 500 ? INVALID_REQUEST : INTERNAL;
}
