/** Texts of Fluxer's errors by their codes. Clients act on the codes; the texts are for people. */
export const errorTexts = {
  ACCESS_DENIED: 'You are not allowed to do this.',
  ACCOUNT_SUSPENDED_PERMANENTLY: 'This account is suspended.',
  ACCOUNT_SUSPENDED_TEMPORARILY: 'This account is suspended for now.',
  EMAIL_VERIFICATION_REQUIRED: 'Confirm your e-mail address first. A new mail is on its way.',
  FORBIDDEN: 'This request came from another site.',
  HANDOFF_CODE_EXPIRED: 'This code is too old. Start again in the app.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on our side.',
  INVALID_PHONE_NUMBER: 'Codes cannot be sent to this number.',
  INVALID_PHONE_VERIFICATION_CODE: 'The code is wrong, used or too old.',
  INVALID_FORM_BODY: 'Some fields of the request are not right; see errors.',
  NO_PASSKEYS_REGISTERED: 'This account has no passkey.',
  INVALID_HANDOFF_CODE: 'This code is wrong or used up. Start again in the app.',
  INVALID_TOKEN: 'This is not the token of a live session.',
  INVALID_WEBAUTHN_CREDENTIAL: 'The passkey was not taken. Begin again and make a new one.',
  INVALID_WEBAUTHN_PUBLIC_KEY_FORMAT: 'The key of this passkey cannot be used here.',
  NOT_FOUND: 'There is nothing here.',
  PHONE_ALREADY_USED: 'This number belongs to another account.',
  PHONE_RATE_LIMIT_EXCEEDED: 'Enough messages for now. Wait until retry_after seconds have passed.',
  PHONE_REQUIRED_FOR_SMS_MFA: 'Add a phone number first.',
  PHONE_VERIFICATION_REQUIRED: 'Verify the number first; what was proved is used up or too old.',
  RATE_LIMITED: 'Too many requests. Wait until retry_after seconds have passed.',
  SERVICE_UNAVAILABLE: 'The service is busy or its database is away. Try again shortly.',
  SMS_MFA_NOT_ENABLED: 'This does not fit whether codes by SMS are on for the account.',
  SMS_MFA_REQUIRES_TOTP: 'Switch on an authenticator app first.',
  SMS_VERIFICATION_UNAVAILABLE: 'This server sends no SMS.',
  SESSION_TOKEN_MISMATCH: 'The token belongs to another user.',
  SUDO_MODE_REQUIRED: 'Prove again that it is you: send your password with this request.',
  UNAUTHORIZED: 'Sign in first: no valid session token was sent.',
  UNKNOWN_WEBAUTHN_CREDENTIAL: 'You have no such passkey.',
  WEBAUTHN_CREDENTIAL_LIMIT_REACHED: 'This account has as many passkeys as it may have. Remove one first.',
  UNKNOWN_USER: 'There is no such user.',
} as const;

export type ErrorCode = keyof typeof errorTexts;

/** Texts of the items of `INVALID_FORM_BODY` by their codes. */
export const itemTexts = {
  DISCRIMINATOR_INVALID_FORMAT: 'Use one to four digits.',
  CHANGING_DISCRIMINATOR_REQUIRES_PREMIUM: 'The discriminator cannot be chosen here.',
  EMAIL_ALREADY_IN_USE: 'This address already has an account.',
  EMAIL_LENGTH_INVALID: 'Use an address of 1 to 254 characters.',
  EMAIL_MUST_BE_CHANGED_VIA_TOKEN: 'The address is changed through the e-mail change steps.',
  GLOBAL_NAME_CANNOT_CONTAIN_RESERVED_TERMS: 'This name contains a reserved term.',
  GLOBAL_NAME_LENGTH_INVALID: 'Use 1 to 32 characters.',
  GLOBAL_NAME_RESERVED_VALUE: 'This name is reserved.',
  INVALID_DATE_OF_BIRTH_FORMAT: 'Use a real date as YYYY-MM-DD.',
  INVALID_EMAIL_FORMAT: 'This is no e-mail address.',
  INVALID_EMAIL_LOCAL_PART: 'The part before the @ has characters that cannot be used.',
  INVALID_EMAIL_OR_PASSWORD: 'The address or the password is wrong.',
  INVALID_FORMAT: 'This is missing or has the wrong form.',
  INVALID_OR_EXPIRED_RESET_TOKEN: 'This link is used up or too old. Ask for a new mail.',
  INVALID_OR_EXPIRED_VERIFICATION_TOKEN: 'This link is used up or too old. Ask for a new mail.',
  INVALID_PASSWORD: 'The password is wrong.',
  INVALID_SNOWFLAKE_FORMAT: 'Use the decimal digits of an id.',
  MUST_AGREE_TO_TOS_AND_PRIVACY_POLICY: 'Agree to the terms and the privacy policy.',
  MUST_BE_MINIMUM_AGE: 'You are not old enough to register.',
  PASSWORD_IS_TOO_COMMON: 'This password is too easy to guess. Choose another.',
  PASSWORD_LENGTH_INVALID: 'Use 8 to 256 characters.',
  PASSWORD_NOT_SET: 'Send the current password too.',
  PHONE_NUMBER_INVALID_FORMAT: 'Use a number in international form, with + and digits only.',
  SNOWFLAKE_OUT_OF_RANGE: 'No id is as large as this.',
  STRING_LENGTH_EXACT: 'This has the wrong length.',
  STRING_LENGTH_INVALID: 'This is too short or too long.',
  TAG_ALREADY_TAKEN: 'This tag is already taken.',
  TOO_MANY_USERS_WITH_THIS_USERNAME: 'Too many people use this name. Choose another.',
  UNCLAIMED_ACCOUNTS_CAN_ONLY_SET_EMAIL_VIA_TOKEN:
    'Claim the account first: set a password, then an address.',
  USERNAME_CANNOT_CONTAIN_RESERVED_TERMS: 'This name contains a reserved term.',
  USERNAME_CHANGED_TOO_MANY_TIMES: 'The name was changed too often. Wait an hour.',
  USERNAME_INVALID_CHARACTERS: 'Use letters, digits and underscores.',
  USERNAME_LENGTH_INVALID: 'Use 1 to 32 characters.',
  USERNAME_RESERVED_VALUE: 'This name is reserved.',
  VALUE_MUST_BE_INTEGER_IN_RANGE: 'Use a whole number in range.',
} as const;

export type ItemCode = keyof typeof itemTexts;

export function isItemCode(text: string): text is ItemCode {
  return Object.hasOwn(itemTexts, text);
}
