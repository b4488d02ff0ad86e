import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AuthErrorCode, isAuthError } from '../../core/errors.ts';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string() })).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem', description: 'Every refusal (RFC 9457).' });

interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
}

const INTERNAL: Problem = {
  status: 500,
  code: 'internal',
  title: 'Internal error',
  detail: 'Something went wrong on our side. The log names this request by its id.',
};

/** What the admin API says of each refusal of core; those no route here can meet fall under "internal". */
const PROBLEMS: Record<AuthErrorCode, Problem> = {
  'invalid-credentials': problem(403, 'invalid_credentials', 'Wrong password', 'The password is wrong.'),
  'wrong-proof': problem(
    403,
    'invalid_credentials',
    'Not accepted',
    'The password, code or passkey is wrong.',
  ),
  'wrong-code': INTERNAL,
  'wrong-passkey': INTERNAL,
  'invalid-ticket': INTERNAL,
  'factor-not-enrolled': problem(
    400,
    'factor_not_enrolled',
    'Not set up',
    'The account does not have this factor.',
  ),
  'enrolment-required': INTERNAL,
  'invalid-approval': INTERNAL,
  'approval-resent': INTERNAL,
  'approval-resend-too-soon': INTERNAL,
  'proof-required': problem(
    403,
    'sudo_required',
    'Confirm it is you',
    'Post a proof that /admin/v1/me names in sudo_methods to /admin/v1/sudo and repeat the request.',
  ),
  'not-signed-in': problem(401, 'unauthenticated', 'Sign in first', 'Sign in on the hosted page at /login.'),
  'not-allowed': problem(
    403,
    'forbidden',
    'Not allowed',
    'Your account does not hold the permission this needs.',
  ),
  'not-found': problem(404, 'not_found', 'Not found', 'There is no such thing here.'),
  'grant-exceeds-own': problem(
    403,
    'grant_exceeds_own',
    'More than your own',
    'You cannot grant a permission that you do not hold yourself, nor change an account that holds one.',
  ),
  'last-administrator': problem(
    409,
    'last_administrator',
    'The last administrator',
    'Nobody would be left who may administer everything. Make somebody else an administrator first.',
  ),
  'permissions-refused': problem(
    400,
    'invalid_request',
    'Not understood',
    'There are words among the permissions that nothing here asks for, or more than 100 rows.',
  ),
  'name-refused': problem(
    400,
    'invalid_request',
    'Not understood',
    'The name does not have the form of one.',
  ),
  'name-taken': problem(409, 'name_taken', 'Name taken', 'Something else here has this name already.'),
  'account-suspected': INTERNAL,
  'email-unreachable': INTERNAL,
  'email-unverified': problem(403, 'forbidden', 'Not allowed', 'The e-mail address is not confirmed.'),
  'account-suspended': problem(403, 'forbidden', 'Not allowed', 'The account is suspended.'),
  'rate-limited': problem(429, 'rate_limited', 'Too many tries', 'Wait as long as Retry-After says.'),
  overloaded: problem(503, 'unavailable', 'Busy', 'The server is busy. Try again shortly.'),
  'captcha-required': INTERNAL,
  'captcha-refused': INTERNAL,
  'captcha-unavailable': INTERNAL,
  'email-taken': problem(409, 'email_taken', 'Address taken', 'There is an account of this address already.'),
  'username-exhausted': problem(
    409,
    'name_taken',
    'Name taken',
    'Too many accounts are called like this. Give another name.',
  ),
  'username-changes-used-up': INTERNAL,
  'too-young': INTERNAL,
  'consent-missing': INTERNAL,
  'password-refused': problem(
    400,
    'password_refused',
    'Password refused',
    'The password is too short, too long, too common, or made of the name of the account.',
  ),
  'current-password-missing': INTERNAL,
  'no-passkeys': problem(400, 'factor_not_enrolled', 'Not set up', 'The account has no passkey.'),
  'passkey-refused': INTERNAL,
  'passkey-limit': INTERNAL,
  'totp-already-enabled': INTERNAL,
  'factor-already-enrolled': INTERNAL,
  'factor-switched-off': INTERNAL,
  'totp-not-enabled': INTERNAL,
  'totp-secret-refused': INTERNAL,
  'invalid-link-token': INTERNAL,
  'invalid-magic-link': INTERNAL,
  'push-refused': INTERNAL,
  'invalid-handoff-code': INTERNAL,
  'change-refused': INTERNAL,
  'already-set-up': INTERNAL,
  'sso-disabled': INTERNAL,
  'sso-unavailable': INTERNAL,
  'sso-state-invalid': INTERNAL,
  'sms-unavailable': problem(503, 'unavailable', 'No SMS', 'This server sends no SMS now.'),
  'phone-invalid': INTERNAL,
  'phone-taken': INTERNAL,
  'phone-rate-limited': problem(
    429,
    'rate_limited',
    'Too many messages',
    'Wait as long as Retry-After says.',
  ),
  'wrong-phone-code': INTERNAL,
  'phone-unverified': INTERNAL,
  'phone-required': INTERNAL,
  'sms-needs-totp': INTERNAL,
  'sms-not-enabled': INTERNAL,
  'sms-still-enabled': INTERNAL,
  'site-unknown': problem(404, 'not_found', 'Not found', 'There is no such thing here.'),
  'site-code-taken': problem(409, 'taken', 'In use', 'There is one of this code, source or path already.'),
  'site-content-refused': problem(
    400,
    'too_large',
    'Too large',
    'The page is larger than flecto.page_size_limit_bytes, or there is no room for more on this project.',
  ),
  'agent-report-incomplete': INTERNAL,
};

