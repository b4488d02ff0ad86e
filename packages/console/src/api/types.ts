/** The wire shapes of `/admin/v1`, in the wire's own spelling so that a field can be searched for across packages. */

/** ISO 8601, always UTC. */
type Timestamp = string;

export interface Email {
  address: string;
  verified: boolean;
  primary: boolean;
}

export interface User {
  id: string;
  username: string;
  discriminator: string;
  global_name: string | null;
  emails: Email[];
  status: 'active' | 'suspended';
  suspended_reason: string | null;
  /** Second factors: `totp`, `sms-code`, `passkey`. */
  factors: string[];
  is_administrator: boolean;
  created_at: Timestamp;
  last_seen_at: Timestamp | null;
}

export interface Session {
  id: string;
  surface: 'fluxer' | 'pages' | 'flecto';
  platform: string | null;
  os: string | null;
  browser: string | null;
  address: string | null;
  network: string | null;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  current: boolean;
}

export interface AuditRecord {
  id: string;
  at: Timestamp;
  event: string;
  user_id: string | null;
  actor_id: string | null;
  session_id: string | null;
  method: string | null;
  outcome: string | null;
  address: string | null;
  user_agent: string | null;
  details: Record<string, string | number | boolean | null>;
}

export interface Me {
  user: User;
  permissions: { section: string; action: string }[];
  elevated_until: Timestamp | null;
  /** What `POST /sudo` takes from this account. */
  sudo_methods: string[];
}

export type SudoProof =
  | { password: string }
  | { method: 'totp' | 'recovery-code' | 'sms-code'; code: string }
  | { method: 'passkey'; response: unknown; challenge: string };

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface FieldError {
  path: string;
  message: string;
  code: string;
}
