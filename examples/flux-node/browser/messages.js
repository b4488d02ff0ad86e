/** What people read when a call is refused, by the code of its error. */
const MESSAGES = {
  invalid_credentials: 'This address and this password do not fit together.',
  invalid_code: 'This code does not fit. Try the newest one.',
  invalid_link:
    'This link or code is used up, too old, or was asked for in another browser. In that browser, you can type the code from the mail.',
  invalid_session: 'Please sign in again.',
  session_expired: 'Please sign in again.',
  session_revoked: 'Please sign in again.',
  weak_password: 'This password is too short or too common.',
  already_exists: 'This address has an account. Sign in instead.',
  already_enrolled: 'You have set this up already.',
  account_exists: 'This address has an account. Sign in as you did before.',
  account_suspended: 'This account is closed.',
  access_denied: 'You were not signed in: you, or they, said no.',
  method_disabled: 'This way to sign in is switched off.',
  email_unreachable: 'No mail can arrive at this address.',
  phone_invalid: 'Write the number in its international form, such as +49 30 123456.',
  phone_taken: 'This number belongs to another account.',
  mfa_required: 'Show your second factor first.',
  passkey_cancelled: 'The passkey was not used.',
  passkey_exists: 'This device has a passkey of yours already.',
  passkey_unsupported: 'This browser can use no passkeys here.',
  passkey_refused: 'This passkey does not fit. Try again, or another way.',
  captcha_required: 'This server asks for a CAPTCHA, which this small example does not show.',
  rate_limited: 'That was too often. Wait a little.',
};

/** @param {unknown} error */
export function messageOf(error) {
  const code = /** @type {{ code?: unknown } | null} */ (error)?.code;
  const known = Object.entries(MESSAGES).find(([name]) => name === code);
  return known?.[1] ?? 'That did not work. Try again in a moment.';
}
