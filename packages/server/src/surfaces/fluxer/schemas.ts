import { z } from 'zod';
import { requestOptions } from '../../http/index.ts';
import * as field from './fields.ts';

/** Requests of the contract (parts 1, 2 and 4). Optional fields may be missing or null; both mean absent. */
export const registerRequest = field
  .body({
    email: field.email.nullish(),
    username: field.username.nullish(),
    global_name: field.globalName.nullish(),
    password: field.password.nullish(),
    date_of_birth: field.dateOfBirth,
    consent: field.boolean,
    invite_code: field.text(0, 256).nullish(),
  })
  .meta({ id: 'RegisterRequest' });

/** Seed 000 calls the address `login`; it stands in when `email` is missing (contract part 9). */
export const loginRequest = field
  .body({
    email: field.email.nullish(),
    login: field.email.nullish(),
    password: field.password,
    invite_code: field.text(0, 256).nullish(),
  })
  .refine((request) => (request.email ?? request.login) != null, field.asMissing('email'))
  .meta({ id: 'LoginRequest' });

export const forgotPasswordRequest = field.body({ email: field.email }).meta({ id: 'ForgotPasswordRequest' });

export const resetPasswordRequest = field
  .body({ token: field.mailToken, password: field.password })
  .meta({ id: 'ResetPasswordRequest' });

export const emailRevertRequest = field
  .body({ token: field.mailToken, password: field.password })
  .meta({ id: 'EmailRevertRequest' });

export const verifyEmailRequest = field.body({ token: field.mailToken }).meta({ id: 'VerifyEmailRequest' });

export const usernameSuggestionsRequest = field
  .body({ global_name: field.globalName })
  .meta({ id: 'UsernameSuggestionsRequest' });

/**
 * Contract 1.5. Only its shape: what a browser signed is the passkey method's to judge, and everything that is
 * wrong with it has one answer.
 */
const passkeyResponse = z
  .record(z.string(), z.unknown(), { error: 'INVALID_FORMAT' })
  .meta({ id: 'AuthenticationResponseJSON', description: 'What `navigator.credentials.get` gave, as JSON.' });

/** The challenge as it was given out; as long as clients may send it. */
const passkeyChallenge = field.text(1, 1024);

/** Contract 2.3: the proof that a sensitive request carries in its own body. */
const proofFields = {
  password: field.password.nullish(),
  mfa_method: field.oneOf(['totp', 'sms', 'webauthn']).nullish(),
  mfa_code: field.text(1, 32).nullish(),
  webauthn_response: passkeyResponse.nullish(),
  webauthn_challenge: passkeyChallenge.nullish(),
};

/** The proof alone, for sensitive routes that take nothing else, and seed 000's `/auth/sudo/verify`. */
export const proofRequest = field.body(proofFields).meta({ id: 'SudoVerification' });

/** Contract 1.4. */
export const mfaTotpRequest = field
  .body({ code: field.plainString, ticket: field.plainString })
  .meta({ id: 'MfaTotpRequest' });
export const mfaSmsRequest = field
  .body({ code: field.plainString, ticket: field.plainString })
  .meta({ id: 'MfaSmsRequest' });
export const mfaTicketRequest = field.body({ ticket: field.plainString }).meta({ id: 'MfaTicketRequest' });

/** Seed 000 calls the response `credential` and leaves the challenge to what was signed (contract part 9). */
const passkeyFields = {
  response: passkeyResponse.nullish(),
  credential: passkeyResponse.nullish(),
  challenge: passkeyChallenge.nullish(),
};
const hasResponse = (request: { response?: unknown; credential?: unknown }) =>
  (request.response ?? request.credential) != null;

export const webAuthnMfaRequest = field
  .body({ ...passkeyFields, ticket: field.plainString })
  .refine(hasResponse, field.asMissing('response'))
  .meta({ id: 'WebAuthnMfaRequest' });
export const webAuthnAuthenticateRequest = field
  .body(passkeyFields)
  .refine(hasResponse, field.asMissing('response'))
  .meta({ id: 'WebAuthnAuthenticateRequest' });

/** Contract 1.9; seed 000 calls the token `code`. */
export const authorizeIpRequest = field
  .body({ token: field.plainString.nullish(), code: field.plainString.nullish() })
  .refine((request) => (request.token ?? request.code) != null, field.asMissing('token'))
  .meta({ id: 'AuthorizeIpRequest' });

/** Seed 000 calls the ticket `code` here too. */
export const ipPollQuery = z
  .object({ ticket: field.plainString.optional(), code: field.plainString.optional() })
  .refine((query) => (query.ticket ?? query.code) !== undefined, {
    path: ['ticket'],
    error: 'INVALID_OR_EXPIRED_AUTHORIZATION_TICKET',
  });

