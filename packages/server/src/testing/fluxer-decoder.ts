import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Reply } from './client.ts';

/** What a key of an answer must hold; `?` behind it when the key may be missing. */
type Rule =
  | 'string'
  | 'string|null'
  | 'int'
  | 'int|null'
  | 'boolean'
  | 'boolean?'
  | 'boolean|null?'
  | 'string[]'
  | 'int[]?'
  | 'int|null?'
  | 'string|null?'
  | 'object|null'
  | 'timestamp'
  | 'timestamp|null'
  | 'timestamp|null?'
  | 'snowflake'
  | 'discriminator'
  | 'session-token'
  | 'id-hash'
  | 'phone-token'
  | 'premium-type'
  | 'backup-code'
  | Shape
  | OrNull;
interface Shape {
  [key: string]: Rule;
}
class OrNull {
  readonly shape: Shape;
  constructor(shape: Shape) {
    this.shape = shape;
  }
}

const isInt32 = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const CHECKS: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  int: isInt32,
  boolean: (value) => typeof value === 'boolean',
  'string[]': (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  'int[]': (value) => Array.isArray(value) && value.every(isInt32),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  timestamp: matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
  snowflake: (value) => matches(/^[1-9]\d{0,18}$/)(value) && BigInt(value as string) < 2n ** 63n,
  discriminator: matches(/^\d{4}$/),
  'session-token': matches(/^flx_[0-9A-Za-z]{36}$/),
  'id-hash': matches(/^[\w-]{43}$/),
  'phone-token': matches(/^[0-9A-Za-z]{64}$/),
  'backup-code': matches(/^[a-z0-9]{4}-[a-z0-9]{4}$/),
  'premium-type': (value) => value === null || value === 0 || value === 1 || value === 2,
};

/** Contract 4.1, UserPartial. */
const USER_PARTIAL: Shape = {
  id: 'snowflake',
  username: 'string',
  discriminator: 'discriminator',
  global_name: 'string|null',
  avatar: 'string|null',
  avatar_color: 'int|null',
  flags: 'int',
  bot: 'boolean?',
  system: 'boolean?',
  mention_flags: 'int|null?',
};

/** Contract 1.1; `user` is what D2 wants besides. */
const TOKEN: Shape = { token: 'session-token', user_id: 'snowflake', user: USER_PARTIAL };

const CLIENT_INFO: Shape = {
  platform: 'string|null',
  os: 'string|null',
  browser: 'string|null?',
  device: 'string',
  location: new OrNull({ city: 'string|null', region: 'string|null', country: 'string|null' }),
};

/** Contract 1.7. */
const SESSION: Shape = {
  id_hash: 'id-hash',
  client_info: new OrNull(CLIENT_INFO),
  masked_ip: 'string|null',
  approx_last_used_at: 'timestamp|null',
  current: 'boolean',
};

/** Contract 1.15. */
const HANDOFF: Shape = { code: 'string', expires_at: 'timestamp' };
const HANDOFF_UNDONE: Shape = { status: 'string', token: 'string|null', user_id: 'string|null' };

