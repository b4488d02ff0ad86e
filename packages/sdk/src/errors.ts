/** The codes of the wire (docs/flux-wire.md), and at the end those that only a client can have. */
export type FluxErrorCode =
  | 'invalid_request'
  | 'invalid_api_key'
  | 'invalid_session'
  | 'session_expired'
  | 'session_revoked'
  | 'invalid_credentials'
  | 'invalid_link'
  | 'invalid_code'
  | 'method_disabled'
  | 'origin_not_allowed'
  | 'account_suspended'
  | 'mfa_required'
  | 'place_approval_required'
  | 'redirect_not_allowed'
  | 'captcha_required'
  | 'captcha_refused'
  | 'forbidden'
  | 'not_found'
  | 'already_exists'
  | 'already_enrolled'
  | 'phone_taken'
  | 'passkey_limit'
  | 'weak_password'
  | 'email_unreachable'
  | 'phone_invalid'
  | 'passkey_refused'
  | 'rate_limited'
  | 'internal_error'
  | 'unavailable'
  | 'access_denied'
  | 'account_exists'
  | 'provider_unavailable'
  | 'sign_in_failed'
  | 'network_error'
  | 'timeout'
  | 'passkey_cancelled'
  | 'passkey_exists'
  | 'passkey_unsupported';

/** What the reader of the message can do about it. */
const NEXT_STEPS: Record<FluxErrorCode, string> = {
  invalid_request: 'Check the arguments of this call.',
  invalid_api_key:
    'Check the keys given to Flux.init: a server needs a live secret key (flux_sk_…), a page a publishable one (flux_pk_…).',
  invalid_session: 'Ask the user to sign in.',
  session_expired: 'Ask the user to sign in again.',
  session_revoked: 'Ask the user to sign in again, and delete the token where you keep it.',
  invalid_credentials: 'Ask for the address and the password again.',
  invalid_link: 'Ask for a new mail, or begin the sign-in again: each works once, and not for long.',
  invalid_code: 'Ask for the code again.',
  method_disabled: "Switch this method on in the project's Auth settings, or do not offer it.",
  origin_not_allowed: "Add the page's origin to allowed_origins in the project's settings.",
  account_suspended: 'Tell the user to write to your support.',
  mfa_required: 'Send the user to show a second factor.',
  place_approval_required:
    "Send the user to the server's own sign-in page, from where they are; the mail that comes then allows the place.",
  captcha_required: 'Show the CAPTCHA that getSettings names, and send its answer as captchaToken.',
  captcha_refused: 'Show the CAPTCHA again: each answer is good for one call.',
  redirect_not_allowed: "Add the exact address to redirect_urls in the project's settings.",
  forbidden: 'The account or the session may not do this.',
  not_found: 'Check the id: nothing of that name is in this project.',
  already_exists: 'Offer to sign in instead.',
  already_enrolled: 'There is one already: show the list of second factors anew.',
  phone_taken: 'Ask for another number.',
  passkey_limit: 'Offer to delete a passkey first.',
  weak_password: 'Ask for a longer or less common password.',
  email_unreachable: 'Ask for an address that can receive mail.',
  phone_invalid: 'Ask for the number in its international form, such as +4930123456.',
  passkey_refused: "Check that the page's origin fits the passkeys of the project, and begin again.",
  rate_limited: 'Wait for retryAfterSeconds before the next try.',
  internal_error: "Look the request id up in the server's log.",
  unavailable: 'Try again later; this says nothing about the token.',
  access_denied: 'Offer the ways to sign in again: the user, or the provider, said no.',
  account_exists: 'Ask the user to sign in the way they did before: the address has an account.',
  provider_unavailable: 'Offer another way to sign in, or this one later.',
  sign_in_failed: 'Offer the ways to sign in again.',
  network_error:
    'Check baseUrl (or FLUX_URL) and that the server can be reached; this says nothing about the token.',
  passkey_cancelled: 'Offer the ways to sign in again: no passkey was chosen.',
  passkey_exists: 'Nothing is left to do: this device has a passkey of the account.',
  passkey_unsupported: 'Offer another way to sign in: this browser, or this page, can use no passkeys.',
  timeout: 'Try again, or allow more time with timeoutMs; this says nothing about the token.',
};

function isKnown(code: string): code is FluxErrorCode {
  return Object.hasOwn(NEXT_STEPS, code);
}

/** The one kind of error that calls reject with. Holds neither keys nor tokens, so it may be logged. */
export class FluxError extends Error {
  override readonly name = 'FluxError';
  /** Decide by this; servers newer than this SDK may send others. */
  readonly code: FluxErrorCode | (string & {});
  /** The HTTP status the server answered with, or would have; 0 where nothing was answered. */
  readonly status: number;
  /** Also in the server's log; null for what this side found out alone. */
  readonly requestId: string | null;
  /** How long to wait, where the server says so. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: string,
    message: string,
    about: { status?: number; requestId?: string | null; retryAfterSeconds?: number | null } = {},
  ) {
    super(isKnown(code) ? `${message} ${NEXT_STEPS[code]}` : message);
    this.code = code;
    this.status = about.status ?? 0;
    this.requestId = about.requestId ?? null;
    this.retryAfterSeconds = about.retryAfterSeconds ?? null;
  }
}

const REFUSALS = new Set(['invalid_session', 'session_expired', 'session_revoked']);

/** Whether an error says that a token opens nothing; anything else says nothing about the token. */
export function isRefusedSession(error: unknown): boolean {
  return error instanceof FluxError && REFUSALS.has(error.code);
}