/** Seed 000 calls the hashes `session_ids` (contract part 9). */
export const logoutAuthSessionsRequest = field
  .body({
    session_id_hashes: field.arrayOf(field.plainString, 100).nullish(),
    session_ids: field.arrayOf(field.plainString, 100).nullish(),
    ...proofFields,
  })
  .refine(
    (request) => (request.session_id_hashes ?? request.session_ids) != null,
    field.asMissing('session_id_hashes'),
  )
  .meta({ id: 'LogoutAuthSessionsRequest' });

export const phoneSendVerificationRequest = field
  .body({ phone: field.phone })
  .meta({ id: 'PhoneSendVerificationRequest' });

export const phoneVerifyRequest = field
  .body({ phone: field.phone, code: field.plainString })
  .meta({ id: 'PhoneVerifyRequest' });

export const phoneAddRequest = field
  .body({ phone_token: field.plainString, ...proofFields })
  .meta({ id: 'PhoneAddRequest' });

/** Contract 4.3; the secret is base32 of the client's choice, in any spelling. */
export const enableTotpRequest = field
  .body({ secret: field.plainString, code: field.plainString, ...proofFields })
  .meta({ id: 'EnableMfaTotpRequest' });

/** The code of the authenticator app, or a backup code. */
export const disableTotpRequest = field
  .body({ code: field.plainString, ...proofFields })
  .meta({ id: 'DisableTotpRequest' });

export const backupCodesRequest = field
  .body({ regenerate: field.boolean, ...proofFields })
  .meta({ id: 'MfaBackupCodesRequest' });

/** Switches that clients keep with the account (contract 4.2); the server only remembers them. */
export const PREFERENCES = [
  'premium_badge_hidden',
  'premium_badge_masked',
  'premium_badge_timestamp_hidden',
  'premium_badge_sequence_hidden',
  'premium_enabled_override',
  'has_dismissed_premium_onboarding',
  'has_unread_gift_inventory',
  'used_mobile_client',
] as const;

export type Preference = (typeof PREFERENCES)[number];

const preferenceFields = Object.fromEntries(
  PREFERENCES.map((name) => [name, field.boolean.nullish()]),
) as Record<Preference, z.ZodOptional<z.ZodNullable<typeof field.boolean>>>;

/** Contract 4.2. Null clears a nullable field. */
export const userUpdateRequest = field
  .body({
    username: field.username.nullish(),
    discriminator: field.discriminator.nullish(),
    global_name: field.globalName.nullish(),
    email: field.noEmail('EMAIL_MUST_BE_CHANGED_VIA_TOKEN'),
    new_password: field.password.nullish(),
    email_token: field.plainString.nullish(),
    bio: field.text(1, 320).nullish(),
    pronouns: field.text(1, 40).nullish(),
    accent_color: field.color.nullish(),
    avatar: field.picture.nullish(),
    banner: field.picture.nullish(),
    ...preferenceFields,
    ...proofFields,
  })
  .meta({ id: 'UserUpdateWithVerificationRequest' });

export type UserUpdateRequest = z.output<typeof userUpdateRequest>;

/** The token may also come as a credential of the request (contract 1.15 and part 9), and then says itself whose it is. */
const handoffProof = { token: field.plainString.nullish(), user_id: field.snowflake.nullish() };

export const handoffCompleteRequest = field
  .body({ code: field.plainString, ...handoffProof })
  .refine((request) => request.token == null || request.user_id != null, field.asMissing('user_id'))
  .meta({ id: 'HandoffCompleteRequest' });

/** Seed 000's form: the code is in the path (contract part 9). */
export const handoffCompleteByPathRequest = field
  .body(handoffProof)
  .meta({ id: 'HandoffCompleteByPathRequest' });

export const handoffParams = z.object({ code: z.string() });

export const pictureParams = z.object({ user_id: z.string(), file: z.string() });

export const resetTokenParams = z.object({ token: z.string().max(256) });

// ---- answers

const userPartial = z
  .object({
    id: z.string(),
    username: z.string(),
    discriminator: z.string(),
    global_name: z.string().nullable(),
    avatar: z.string().nullable(),
    avatar_color: z.int().nullable(),
    flags: z.int(),
  })
  .meta({ id: 'UserPartial' });

export const tokenResponse = z
  .object({ token: z.string(), user_id: z.string(), user: userPartial })
  .meta({ id: 'AuthTokenWithUserIdResponse' });

/** Contract 1.9: while it waits, `completed` is all there is. */
export const ipPollResponse = z
  .object({
    completed: z.boolean(),
    token: z.string().nullish(),
    user_id: z.string().nullish(),
    user: userPartial.nullish(),
  })
  .meta({ id: 'IpAuthorizationPollResponse' });

/** Contract 1.4, #6. */
export const passkeyOptionsResponse = requestOptions.meta({ id: 'WebAuthnAuthenticationOptionsResponse' });

export type PasskeyOptions = z.output<typeof passkeyOptionsResponse>;