/** Contract 4.1, UserPrivateResponse with what D2 wants besides. */
const USER_PRIVATE: Shape = {
  id: 'snowflake',
  username: 'string',
  discriminator: 'discriminator',
  global_name: 'string|null',
  avatar: 'string|null',
  avatar_color: 'int|null',
  bot: 'boolean?',
  system: 'boolean?',
  flags: 'int',
  is_staff: 'boolean',
  acls: 'string[]',
  traits: 'string[]',
  email: 'string|null',
  email_bounced: 'boolean?',
  phone: 'string|null',
  bio: 'string|null',
  pronouns: 'string|null',
  banner: 'string|null',
  accent_color: 'int|null',
  banner_color: 'int|null',
  mfa_enabled: 'boolean',
  authenticator_types: 'int[]?',
  verified: 'boolean',
  premium_type: 'premium-type',
  premium_since: 'string|null',
  premium_until: 'string|null',
  premium_billing_cycle: 'string|null',
  premium_lifetime_sequence: 'int|null',
  premium_will_cancel: 'boolean',
  premium_badge_hidden: 'boolean',
  premium_badge_masked: 'boolean',
  premium_badge_timestamp_hidden: 'boolean',
  premium_badge_sequence_hidden: 'boolean',
  premium_purchase_disabled: 'boolean',
  premium_enabled_override: 'boolean',
  password_last_changed_at: 'timestamp|null',
  required_actions: 'string[]',
  nsfw_allowed: 'boolean',
  has_dismissed_premium_onboarding: 'boolean',
  has_ever_purchased: 'boolean',
  has_unread_gift_inventory: 'boolean',
  used_mobile_client: 'boolean',
  unread_gift_inventory_count: 'int',
  pending_bulk_message_deletion: 'object|null',
  has_verified_phone: 'boolean',
  premium_perks_disabled: 'boolean',
  premium_discriminator: 'boolean',
  mention_flags: 'int|null?',
  premium_grace_ends_at: 'timestamp|null?',
  last_voice_activity_sharing_change_at: 'timestamp|null?',
  terms_agreed_at: 'timestamp|null?',
  privacy_agreed_at: 'timestamp|null?',
  timezone: 'string|null?',
  timezone_privacy_flags: 'int|null?',
  age_verified_adult: 'boolean|null?',
  force_inbound_phone_verification: 'boolean|null?',
};

/** Contract 4.3. */
const BACKUP_CODE: Shape = { code: 'backup-code', consumed: 'boolean' };

const SECRET_KEYS = /^(password|hash|password_hash|secret|seed|session_id|project_id|normal)$/;

function problemsOf(rule: Rule, value: unknown, path: string): string[] {
  if (rule instanceof OrNull) return value === null ? [] : problemsOf(rule.shape, value, path);
  if (typeof rule === 'object') {
    if (!CHECKS['object']?.(value)) return [`${path} is no object`];
    const object = value as Record<string, unknown>;
    const secrets = Object.keys(object).filter((key) => SECRET_KEYS.test(key));
    return [
      ...secrets.map((key) => `${path}.${key} should not be told`),
      ...Object.entries(rule).flatMap(([key, inner]) => {
        if (Object.hasOwn(object, key)) return problemsOf(inner, object[key], `${path}.${key}`);
        return typeof inner === 'string' && inner.endsWith('?') ? [] : [`${path}.${key} is missing`];
      }),
    ];
  }
  const [base = '', orNull] = rule.replace('?', '').split('|');
  if (value === null && orNull === 'null') return [];
  return CHECKS[base]?.(value) ? [] : [`${path} is no ${rule}: ${JSON.stringify(value)}`];
}

function successOf(reply: Reply): unknown {
  if (reply.status !== 200) throw new Error(`Not a success: ${reply.status} ${reply.text}`);
  const type = reply.headers.get('content-type') ?? '';
  if (!/^application\/json\b/.test(type)) throw new Error(`Not JSON but ${type}`);
  return reply.json;
}

function decoded<T>(rule: Rule, value: unknown, path = '$'): T {
  const problems = problemsOf(rule, value, path);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return value as T;
}

export interface UserPartial {
  id: string;
  username: string;
  discriminator: string;
  global_name: string | null;
}
export interface UserPrivate extends UserPartial {
  email: string | null;
  verified: boolean;
  nsfw_allowed: boolean;
  password_last_changed_at: string | null;
  [key: string]: unknown;
}
export interface TokenAnswer {
  token: string;
  user_id: string;
  user: UserPartial;
}
export interface BackupCode {
  code: string;
  consumed: boolean;
}
export interface SessionAnswer {
  id_hash: string;
  client_info: { platform: string | null; os: string | null; device: string } | null;
  masked_ip: string | null;
  approx_last_used_at: string | null;
  current: boolean;
}

