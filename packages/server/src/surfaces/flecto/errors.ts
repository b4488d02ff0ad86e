import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AuthErrorCode, isAuthError } from '../../core/errors.ts';
import type { MethodId } from '../../core/sign-in/index.ts';
import { JsonBodyError } from '../../http/index.ts';

interface Answer {
  status: number;
  /** The machine code; it is told below `/auth` alone (contract A2). */
  error: string | null;
  message: string;
  /** Further keys beside the code. */
  extras?: Record<string, unknown>;
  /** Contract A2: a refusal by rights has neither body nor content type. */
  isEmpty?: true;
  retryAfterSeconds?: number;
}

/** Which of the contract's two shapes a scope speaks. */
export type Shape = 'coded' | 'plain';

function coded(status: number, error: string, message: string): Answer {
  return { status, error, message };
}

function plain(status: number, message: string): Answer {
  return { status, error: null, message };
}

const INVALID_CREDENTIALS = coded(401, 'invalid_credentials', 'Invalid email or password');
const NOT_EXIST = coded(403, 'user_not_exist', 'User account not exist');
const INVALID_TICKET = coded(401, 'invalid_ticket', 'Invalid or expired ticket: log in again');
const NO_SUCH_METHOD = coded(400, 'validation_error', 'The account does not have this method');
const NOT_ALLOWED: Answer = { ...plain(403, 'Forbidden'), isEmpty: true };
const NOT_FOUND = plain(404, 'Not Found');
const INTERNAL = coded(500, 'internal_error', 'Internal Server Error');
const UNAVAILABLE: Answer = {
  ...coded(503, 'service_unavailable', 'Service Unavailable: try again shortly'),
  retryAfterSeconds: 5,
};
const RATE_LIMITED = coded(429, 'rate_limited', 'Too many tries: wait as long as Retry-After says');

/** What the wire itself refuses, before or beside core. */
export const answers = {
  notFound: NOT_FOUND,
  otherMethod: plain(405, 'Method Not Allowed'),
  withoutCredential: plain(401, 'missing or invalid Authorization header'),
  badApiToken: plain(401, 'invalid API token'),
  badToken: plain(401, 'invalid Authorization token'),
  notAnAccessToken: plain(401, 'an access token is required'),
  noSuchUser: plain(401, 'user not found'),
  userNotExist: NOT_EXIST,
  badRefreshToken: coded(401, 'invalid_token', 'Invalid or expired refresh token'),
  spentRefreshToken: coded(401, 'invalid_token', 'Refresh token has been revoked'),
  userInactive: coded(403, 'user_inactive', 'User account is inactive'),
  /** A body that says what it should not, in words of the route's own. */
  badRequest: (message: string): Answer => coded(400, 'validation_error', message),
  notThere: (message: string): Answer => plain(404, message),
  mfaRequired: (owed: { ticket: string; expiresAt: number; methods: MethodId[]; hint: string }): Answer => ({
    ...coded(403, 'mfa_required', owed.hint),
    extras: { ticket: owed.ticket, methods: owed.methods, expiresAt: Math.floor(owed.expiresAt / 1000) },
  }),
  enrolmentRequired: (where: string): Answer =>
    coded(
      403,
      'mfa_enrollment_required',
      `This account must have a second factor first: set one up at ${where}`,
    ),
  approvalRequired: coded(
    403,
    'place_approval_required',
    'This place is new: approve it by the link in the mail just sent, then log in again',
  ),
  codeMissing: coded(400, 'missing_code', 'The provider sent no code'),
  /** In the provider's own words, as far as they are harmless (RFC 6749, 4.1.2.1). */
  atProvider: (error: string, description: string | null): Answer =>
    coded(401, printable(error, 100), printable(description ?? '', 300)),
} as const satisfies Record<string, Answer | ((...given: never[]) => Answer)>;

function printable(text: string, length: number): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '').slice(0, length);
}

