import type { FastifyRequest } from 'fastify';
import { isEmailAddress } from '../core/contact/index.ts';
import { type AuthError, type AuthErrorCode, isAuthError } from '../core/errors.ts';
import { type Refusal, refusals, strings, wrongProofs } from './strings.ts';

/** What is wrong with a form: as a whole, and field by field. */
export interface Problems {
  whole?: string;
  fields: Record<string, string>;
}

export const NO_PROBLEMS: Problems = { fields: {} };

/** Challenges, which a page with a passkey fetches by itself. */
export const PASSKEY_OPTIONS = { name: 'pages:passkey-options', limit: 60, windowMs: 60_000 };

/** No field of ours holds one, and PostgreSQL refuses a text that does. */
const NUL = '\u0000';

/** One field of a posted form as text; missing, repeated and odd ones read as empty. */
export function fieldOf(request: FastifyRequest, name: string): string {
  const body = request.body as Record<string, unknown> | null | undefined;
  const value = body && Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === 'string' && !value.includes(NUL) ? value : '';
}

/** All values of a field that may be repeated. */
export function fieldsOf(request: FastifyRequest, name: string): string[] {
  const body = request.body as Record<string, unknown> | null | undefined;
  const value = body && Object.hasOwn(body, name) ? body[name] : [];
  return [value].flat().filter((one): one is string => typeof one === 'string' && !one.includes(NUL));
}

/** Fields that must be filled in, and addresses that must be addresses, or what else `isAddress` takes for one. */
export function missingFields(
  values: Record<string, string>,
  isAddress: (text: string) => boolean = isEmailAddress,
): Problems {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value.trim() === '') fields[name] = strings.missing;
    else if (name === 'email' && !isAddress(value)) fields[name] = strings.notAnEmail;
  }
  return { fields };
}

export function hasProblems(problems: Problems): boolean {
  return problems.whole !== undefined || Object.keys(problems.fields).length > 0;
}

/** A refusal of core as words at the right field; anything else is thrown on. `codeField` is where a code was typed. */
export function problemsFrom(error: unknown, codeField = 'code'): { problems: Problems; status: number } {
  if (!isAuthError(error)) throw error;
  const { text, field: usual } = refusalOf(error);
  const field = usual === 'code' ? codeField : usual;
  const status = STATUS[error.code] ?? 400;
  return { problems: field ? { fields: { [field]: text } } : { whole: text, fields: {} }, status };
}

function refusalOf(error: AuthError): Refusal {
  const isOfMethod = isAuthError(error, 'wrong-proof');
  return (isOfMethod ? wrongProofs[error.details.method] : undefined) ?? refusals[error.code];
}

const STATUS: Partial<Record<AuthErrorCode, number>> = {
  'account-suspended': 403,
  'email-unverified': 403,
  'not-allowed': 403,
  'not-signed-in': 401,
  'rate-limited': 429,
  'phone-rate-limited': 429,
  'approval-resent': 429,
  'approval-resend-too-soon': 429,
  overloaded: 503,
  'captcha-unavailable': 503,
};

/**
 * Where to go after sign-in: a path of this server and nothing else (security I04). An app's code may follow in the
 * fragment, where no server reads it.
 */
export function safeNext(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || next.length > 512) return fallback;
  // A second slash or a backslash begins another host; control characters and encoded ones are dropped by browsers.
  return /^\/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*(#code=[A-Za-z0-9-]{8,9})?$/.test(next) &&
    !/%(2f|5c|0|1)/i.test(next)
    ? next
    : fallback;
}
