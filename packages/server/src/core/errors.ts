/**
 * The closed list of what core refuses, with what each refusal tells. A surface maps every code to its own wire
 * in its `errors.ts`; adding one here makes the compiler name each surface that has no answer for it.
 */
export interface AuthErrorDetails {
  /** Unknown identifier, wrong password, no password: one code, so that nobody learns which. */
  'invalid-credentials': undefined;
  /** A passkey that was not taken, for any reason. */
  'wrong-passkey': undefined;
  /** A second factor's code was wrong, old or used. */
  'wrong-code': undefined;
  /** The ticket of a sign-in is unknown, too old, spent, or out of tries; it was shown with this method. */
  'invalid-ticket': { method: string };
  /** The account does not have the factor that was named. */
  'factor-not-enrolled': { method: string };
  /** There is one of this type, and one is all there can be. */
  'factor-already-enrolled': undefined;
  /** The project lets nobody set up a factor of this type. */
  'factor-switched-off': undefined;
  /** Every account must have a second factor, and this one has none; it is set up on the hosted pages. */
  'enrolment-required': undefined;
  /** The mail's link or the client's ticket of a new place is unknown, too old or used. */
  'invalid-approval': { what: 'link' | 'ticket' };
  'approval-resent': undefined;
  'approval-resend-too-soon': { availableInSeconds: number };
  /** The proof of a person already signed in was wrong. */
  'wrong-proof': { method: string };
  /** A sensitive act needs a fresh proof first; by one of these methods. */
  'proof-required': { methods: readonly string[] };
  'not-signed-in': undefined;
  'not-allowed': undefined;
  'not-found': {
    what: 'user' | 'session' | 'passkey' | 'factor' | 'token' | 'role' | 'project' | 'project-key';
  };
  /** Somebody was to be given more than the giver holds. */
  'grant-exceeds-own': undefined;
  /** Nobody would be left who may administer everything. */
  'last-administrator': undefined;
  /** Rows of rights with words that mean nothing, or too many of them. */
  'permissions-refused': undefined;
  'name-refused': { what: NamedThing };
  'name-taken': { what: NamedThing };
  'email-unverified': undefined;
  /** The account is under suspicion, and must settle it first: bits of contract 5.5. */
  'account-suspected': { suspicion: number };
  'account-suspended': { until: number | null };
  'email-taken': undefined;
  /** No mail could arrive at its domain. */
  'email-unreachable': undefined;
  /** All 9,999 discriminators of a username are in use. */
  'username-exhausted': { isRename: boolean };
  'too-young': undefined;
  'consent-missing': undefined;
  'password-refused': { reason: PasswordRefusal; field: 'password' | 'newPassword' };
  'current-password-missing': undefined;
  /** A passkey was to be used, and the account has none. */
  'no-passkeys': undefined;
  /** What the browser made is not kept: a wrong answer, a spent challenge, an id that is taken, or (`isKey`) a bad key. */
  'passkey-refused': { isKey: boolean };
  /** There are as many as an account may have. */
  'passkey-limit': undefined;
  'totp-already-enabled': undefined;
  'totp-not-enabled': undefined;
  'totp-secret-refused': { reason: SecretRefusal };
  /** A mailed or printed secret that is unknown, expired, used, or of an address since changed. */
  'invalid-link-token': { kind: LinkTokenKind };
  /** A mailed link or code to sign in with that is wrong, spent, too old, or of an attempt without tries left. */
  'invalid-magic-link': undefined;
  /** A hand-off code without the form of one, never given out, or used; `expired`: just out of time. */
  'invalid-handoff-code': { reason: 'unknown' | 'expired' };
  /** A step of a change by mail that cannot be taken now, or not with this (contract 4.7, 4.8). */
  'change-refused': { reason: ChangeRefusal };
  /** No push subscription, or one at an address that this server does not call. */
  'push-refused': undefined;
  'username-changes-used-up': undefined;
  /** No answer to the puzzle came with the request. */
  'captcha-required': undefined;
  /** Wrong, solved elsewhere or for something else, too old, or used before. */
  'captcha-refused': undefined;
  /** Nobody could judge the answer; as nobody knows, nobody passes. */
  'captcha-unavailable': undefined;
  'rate-limited': { retryAfterSeconds: number };
  /** Our own infrastructure is busy; nothing was judged and nothing spent. */
  overloaded: { retryAfterSeconds: number };
  'already-set-up': undefined;
  /** No provider is set up to sign in at. */
  'sso-disabled': undefined;
  /** The provider could not be asked; nobody was judged. */
  'sso-unavailable': undefined;
  /** What came back from a provider belongs to no sign-in that this browser has under way. */
  'sso-state-invalid': undefined;
  /** Nothing here sends SMS. */
  'sms-unavailable': undefined;
  /** No number that codes are sent to: unknown, or of a kind that costs or shows nothing. */
  'phone-invalid': undefined;
  'phone-taken': undefined;
  /** Messages to a number, of an account or from an address are used up for now. */
  'phone-rate-limited': { retryAfterSeconds: number };
  'wrong-phone-code': undefined;
  /** The token that stands for a proved number is unknown, expired, used, or somebody else's. */
  'phone-unverified': undefined;
  'phone-required': undefined;
  'sms-needs-totp': undefined;
  'sms-not-enabled': undefined;
  /** The number is needed as long as codes are sent to it. */
  'sms-still-enabled': undefined;
  /** Nothing of this name in what Flecto's agents serve. */
  'site-unknown': { what: SiteNoun | 'agent' };
  /** A code, or a source or path of the same type, is in use. */
  'site-code-taken': { what: SiteNoun };
  'site-content-refused': { reason: 'page-too-large' | 'site-full' };
  /** An agent that is not known yet has to say this of itself. */
  'agent-report-incomplete': { missing: 'status' | 'load_duration' };
}