function problem(status: number, code: string, title: string, detail: string): Problem {
  return { status, code, title, detail };
}

const INVALID = problem(
  400,
  'invalid_request',
  'Not understood',
  'Some fields of the request are not right; see errors.',
);
const CROSS_SITE = problem(
  403,
  'cross_site',
  'Another site',
  'This request came from a page of another site.',
);
const UNAVAILABLE = problem(
  503,
  'unavailable',
  'Database away',
  'The database does not answer. Try again shortly.',
);
const NOT_FOUND = PROBLEMS['not-found'];

/** The request was caused by another site's page. */
export class CrossSiteError extends Error {
  override readonly name = 'CrossSiteError';
}

/** Turns whatever a route threw into a problem; what it does not know is a logged 500. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = problemFor(error);
  if (found.status >= 500) request.log.error({ err: error }, 'request failed');
  if (isAuthError(error) && error.details && 'retryAfterSeconds' in error.details) {
    void reply.header('retry-after', error.details.retryAfterSeconds);
  } else if (found === UNAVAILABLE) void reply.header('retry-after', 5);
  return sendProblem(found, { request, reply, error });
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(NOT_FOUND, { request, reply, error: null });
}

function problemFor(error: unknown): Problem {
  if (isAuthError(error)) return PROBLEMS[error.code];
  if (error instanceof z.ZodError) return INVALID;
  if (error instanceof CrossSiteError) return CROSS_SITE;
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  if (name === 'StorageError' || name === 'ProviderError') return UNAVAILABLE;
  return statusCode >= 400 && statusCode < 500 ? { ...INVALID, status: statusCode } : INTERNAL;
}

function sendProblem(
  { status, code, title, detail }: Problem,
  { request, reply, error }: { request: FastifyRequest; reply: FastifyReply; error: unknown },
): FastifyReply {
  const errors =
    error instanceof z.ZodError
      ? error.issues.map((issue) => ({
          path: issue.path.join('.') || 'root',
          message: issue.message,
          code: issue.code ?? 'custom',
        }))
      : undefined;
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title,
      status,
      detail,
      code,
      ...(errors && { errors }),
      request_id: request.id,
    });
}