/** Contract 2.5. */
export const sudoMethodsResponse = z
  .object({ totp: z.boolean(), sms: z.boolean(), webauthn: z.boolean(), has_mfa: z.boolean() })
  .meta({ id: 'SudoMfaMethodsResponse' });

const mfaRequiredResponse = z
  .object({
    mfa: z.boolean(),
    ticket: z.string(),
    allowed_methods: z.array(z.string()),
    sms_phone_hint: z.string().nullable(),
    sms: z.boolean(),
    totp: z.boolean(),
    webauthn: z.boolean(),
  })
  .meta({ id: 'AuthMfaRequiredResponse' });

/** Told apart by the presence of `token` (contract 1.1). */
export const loginResponse = z.union([tokenResponse, mfaRequiredResponse]).meta({ id: 'AuthLoginResponse' });

const nullableText = z.string().nullable();

const clientInfo = z
  .object({
    platform: nullableText,
    os: nullableText,
    browser: nullableText,
    device: z.string(),
    location: z.object({ city: nullableText, region: nullableText, country: nullableText }).nullable(),
  })
  .meta({ id: 'AuthSessionClientInfo' });
export const sessionListResponse = z
  .array(
    z.object({
      id_hash: z.string(),
      client_info: clientInfo,
      masked_ip: nullableText,
      approx_last_used_at: nullableText,
      current: z.boolean(),
    }),
  )
  .meta({ id: 'AuthSessionsResponse' });

export const handoffInitiateResponse = z
  .object({ code: z.string(), expires_at: z.string() })
  .meta({ id: 'HandoffInitiateResponse' });

const handoffState = z.enum(['pending', 'completed', 'expired']);

export const handoffStatusResponse = z
  .object({
    status: handoffState,
    token: nullableText,
    user_id: nullableText,
    user: userPartial.optional(),
  })
  .meta({ id: 'HandoffStatusResponse' });

export const handoffInfoResponse = z
  .object({ status: handoffState, client_info: clientInfo.optional() })
  .meta({ id: 'HandoffInfoResponse' });

export const usernameSuggestionsResponse = z
  .object({ suggestions: z.array(z.string()) })
  .meta({ id: 'UsernameSuggestionsResponse' });

export const phoneVerifyResponse = z.object({ phone_token: z.string() }).meta({ id: 'PhoneVerifyResponse' });

export const resetTokenResponse = z.object({ valid: z.boolean() }).meta({ id: 'ResetTokenResponse' });

export const backupCodesResponse = z
  .object({ backup_codes: z.array(z.object({ code: z.string(), consumed: z.boolean() })) })
  .meta({ id: 'MfaBackupCodesResponse' });

/** Contract 4.1: every key is always there, also those a stand-alone server has nothing to say about. */
export const userPrivateResponse = z
  .object({
    id: z.string(),
    username: z.string(),
    discriminator: z.string(),
    global_name: nullableText,
    avatar: nullableText,
    avatar_color: z.int().nullable(),
    flags: z.int(),
    is_staff: z.boolean(),
    acls: z.array(z.string()),
    traits: z.array(z.string()),
    email: nullableText,
    email_bounced: z.boolean(),
    phone: nullableText,
    bio: nullableText,
    pronouns: nullableText,
    banner: nullableText,
    accent_color: z.int().nullable(),
    banner_color: z.int().nullable(),
    mfa_enabled: z.boolean(),
    authenticator_types: z.array(z.int()),
    verified: z.boolean(),
    premium_type: z.int().nullable(),
    premium_since: nullableText,
    premium_until: nullableText,
    premium_billing_cycle: nullableText,
    premium_lifetime_sequence: z.int().nullable(),
    premium_will_cancel: z.boolean(),
    premium_badge_hidden: z.boolean(),
    premium_badge_masked: z.boolean(),
    premium_badge_timestamp_hidden: z.boolean(),
    premium_badge_sequence_hidden: z.boolean(),
    premium_purchase_disabled: z.boolean(),
    premium_enabled_override: z.boolean(),
    premium_perks_disabled: z.boolean(),
    premium_discriminator: z.boolean(),
    premium_grace_ends_at: nullableText,
    password_last_changed_at: nullableText,
    required_actions: z.array(z.string()),
    nsfw_allowed: z.boolean(),
    has_dismissed_premium_onboarding: z.boolean(),
    has_ever_purchased: z.boolean(),
    has_unread_gift_inventory: z.boolean(),
    has_verified_phone: z.boolean(),
    used_mobile_client: z.boolean(),
    unread_gift_inventory_count: z.int(),
    pending_bulk_message_deletion: nullableText,
    mention_flags: z.int().nullable(),
    terms_agreed_at: nullableText,
    privacy_agreed_at: nullableText,
    timezone: nullableText,
  })
  .meta({ id: 'UserPrivateResponse' });
