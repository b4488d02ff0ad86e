import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type AuthErrorCode,
  type AuthErrorDetails,
  type ChangeRefusal,
  isAuthError,
  type LinkTokenKind,
} from '../../core/errors.ts';
import { JsonBodyError } from '../../http/index.ts';
import { type ErrorCode, errorTexts, type ItemCode, isItemCode, itemTexts } from './strings.ts';

interface Answer {
  status: number;
  code: ErrorCode;
  /** Items of a 400 `INVALID_FORM_BODY` (contract 5.2). */
  items?: { path: string; code: ItemCode }[];
  /** Extra keys at the top level of the body. */
  extras?: Record<string, unknown>;
  retryAfterSeconds?: number;
}

function items(code: ItemCode, ...paths: string[]): Answer {
  return { status: 400, code: 'INVALID_FORM_BODY', items: paths.map((path) => ({ path, code })) };
}

function limited(retryAfterSeconds: number, isGlobal: boolean): Answer {
  return {
    status: 429,
    code: 'RATE_LIMITED',
    extras: { retry_after: retryAfterSeconds, global: isGlobal },
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
  };
}

function notEnrolled(method: string): Answer {
  if (method === 'passkey') return { status: 400, code: 'NO_PASSKEYS_REGISTERED' };
  if (method === 'sms-code') return { status: 400, code: 'SMS_MFA_NOT_ENABLED' };
  return items('TOTP_NOT_ENABLED', 'code');
}

/** What the wire itself refuses, before or beside core. */
export const answers = {
  notFound: { status: 404, code: 'NOT_FOUND' },
  crossSite: { status: 403, code: 'FORBIDDEN' },
  wrongSecret: { status: 403, code: 'FORBIDDEN' },
  unreadable: items('INVALID_FORMAT', 'body'),
  /** Contract 1.3, step 6. */
  newPlace: (ticket: string, email: string): Answer => ({
    status: 403,
    code: 'IP_AUTHORIZATION_REQUIRED',
    extras: { ip_authorization_required: true, ticket, email, resend_available_in: 30 },
  }),
  rateLimited: limited,
  /** Contract 1.15: a session token in the body that opens nothing, or belongs to somebody else than it says. */
  invalidToken: { status: 401, code: 'INVALID_TOKEN' },
  tokenMismatch: { status: 400, code: 'SESSION_TOKEN_MISMATCH' },
} as const satisfies Record<string, Answer | ((...given: never[]) => Answer)>;

const MISSING = {
  user: 'UNKNOWN_USER',
  session: 'NOT_FOUND',
  passkey: 'UNKNOWN_WEBAUTHN_CREDENTIAL',
  factor: 'NOT_FOUND',
  token: 'NOT_FOUND',
  role: 'NOT_FOUND',
  project: 'NOT_FOUND',
  'project-key': 'NOT_FOUND',
} as const;
const LINK_TOKEN_CODES: Record<LinkTokenKind, ItemCode> = {
  'email-verification': 'INVALID_OR_EXPIRED_VERIFICATION_TOKEN',
  'password-reset': 'INVALID_OR_EXPIRED_RESET_TOKEN',
  'email-revert': 'INVALID_OR_EXPIRED_REVERT_TOKEN',
  // These have routes of their own elsewhere, and never end here.
  setup: 'INVALID_OR_EXPIRED_VERIFICATION_TOKEN',
  'phone-verification': 'INVALID_OR_EXPIRED_VERIFICATION_TOKEN',
  'not-me': 'INVALID_OR_EXPIRED_VERIFICATION_TOKEN',
};

/** Contract 4.7 and 4.8: the field that is told, and its code. */
const CHANGE_ITEMS: Record<ChangeRefusal, readonly [path: string, code: ItemCode]> = {
  'ticket-unknown': ['ticket', 'INVALID_OR_EXPIRED_TICKET'],
  'ticket-completed': ['ticket', 'TICKET_ALREADY_COMPLETED'],
  'no-address': ['email', 'MUST_HAVE_EMAIL_TO_CHANGE_IT'],
  'original-proved': ['ticket', 'ORIGINAL_EMAIL_ALREADY_VERIFIED'],
  'original-missing': ['ticket', 'NO_ORIGINAL_EMAIL_ON_RECORD'],
  'original-not-asked': ['ticket', 'ORIGINAL_VERIFICATION_NOT_REQUIRED'],
  'original-not-proved': ['ticket', 'ORIGINAL_EMAIL_MUST_BE_VERIFIED_FIRST'],
  'original-proof-wrong': ['original_proof', 'INVALID_PROOF_TOKEN'],
  'new-address-missing': ['ticket', 'NO_NEW_EMAIL_REQUESTED'],
  'address-same': ['new_email', 'NEW_EMAIL_MUST_BE_DIFFERENT'],
  'address-taken': ['new_email', 'EMAIL_ALREADY_IN_USE'],
  'address-unreachable': ['new_email', 'INVALID_EMAIL_ADDRESS'],
  'code-not-issued': ['code', 'VERIFICATION_CODE_NOT_ISSUED'],
  'code-expired': ['code', 'VERIFICATION_CODE_EXPIRED'],
  'code-wrong': ['code', 'INVALID_VERIFICATION_CODE'],
  'proof-wrong': ['verification_proof', 'INVALID_PROOF_TOKEN'],
  'email-token-unknown': ['email_token', 'INVALID_EMAIL_TOKEN'],
  'email-token-expired': ['email_token', 'EMAIL_TOKEN_EXPIRED'],
};