export type AuthErrorCode = keyof AuthErrorDetails;

export type NamedThing = 'token' | 'role' | 'login-name' | 'project' | 'project-key';
export type SiteNoun = 'namespace' | 'site' | 'redirect' | 'page';
export type PasswordRefusal = 'length' | 'malformed' | 'common';
/** `malformed`: no base32. `too-short`: under 80 bits, which can be guessed from a few codes. */
export type SecretRefusal = 'malformed' | 'too-short';
export type LinkTokenKind =
  | 'email-verification'
  | 'password-reset'
  | 'email-revert'
  | 'setup'
  | 'phone-verification'
  | 'not-me';
export type ChangeRefusal =
  /** Unknown, too old, somebody else's, or given up after too many wrong codes. */
  | 'ticket-unknown'
  | 'ticket-completed'
  | 'no-address'
  | 'original-proved'
  | 'original-missing'
  | 'original-not-asked'
  | 'original-not-proved'
  | 'original-proof-wrong'
  | 'new-address-missing'
  | 'address-same'
  | 'address-taken'
  | 'address-unreachable'
  | 'code-not-issued'
  | 'code-expired'
  | 'code-wrong'
  | 'proof-wrong'
  | 'email-token-unknown'
  | 'email-token-expired';

/** One public refusal. Carries no secret, no expected value, and nothing that tells a stranger who exists. */
export class AuthError<Code extends AuthErrorCode = AuthErrorCode> extends Error {
  override readonly name = 'AuthError';
  readonly code: Code;
  readonly details: AuthErrorDetails[Code];

  constructor(...[code, details]: Arguments<Code>) {
    super(code);
    this.code = code;
    this.details = details as AuthErrorDetails[Code];
  }
}

type Arguments<Code extends AuthErrorCode> = AuthErrorDetails[Code] extends undefined
  ? [code: Code, details?: undefined]
  : [code: Code, details: AuthErrorDetails[Code]];

export function isAuthError<Code extends AuthErrorCode>(
  error: unknown,
  code?: Code,
): error is AuthError<Code> {
  return error instanceof AuthError && (code === undefined || error.code === code);
}
