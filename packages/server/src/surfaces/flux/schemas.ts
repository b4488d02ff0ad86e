import { z } from 'zod';
import { isEmailAddress } from '../../core/contact/index.ts';
import { isCodeChallenge } from '../../core/return-code/index.ts';

/** Longer than any token of ours; what is longer is refused by its reader, not by its shape. */
const token = z.string().min(1).max(16_384);

export const tokenRequest = z.object({ token }).meta({ id: 'FluxToken' });

export const revokeRequest = z
  .object({ token: token.optional(), session_id: z.string().min(1).max(100).optional() })
  .refine((body) => (body.token === undefined) !== (body.session_id === undefined), {
    message: 'One of token and session_id.',
  })
  .meta({ id: 'FluxRevoke' });

export const userParams = z.object({ id: z.string().max(64) });

/** What the operator's puzzle gave the browser; needed while there is one. */
const captcha_token = z.string().max(8_192).optional();

export const captchaQuery = z.object({ for: z.enum(['register', 'login', 'forgot']) });
export const captchaChallenge = z
  .object({ parameters: z.record(z.string(), z.unknown()), signature: z.string() })
  .meta({ id: 'FluxCaptchaChallenge' });

export const credentialsRequest = z
  .object({ email: z.string().min(1).max(254), password: z.string().min(1).max(1_024), captcha_token })
  .meta({ id: 'FluxCredentials' });

const email = z.string().refine(isEmailAddress, 'No e-mail address.');

/** One of the project's `redirect_urls`, whole. */
const redirect_url = z.string().min(1).max(2_048).optional();

export const signUpRequest = credentialsRequest.extend({ email, redirect_url }).meta({ id: 'FluxSignUp' });

export const providerParams = z.object({ provider: z.string().max(20) });
export const projectProviderParams = providerParams.extend({ id: z.string().max(100) });

/** A navigation: no header can be sent with it, so the publishable key stands in the query; our own pages name the project. */
export const oauthStartQuery = z
  .object({
    key: z.string().min(1).max(200).optional(),
    project_id: z.string().min(1).max(100).optional(),
    redirect_url: z.string().min(1).max(2_048),
    code_challenge: z.string().refine(isCodeChallenge, 'No S256 challenge.'),
    code_challenge_method: z.literal('S256').optional(),
    state: z.string().max(500).optional(),
  })
  .refine((query) => (query.key === undefined) !== (query.project_id === undefined), {
    message: 'One of key and project_id.',
  });

export const noContent = z.null().meta({ description: 'A redirect.' });

export const exchangeRequest = z
  .object({
    code: z.string().min(1).max(200),
    /** RFC 7636, section 4.1. */
    code_verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/),
    redirect_url: z.string().min(1).max(2_048).optional(),
  })
  .meta({ id: 'FluxExchange' });

/** What a mail is asked for with, to an address that may be nobody's. */
export const mailRequest = z.object({ email, redirect_url, captcha_token }).meta({ id: 'FluxMailRequest' });

const secret = z.string().min(1).max(128);

export const magicLinkProof = z
  .object({ attempt: secret, token: secret.optional(), code: z.string().min(1).max(32).optional() })
  .refine((body) => (body.token === undefined) !== (body.code === undefined), {
    message: 'One of token and code.',
  })
  .meta({ id: 'FluxMagicLinkProof' });

export const resetRequest = z
  .object({ token: secret, password: z.string().min(1).max(1_024) })
  .meta({ id: 'FluxPasswordReset' });

export const verificationRequest = z.object({ redirect_url }).meta({ id: 'FluxVerificationRequest' });
export const mailedTokenRequest = z.object({ token: secret }).meta({ id: 'FluxMailedToken' });

export const passwordChangeRequest = z
  .object({ current_password: z.string().min(1).max(1_024), new_password: z.string().min(1).max(1_024) })
  .meta({ id: 'FluxPasswordChange' });

const user = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    email_verified: z.boolean(),
    created_at: z.string(),
  })
  .meta({ id: 'FluxUser' });

const session = z
  .object({
    id: z.string(),
    user_id: z.string(),
    mfa_verified: z.boolean(),
    mfa_required: z.boolean().meta({ description: 'A second factor is owed.' }),
    authentication_method: z.string(),
    created_at: z.string(),
    expires_at: z.string().meta({ description: 'When it ends if it is not used again.' }),
    last_active_at: z.string(),
  })
  .meta({ id: 'FluxSession' });

export const verifiedResponse = z.object({ user, session, token: z.string() }).meta({ id: 'FluxVerified' });

export const magicLinkResponse = z
  .object({
    attempt: z.string().meta({ description: 'Kept by the browser that asked, and shown by it alone.' }),
    expires_at: z.string(),
  })
  .meta({ id: 'FluxMagicLink' });

export const sessionResponse = z.object({ session }).meta({ id: 'FluxSessionAnswer' });
export const emptyResponse = z.object({}).meta({ id: 'FluxEmpty' });
export const revokedResponse = z.object({ revoked: z.int() }).meta({ id: 'FluxRevoked' });

export const settingsResponse = z
  .object({
    project: z.object({ id: z.string(), name: z.string() }),
    issuer: z.string(),
    jwks_uri: z.string(),
    methods: z.object({
      password: z.boolean(),
      magic_link: z.boolean(),
      passkey: z.boolean(),
      google: z.boolean(),
      github: z.boolean(),
      microsoft: z.boolean(),
    }),
    mfa: z.object({ required: z.boolean(), methods: z.array(z.string()) }),
    session: z.object({ ttl_seconds: z.int(), renew_after_seconds: z.int() }),
    captcha: z
      .object({ provider: z.enum(['pow', 'hcaptcha', 'turnstile']), site_key: z.string().nullable() })
      .nullable(),
    branding: z.object({ logo_url: z.string().nullable(), color: z.string().nullable() }),
  })
  .meta({ id: 'FluxSettings' });

export const jwksResponse = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.literal('ES256'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'FluxKeySet' });

export const eventStream = z.unknown().meta({
  description:
    'Server-sent events without end: `session.revoked`, `user.sessions_revoked`, `user.changed`, `project.changed`, `keys.rotated`, `stream.ready`, `events.lost`.',
});
