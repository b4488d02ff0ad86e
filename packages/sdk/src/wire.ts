/** The bodies of docs/flux-wire.md that this SDK reads. */

export interface WireUser {
  id: string;
  email: string | null;
  email_verified: boolean;
  org_id?: string | null;
  /** ISO 8601. */
  created_at: string;
}

export interface WireSession {
  id: string;
  user_id: string;
  org_id?: string | null;
  mfa_verified: boolean;
  mfa_required: boolean;
  authentication_method: string;
  /** ISO 8601, as the two below. */
  created_at: string;
  expires_at: string;
  last_active_at: string;
}

export interface WireSignedIn {
  user: WireUser;
  session: WireSession;
  token: string;
}

export interface WireSettings {
  project: { id: string; name: string };
  issuer: string;
  methods: Record<string, boolean>;
  mfa: { required: boolean; methods: string[] };
  session: { ttl_seconds: number; renew_after_seconds: number };
  branding: { logo_url: string | null; color: string | null };
  captcha?: { provider: string; site_key: string | null } | null;
}

/** The parts of a public key (RFC 7517) that are read; spelt out, since not every app has the browser's types. */
export interface WireKey {
  kty?: string;
  crv?: string;
  x?: string;
  y?: string;
  kid?: string;
  alg?: string;
}

export interface WireKeySet {
  keys: WireKey[];
}