/** The only place that picks a status and a code for what core refuses; the compiler finds a missing row. */
const ANSWERS: { [Code in AuthErrorCode]: (details: AuthErrorDetails[Code]) => Answer } = {
  'invalid-credentials': () => items('INVALID_EMAIL_OR_PASSWORD', 'email', 'password'),
  'wrong-passkey': () => ({ status: 401, code: 'PASSKEY_AUTHENTICATION_FAILED' }),
  'wrong-code': () => items('INVALID_CODE', 'code'),
  // Older clients look at the code's item, newer ones at the ticket's.
  'invalid-ticket': ({ method }) =>
    method === 'passkey' ? items('SESSION_TIMEOUT', 'ticket') : items('SESSION_TIMEOUT', 'code', 'ticket'),
  'factor-not-enrolled': ({ method }) => notEnrolled(method),
  'enrolment-required': () => ({ status: 400, code: 'TWO_FACTOR_REQUIRED' }),
  'invalid-approval': ({ what }) =>
    what === 'link'
      ? items('INVALID_OR_EXPIRED_AUTHORIZATION_TOKEN', 'token')
      : items('INVALID_OR_EXPIRED_AUTHORIZATION_TICKET', 'ticket'),
  'approval-resent': () => ({ status: 429, code: 'IP_AUTHORIZATION_RESEND_LIMIT_EXCEEDED' }),
  'approval-resend-too-soon': ({ availableInSeconds }) => ({
    status: 429,
    code: 'IP_AUTHORIZATION_RESEND_COOLDOWN',
    extras: { resend_available_in: availableInSeconds },
    retryAfterSeconds: availableInSeconds,
  }),
  'wrong-proof': ({ method }) =>
    method === 'password' ? items('INVALID_PASSWORD', 'password') : items('INVALID_MFA_CODE', 'mfa_code'),
  'proof-required': ({ methods }) => ({
    status: 403,
    code: 'SUDO_MODE_REQUIRED',
    extras: {
      has_mfa: methods.some((method) => method !== 'password'),
      methods: {
        totp: methods.includes('totp'),
        sms: methods.includes('sms-code'),
        webauthn: methods.includes('passkey'),
        password: methods.includes('password'),
      },
    },
  }),
  'not-signed-in': () => ({ status: 401, code: 'UNAUTHORIZED' }),
  'not-allowed': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'not-found': ({ what }) => ({ status: 404, code: MISSING[what] }),
  // Administration is not of this wire.
  'grant-exceeds-own': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'last-administrator': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'permissions-refused': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'name-refused': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'name-taken': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  'email-unverified': () => ({ status: 403, code: 'EMAIL_VERIFICATION_REQUIRED' }),
  'account-suspected': ({ suspicion }) => ({
    status: 403,
    code: 'ACCOUNT_SUSPICIOUS_ACTIVITY',
    extras: { data: { suspicious_activity_flags: suspicion } },
  }),
  'account-suspended': ({ until }) => ({
    status: 403,
    code: until === null ? 'ACCOUNT_SUSPENDED_PERMANENTLY' : 'ACCOUNT_SUSPENDED_TEMPORARILY',
  }),
  'email-taken': () => items('EMAIL_ALREADY_IN_USE', 'email'),
  'email-unreachable': () => items('INVALID_EMAIL_ADDRESS', 'email'),
  'username-exhausted': ({ isRename }) =>
    items(
      isRename ? 'TOO_MANY_USERS_WITH_USERNAME_TRY_DIFFERENT' : 'TOO_MANY_USERS_WITH_THIS_USERNAME',
      'username',
    ),
  'too-young': () => items('MUST_BE_MINIMUM_AGE', 'date_of_birth'),
  'consent-missing': () => items('MUST_AGREE_TO_TOS_AND_PRIVACY_POLICY', 'consent'),
  'password-refused': ({ reason, field }) =>
    items(
      reason === 'common'
        ? 'PASSWORD_IS_TOO_COMMON'
        : reason === 'length'
          ? 'PASSWORD_LENGTH_INVALID'
          : 'INVALID_FORMAT',
      field === 'newPassword' ? 'new_password' : 'password',
    ),
  'current-password-missing': () => items('PASSWORD_NOT_SET', 'password'),
  'passkey-refused': ({ isKey }) => ({
    status: 400,
    code: isKey ? 'INVALID_WEBAUTHN_PUBLIC_KEY_FORMAT' : 'INVALID_WEBAUTHN_CREDENTIAL',
  }),
  'passkey-limit': () => ({ status: 400, code: 'WEBAUTHN_CREDENTIAL_LIMIT_REACHED' }),
  'no-passkeys': () => ({ status: 400, code: 'NO_PASSKEYS_REGISTERED' }),
  // The two names are the contract's own (4.3, appendix D): clients know them the wrong way round.
  'factor-already-enrolled': () => ({ status: 400, code: 'TWO_FA_NOT_ENABLED' }),
  'factor-switched-off': () => ({ status: 400, code: 'TWO_FA_NOT_ENABLED' }),
  'totp-already-enabled': () => ({ status: 400, code: 'TWO_FA_NOT_ENABLED' }),
  'totp-not-enabled': () => ({ status: 400, code: 'TWO_FACTOR_REQUIRED' }),
  'totp-secret-refused': ({ reason }) =>
    items(reason === 'too-short' ? 'STRING_LENGTH_INVALID' : 'INVALID_FORMAT', 'secret'),
  'invalid-handoff-code': ({ reason }) => ({
    status: 400,
    code: reason === 'expired' ? 'HANDOFF_CODE_EXPIRED' : 'INVALID_HANDOFF_CODE',
  }),
  'push-refused': () => items('INVALID_FORMAT', 'endpoint'),
  // Only Flux's API signs in by mail.
  'invalid-magic-link': () => items('INVALID_OR_EXPIRED_VERIFICATION_TOKEN', 'token'),
  'invalid-link-token': ({ kind }) => items(LINK_TOKEN_CODES[kind], 'token'),
  'change-refused': ({ reason }) => {
    const [path, code] = CHANGE_ITEMS[reason];
    return items(code, path);
  },
  'username-changes-used-up': () => items('USERNAME_CHANGED_TOO_MANY_TIMES', 'username'),
  'captcha-required': () => ({ status: 400, code: 'CAPTCHA_REQUIRED' }),
  'captcha-refused': () => ({ status: 400, code: 'INVALID_CAPTCHA' }),
  'captcha-unavailable': () => ({ status: 503, code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 30 }),
  'rate-limited': ({ retryAfterSeconds }) => limited(retryAfterSeconds, false),
  overloaded: ({ retryAfterSeconds }) => ({ status: 503, code: 'SERVICE_UNAVAILABLE', retryAfterSeconds }),
  'already-set-up': () => ({ status: 403, code: 'ACCESS_DENIED' }),
  // No operation of this API signs in at a provider yet.
  'sso-disabled': () => ({ status: 403, code: 'FORBIDDEN' }),
  'sso-unavailable': () => ({ status: 503, code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 30 }),
  'sso-state-invalid': () => ({ status: 403, code: 'FORBIDDEN' }),
  'sms-unavailable': () => ({ status: 400, code: 'SMS_VERIFICATION_UNAVAILABLE' }),
  'phone-invalid': () => ({ status: 400, code: 'INVALID_PHONE_NUMBER' }),
  'phone-taken': () => ({ status: 400, code: 'PHONE_ALREADY_USED' }),
  'phone-rate-limited': ({ retryAfterSeconds }) => ({
    ...limited(retryAfterSeconds, false),
    code: 'PHONE_RATE_LIMIT_EXCEEDED',
  }),
  'wrong-phone-code': () => ({ status: 400, code: 'INVALID_PHONE_VERIFICATION_CODE' }),
  'phone-unverified': () => ({ status: 400, code: 'PHONE_VERIFICATION_REQUIRED' }),
  'phone-required': () => ({ status: 400, code: 'PHONE_REQUIRED_FOR_SMS_MFA' }),
  'sms-needs-totp': () => ({ status: 400, code: 'SMS_MFA_REQUIRES_TOTP' }),
  'sms-not-enabled': () => ({ status: 400, code: 'SMS_MFA_NOT_ENABLED' }),
  // Misnamed in the contract (4.4); clients go by it.
  'sms-still-enabled': () => ({ status: 400, code: 'SMS_MFA_NOT_ENABLED' }),
  // What Flecto's agents serve has no route here.
  'site-unknown': () => ({ status: 404, code: 'NOT_FOUND' }),
  'site-code-taken': () => ({ status: 404, code: 'NOT_FOUND' }),
  'site-content-refused': () => ({ status: 404, code: 'NOT_FOUND' }),
  'agent-report-incomplete': () => ({ status: 404, code: 'NOT_FOUND' }),
};