export interface OwedProof {
  mfa: true;
  ticket: string;
  allowed_methods: string[];
  sms_phone_hint: string | null;
  totp: boolean;
  sms: boolean;
  webauthn: boolean;
}

const ALLOWED = ['totp', 'sms', 'webauthn'] as const;
/** Contract 1.1. */
const OWED_PROOF: Shape = {
  mfa: 'boolean',
  ticket: 'string',
  allowed_methods: 'string[]',
  sms_phone_hint: 'string|null',
  totp: 'boolean',
  sms: 'boolean',
  webauthn: 'boolean',
};

/** Reads answers as strictly as the clients do: a missing key or a wrong type throws, naming every problem. */
export const decode = {
  token(reply: Reply): TokenAnswer {
    const value = decoded<TokenAnswer>(TOKEN, successOf(reply));
    // The generated clients tell the two variants apart by their keys.
    if (Object.hasOwn(value, 'mfa')) throw new Error('The token variant has no key "mfa".');
    if (value.user.id !== value.user_id) throw new Error('user.id and user_id differ.');
    return value;
  },
  user: (reply: Reply): UserPrivate => decoded(USER_PRIVATE, successOf(reply)),
  sessions(reply: Reply): SessionAnswer[] {
    const list = successOf(reply);
    if (!Array.isArray(list)) throw new Error('The list of sessions is no bare array.');
    return list.map((item, index) => decoded<SessionAnswer>(SESSION, item, `$[${index}]`));
  },
  backupCodes(reply: Reply): BackupCode[] {
    const { backup_codes: codes } = successOf(reply) as { backup_codes: unknown };
    if (!Array.isArray(codes) || codes.length !== 10) throw new Error('Not ten backup codes.');
    return codes.map((code, index) => decoded<BackupCode>(BACKUP_CODE, code, `$[${index}]`));
  },
  phoneToken(reply: Reply): string {
    return decoded<{ phone_token: string }>({ phone_token: 'phone-token' }, successOf(reply)).phone_token;
  },
  suggestions(reply: Reply): string[] {
    const { suggestions } = decoded<{ suggestions: string[] }>({ suggestions: 'string[]' }, successOf(reply));
    if (suggestions.length > 20) throw new Error('More than 20 suggestions.');
    return suggestions;
  },
  /** Contract 1.1: the variant without a token, whose keys are all there. */
  owedProof(reply: Reply): OwedProof {
    const value = decoded<OwedProof>(OWED_PROOF, successOf(reply));
    if (value.mfa !== true) throw new Error('mfa is not true.');
    const named = ALLOWED.filter((name) => value[name]);
    if (value.allowed_methods.join() !== named.join()) throw new Error(`Two answers: ${reply.text}`);
    if (!/^[0-9A-Za-z]{64}$/.test(value.ticket)) throw new Error(`No ticket: ${value.ticket}`);
    return value;
  },
  /** Contract 1.3, step 6: extra keys at the top level of the refusal. */
  newPlace(reply: Reply): { ticket: string; email: string } {
    if (refusal(reply) !== '403 IP_AUTHORIZATION_REQUIRED') throw new Error(`No new place: ${reply.text}`);
    const shape: Shape = {
      ip_authorization_required: 'boolean',
      ticket: 'string',
      email: 'string',
      resend_available_in: 'int',
    };
    return decoded({ code: 'string', message: 'string', ...shape }, reply.json);
  },
  /** Contract 1.9: null while it waits. */
  placePoll(reply: Reply): TokenAnswer | null {
    const { completed, ...rest } = successOf(reply) as { completed: boolean };
    if (completed === true) return decoded<TokenAnswer>(TOKEN, rest);
    if (completed !== false || Object.values(rest).some((value) => value !== null))
      throw new Error(`Tells what it must not: ${reply.text}`);
    return null;
  },
  handoff: (reply: Reply): { code: string; expires_at: string } => decoded(HANDOFF, successOf(reply)),
  /** The token of a finished hand-off, or its status. */
  handoffStatus(reply: Reply): TokenAnswer | 'pending' | 'expired' {
    const { status, ...rest } = successOf(reply) as { status: 'pending' | 'completed' | 'expired' };
    if (status === 'completed') return decoded<TokenAnswer>(TOKEN, rest);
    if (status !== 'pending' && status !== 'expired') throw new Error(`No status: ${reply.text}`);
    const { token, user_id } = decoded<TokenAnswer>(HANDOFF_UNDONE, reply.json);
    if (token !== null || user_id !== null) throw new Error(`Tells what it must not: ${reply.text}`);
    return status;
  },
  empty(reply: Reply): void {
    if (reply.status !== 204 || reply.text !== '') throw new Error(`Not 204: ${reply.status} ${reply.text}`);
  },
};