/** What Flecto's API says of each refusal of core; those no route here can meet fall under "internal". */
const ANSWERS: Record<AuthErrorCode, Answer> = {
  'invalid-credentials': INVALID_CREDENTIALS,
  // Nobody learns from this that there is such an account and that this was its password.
  'email-unverified': INVALID_CREDENTIALS,
  'account-suspended': NOT_EXIST,
  'account-suspected': NOT_ALLOWED,
  'wrong-code': coded(401, 'invalid_code', 'Invalid code'),
  'wrong-passkey': coded(401, 'invalid_code', 'Invalid code'),
  'invalid-ticket': INVALID_TICKET,
  'factor-not-enrolled': NO_SUCH_METHOD,
  'enrolment-required': coded(403, 'mfa_enrollment_required', 'This account must have a second factor first'),
  'not-signed-in': answers.withoutCredential,
  'not-allowed': NOT_ALLOWED,
  'not-found': NOT_FOUND,
  'grant-exceeds-own': INTERNAL,
  'last-administrator': INTERNAL,
  'permissions-refused': INTERNAL,
  'name-refused': INTERNAL,
  'name-taken': INTERNAL,
  'rate-limited': RATE_LIMITED,
  overloaded: UNAVAILABLE,
  'sms-unavailable': coded(503, 'service_unavailable', 'This server sends no SMS now'),
  'phone-rate-limited': RATE_LIMITED,
  'phone-invalid': coded(400, 'validation_error', 'No code can be sent to this number'),
  'wrong-proof': INTERNAL,
  'proof-required': INTERNAL,
  'invalid-approval': INTERNAL,
  'approval-resent': INTERNAL,
  'approval-resend-too-soon': INTERNAL,
  'email-taken': INTERNAL,
  'email-unreachable': INTERNAL,
  'username-exhausted': INTERNAL,
  'username-changes-used-up': INTERNAL,
  'too-young': INTERNAL,
  'consent-missing': INTERNAL,
  'password-refused': INTERNAL,
  'current-password-missing': INTERNAL,
  'no-passkeys': INTERNAL,
  'passkey-refused': INTERNAL,
  'passkey-limit': INTERNAL,
  'totp-already-enabled': INTERNAL,
  'factor-already-enrolled': INTERNAL,
  'factor-switched-off': INTERNAL,
  'totp-not-enabled': INTERNAL,
  'totp-secret-refused': INTERNAL,
  'invalid-link-token': INTERNAL,
  'invalid-magic-link': INTERNAL,
  'invalid-handoff-code': INTERNAL,
  'change-refused': INTERNAL,
  'push-refused': INTERNAL,
  'captcha-required': INTERNAL,
  'captcha-refused': INTERNAL,
  'captcha-unavailable': INTERNAL,
  'already-set-up': INTERNAL,
  'sso-disabled': NOT_FOUND,
  'sso-unavailable': UNAVAILABLE,
  'sso-state-invalid': INTERNAL,
  'phone-taken': INTERNAL,
  'wrong-phone-code': INTERNAL,
  'phone-unverified': INTERNAL,
  'phone-required': NO_SUCH_METHOD,
  'sms-needs-totp': INTERNAL,
  'sms-not-enabled': NO_SUCH_METHOD,
  'sms-still-enabled': INTERNAL,
  // Contract A16: more honest than its 500, and all the same to its agents.
  'site-unknown': plain(404, 'record not found'),
  'agent-report-incomplete': plain(400, 'agent status and load duration are required at its first report'),
  'site-code-taken': INTERNAL,
  'site-content-refused': INTERNAL,
};

/** A refusal that belongs to this wire alone. */
export class FlectoError extends Error {
  override readonly name = 'FlectoError';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.error ?? answer.message);
    this.answer = answer;
  }
}

export const errorSchema = z
  .object({
    error: z.string().optional().meta({ description: 'Below `/auth` alone.' }),
    message: z.string(),
    ticket: z.string().optional(),
    methods: z.array(z.string()).optional(),
    expiresAt: z.int().optional(),
  })
  .meta({ id: 'FlectoError', description: 'Every refusal but those by rights, which have no body.' });

/** Turns whatever a route threw into the contract's shapes; what it does not know is a logged 500. */
export function answerErrors(shape: Shape) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const answer = answerFor(error, request);
    if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
    return sendAnswer(answer, { shape, reply });
  };
}