/** A refusal that belongs to this wire alone. */
export class FluxerError extends Error {
  override readonly name = 'FluxerError';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.code);
    this.answer = answer;
  }
}

export function invalidItems(code: ItemCode, ...paths: string[]): FluxerError {
  return new FluxerError(items(code, ...paths));
}

export const errorSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string() })).optional(),
    retry_after: z.number().optional(),
    global: z.boolean().optional(),
    has_mfa: z.boolean().optional(),
    methods: z
      .object({ totp: z.boolean(), sms: z.boolean(), webauthn: z.boolean(), password: z.boolean() })
      .optional(),
    ip_authorization_required: z.boolean().optional(),
    ticket: z.string().optional(),
    email: z.string().optional(),
    resend_available_in: z.number().optional(),
    data: z.object({ suspicious_activity_flags: z.int() }).optional(),
  })
  .meta({ id: 'FluxerError', description: 'Every refusal (contract part 5).' });

/** Turns whatever a route threw into the contract's error shape; what it does not know is a logged 500. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = answerFor(error);
  // Of a CAPTCHA that nobody could judge the log has one line already, with the setting to change.
  const isTold = isAuthError(error, 'captcha-unavailable');
  if (answer.status >= 500 && !isTold) request.log.error({ err: error }, 'request failed');
  return sendAnswer(answer, reply);
}

export function sendAnswer(answer: Answer, reply: FastifyReply): FastifyReply {
  if (answer.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', answer.retryAfterSeconds);
    if (answer.status === 429) tellOfWait(answer.retryAfterSeconds, reply);
  }
  return reply.code(answer.status).send({
    code: answer.code,
    message: errorTexts[answer.code],
    ...(answer.items && {
      errors: answer.items.map(({ path, code }) => ({ path, message: itemTexts[code], code })),
    }),
    ...answer.extras,
  });
}

/**
 * Contract 5.6. Where a counter and not the route's bucket said no, what the bucket has left would tell a client that
 * goes by these headers to come back at once.
 */