interface ErrorBody {
  code: string;
  message: string;
  errors?: { path: string; message: string; code?: string }[];
}

/** A refusal in one line, `400 INVALID_FORM_BODY email:INVALID_EMAIL_FORMAT`, after its shape was checked (5.1, 5.2). */
export function refusal(reply: Pick<Reply, 'status' | 'headers' | 'json' | 'text'>): string {
  const body = reply.json as ErrorBody | undefined;
  const problems: string[] = [];
  if (!/^application\/json\b/.test(reply.headers.get('content-type') ?? '')) problems.push('not JSON');
  if (typeof body?.code !== 'string' || !/^[A-Z][A-Z0-9_]+$/.test(body.code)) problems.push('no code');
  if (typeof body?.message !== 'string' || body.message === '') problems.push('no message');
  if (reply.headers.has('www-authenticate')) problems.push('has WWW-Authenticate');
  if ((body?.code === 'INVALID_FORM_BODY') !== Array.isArray(body?.errors)) problems.push('errors misplaced');
  const items = body?.errors ?? [];
  for (const item of items) {
    if (typeof item.path !== 'string' || item.path === '') problems.push('item without path');
    if (typeof item.message !== 'string' || item.message === '') problems.push('item without message');
  }
  const named = items.map(({ path, code }) => `${path}:${code}`).sort();
  if (new Set(named).size !== named.length) problems.push('the same item twice');
  if (problems.length > 0)
    throw new Error(`Not the error shape (${problems.join(', ')}): ${reply.status} ${reply.text}`);
  return [reply.status, body?.code, ...named].join(' ');
}

interface RawRequest {
  method?: string;
  /** Sent exactly as written: no normal form of the path is made. */
  path: string;
  /** A list sends the header several times. */
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** What `fetch` would mend or refuse before it reaches the wire. */
export function rawRequest(baseUrl: string, { body, ...request }: RawRequest): Promise<Reply> {
  const isChunked = request.headers?.['transfer-encoding'] !== undefined;
  // Node tells the length of a body by itself for some methods only.
  const length = body !== undefined && !isChunked && { 'content-length': String(Buffer.byteLength(body)) };
  return exchange(baseUrl, { ...request, headers: { ...length, ...request.headers } }, (sent) =>
    sent.end(body),
  );
}

/** A request whose headers promise a body that never comes. */
export function announced(baseUrl: string, path: string, headers: Record<string, string>): Promise<Reply> {
  return exchange(baseUrl, { method: 'POST', path, headers }, (sent) => sent.flushHeaders());
}

async function exchange(
  baseUrl: string,
  { method = 'GET', path, headers = {} }: Omit<RawRequest, 'body'>,
  send: (sent: ClientRequest) => void,
): Promise<Reply> {
  const { hostname, port } = new URL(baseUrl);
  return await new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        sent.destroy();
        const text = Buffer.concat(chunks).toString('utf8');
        const received = new Headers();
        for (const [name, value] of Object.entries(response.headers)) {
          for (const one of [value ?? []].flat()) received.append(name, one);
        }
        const json = /^[[{]/.test(text) ? (JSON.parse(text) as never) : (undefined as never);
        resolve({ status: response.statusCode ?? 0, headers: received, text, json });
      });
    });
    sent.on('error', reject);
    send(sent);
  });
}