export function sendAnswer(
  answer: Answer,
  { shape, reply }: { shape: Shape; reply: FastifyReply },
): FastifyReply {
  const { status, error, message, extras, retryAfterSeconds } = answer;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  void reply.code(status);
  if (answer.isEmpty) return reply.send();
  return reply.send(shape === 'coded' && error !== null ? { error, message, ...extras } : { message });
}

function answerFor(error: unknown, request: FastifyRequest): Answer {
  if (error instanceof FlectoError) return error.answer;
  if (isAuthError(error)) {
    const { details } = error;
    return details && 'retryAfterSeconds' in details
      ? { ...ANSWERS[error.code], retryAfterSeconds: details.retryAfterSeconds }
      : ANSWERS[error.code];
  }
  if (error instanceof z.ZodError)
    return isOfQuery(error) ? fromQuery(error.issues) : fromIssues(error.issues, request.body);
  if (error instanceof JsonBodyError) return INVALID_BODY;
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  if (name === 'StorageError' || name === 'ProviderError') return UNAVAILABLE;
  if (statusCode === 413) return plain(413, 'Request Entity Too Large');
  if (statusCode >= 400 && statusCode < 500) return { ...INVALID_BODY, status: 400 };
  const { failure } = request.routeOptions.config.flecto ?? {};
  return failure === undefined ? INTERNAL : { ...INTERNAL, message: failure };
}

/** Fastify says so of what it has checked. */
function isOfQuery(error: object): boolean {
  return 'validationContext' in error && error.validationContext === 'querystring';
}

/** Every parameter is a text that may be missing, so that one can only be wrong by standing there several times. */
function fromQuery(issues: readonly z.core.$ZodIssue[]): Answer {
  return answers.badRequest(
    issues.map(({ path }) => `${String(path[0])} is given more than once`).join('\n'),
  );
}

const INVALID_BODY = coded(400, 'invalid_request', 'Invalid request body');

/** Contract A2: a field that is empty or not there is one mistake, a field of another type is another. */
function fromIssues(issues: readonly z.core.$ZodIssue[], body: unknown): Answer {
  const missing = issues.map(({ path, code }) => {
    const name = String(path[0] ?? '');
    const value = (body as Record<string, unknown> | null)?.[name];
    return path.length === 1 && (value === undefined || code === 'too_small') ? name : null;
  });
  if (missing.some((name) => name === null)) return INVALID_BODY;
  return answers.badRequest(missing.map((name) => `${name} is required`).join('\n'));
}

const AUTH_FAILED = coded(401, 'auth_failed', 'Authentication failed');
/** Contract A10: what these refusals are called at the callback; whatever else core refuses there is `auth_failed`. */
const AT_CALLBACK: Partial<Record<AuthErrorCode, Answer>> = {
  'sso-disabled': NOT_FOUND,
  'sso-state-invalid': coded(
    400,
    'invalid_state',
    'This sign-in was begun elsewhere, or too long ago: begin again',
  ),
  'account-suspended': answers.userInactive,
};

/** Nobody was judged: whoever can tell is told so, and when to come again. */
const UNJUDGED: ReadonlySet<AuthErrorCode> = new Set(['sso-unavailable', 'overloaded', 'rate-limited']);

/** A refusal at the OpenID callback, whose codes are its own; what judged nobody, or is no refusal, is left as it is. */
export function atCallback(error: unknown): unknown {
  if (!isAuthError(error) || UNJUDGED.has(error.code)) return error;
  return new FlectoError(AT_CALLBACK[error.code] ?? AUTH_FAILED);
}

/**
 * A refusal for a browser that is sent on (contract A10): what stands in the query of the address, by code alone where
 * the contract has a code for it. The ticket of a second step stands in the fragment, which no server sees and no log
 * keeps.
 */
export function toldInAddress(refusal: unknown): {
  query: Record<string, string>;
  fragment: Record<string, string>;
} {
  const { error, message, extras = {} } = refusal instanceof FlectoError ? refusal.answer : AUTH_FAILED;
  const code = error ?? AUTH_FAILED.error ?? '';
  const isBare = message === '' || /^(missing_code|invalid_state|user_inactive|auth_failed)$/.test(code);
  return {
    query: { error: code, ...(!isBare && { error_description: message }) },
    fragment: Object.fromEntries(Object.entries(extras).map(([name, value]) => [name, String(value)])),
  };
}