function tellOfWait(retryAfterSeconds: number, reply: FastifyReply): void {
  const { fluxer } = reply.request;
  if (!fluxer) return;
  const ofBucket = Number(reply.getHeader('x-ratelimit-reset') ?? 0);
  const reset = Math.max(ofBucket, Math.ceil(fluxer.arrivedAt / 1000 + retryAfterSeconds));
  void reply.headers({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) });
}

function answerFor(error: unknown): Answer {
  if (error instanceof FluxerError) return error.answer;
  if (isAuthError(error)) {
    const answer = ANSWERS[error.code] as (details: unknown) => Answer;
    return answer(error.details);
  }
  if (error instanceof z.ZodError) return fromIssues(error.issues);
  if (error instanceof JsonBodyError) return answers.unreadable;
  return fromServer(error);
}

/** Problems below any surface: HTTP itself, our infrastructure, our own mistakes. */
function fromServer(error: unknown): Answer {
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  if (name === 'StorageError' || name === 'ProviderError')
    return { status: 503, code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5 };
  if (statusCode === 413) return { ...items('STRING_LENGTH_INVALID', 'body'), status: 413 };
  if (statusCode >= 400 && statusCode < 500) return answers.unreadable;
  return { status: 500, code: 'INTERNAL_SERVER_ERROR' };
}

function fromIssues(issues: readonly z.core.$ZodIssue[]): Answer {
  const seen = new Map<string, { path: string; code: ItemCode }>();
  const ofWrongType = new Set<string>();
  for (const { code: kind, path: keys, message } of issues) {
    const path = keys.length === 0 ? 'root' : keys.join('.');
    // A list has a length too, but it is not the length of a text that is wrong with it.
    if (ofWrongType.has(path)) continue;
    if (kind === 'invalid_type') ofWrongType.add(path);
    const code = isItemCode(message) ? message : 'INVALID_FORMAT';
    seen.set(`${path} ${code}`, { path, code });
  }
  return { status: 400, code: 'INVALID_FORM_BODY', items: [...seen.values()] };
}
