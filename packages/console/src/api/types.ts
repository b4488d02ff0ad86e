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
  /** What Flecto's log-in takes besides an address. */
  login_name: string | null;
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
  surface: 'fluxer' | 'pages' | 'flecto' | 'flux';
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
  permissions: AdminRow[];
  resources: ResourceRow[];
  elevated_until: Timestamp | null;
  /** What `POST /sudo` takes from this account. */
  sudo_methods: string[];
}

/** Flecto contract A8; `*` stands for everything in its place. */
export interface AdminRow {
  section: string;
  action: string;
}

export interface ResourceRow {
  namespace: string;
  project: string;
  resource: string;
  action: string;
}

export interface Permissions {
  admin: AdminRow[];
  resources: ResourceRow[];
}

export interface ApiToken {
  id: string;
  name: string;
  preview: string;
  permissions: Permissions;
  expires_at: Timestamp | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  last_used_at: Timestamp | null;
}

export interface NewToken {
  name: string;
  expires_at: Timestamp | null;
  permissions: Permissions;
}

export interface Role {
  code: string;
  permissions: Permissions;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface Member {
  id: string;
  username: string;
  discriminator: string;
  global_name: string | null;
  login_name: string | null;
}

export interface UserRights {
  /** The user's own. */
  permissions: Permissions;
  roles: string[];
  /** With those of all their roles. */
  effective: Permissions;
}

export interface NewUser {
  login_name: string | null;
  email: string | null;
  global_name: string | null;
  password: string | null;
  roles: string[];
}

export interface Namespace {
  code: string;
  name: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface Project {
  namespace: string;
  code: string;
  name: string;
  version: number;
  redirects: number;
  pages: number;
  published_redirects: number;
  published_pages: number;
  updated_at: Timestamp;
  published_at: Timestamp | null;
}

export interface ProjectDetail extends Project {
  has_unpublished: boolean;
}

export interface Agent {
  name: string;
  type: string;
  version: number;
  status: string;
  /** Nanoseconds. */
  load_duration: number;
  error: string;
  offline: boolean;
  last_hit_at: Timestamp;
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
