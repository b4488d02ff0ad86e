/** The wire shapes below `/admin/v1/flux/projects`, in the wire's own spelling. */

import type { Email } from './types.ts';

type Timestamp = string;

export const signInMethods = ['password', 'magic-link', 'passkey', 'google', 'github', 'microsoft'] as const;
export type SignInMethod = (typeof signInMethods)[number];
export type Provider = 'google' | 'github' | 'microsoft';
export type MfaMethod = 'totp' | 'sms';

export interface AuthProjectSettings {
  methods: Record<SignInMethod, boolean>;
  mfa: { required: boolean; methods: MfaMethod[]; owed: 'mark' | 'refuse' };
  session: {
    ttl_seconds: number;
    idle_seconds: number | null;
    absolute_seconds: number | null;
    renew_after_seconds: number;
  };
  redirect_urls: string[];
  allowed_origins: string[];
  passkeys: { rp_id: string | null };
  branding: { logo_url: string | null; color: string | null };
}

/** What replaces what is there, key by key in each group. */
export type AuthProjectSettingsChange = {
  [group in keyof AuthProjectSettings]?: AuthProjectSettings[group] extends unknown[]
    ? AuthProjectSettings[group]
    : Partial<AuthProjectSettings[group]>;
};

/** What a provider is asked by besides the credentials. */
export interface ProviderOptions {
  issuer?: string;
  tenant?: string;
  web_url?: string;
  api_url?: string;
}

/** The secret itself is never told again. */
interface ProviderCredentials extends ProviderOptions {
  client_id: string;
  has_secret: boolean;
}

/** Replaces what was there, save a secret that is left out. */
export interface ProviderChange extends ProviderOptions {
  client_id: string;
  client_secret?: string;
}

export interface AuthProjectSummary {
  id: string;
  slug: string;
  name: string;
  /** The one that administrators live in. */
  is_default: boolean;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface AuthProject extends AuthProjectSummary {
  settings: AuthProjectSettings;
  providers: Partial<Record<Provider, ProviderCredentials>>;
  callback_urls: Record<Provider, string>;
  issuer: string;
  jwks_uri: string;
  /** The hosted page. */
  sign_in_url: string;
}

export interface AuthProjectChange {
  name?: string;
  settings?: AuthProjectSettingsChange;
  /** Null takes the credentials away. */
  providers?: Partial<Record<Provider, ProviderChange | null>>;
}

export interface AuthProjectKey {
  id: string;
  kind: 'secret' | 'publishable';
  name: string;
  preview: string;
  status: 'active' | 'expired' | 'revoked';
  created_at: Timestamp;
  expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  last_used_at: Timestamp | null;
  /** The key that a rotation made in its place. */
  replaced_by: string | null;
}

/** Signs the session tokens of all projects. */
export interface SigningKey {
  id: string;
  /** `former` ones are kept for what they signed. */
  status: 'next' | 'signing' | 'former';
  created_at: Timestamp;
  signs_from: Timestamp;
}

export interface AuthUser {
  id: string;
  email: string | null;
  email_verified: boolean;
  status: 'active' | 'suspended' | 'disabled' | 'leaving';
  suspended_reason: string | null;
  /** Second factors: `totp`, `sms-code`, `passkey`. */
  factors: string[];
  /** Of this user alone, whatever the project asks of everybody. */
  mfa_required: boolean;
  created_at: Timestamp;
  last_seen_at: Timestamp | null;
}

export interface AuthUserDetail extends AuthUser {
  emails: Email[];
  phone_hint: string | null;
  has_password: boolean;
  /** How many. */
  passkeys: number;
  /** Accounts elsewhere that sign in to this one. */
  identities: { issuer: string; subject: string; created_at: Timestamp; last_used_at: Timestamp }[];
}
