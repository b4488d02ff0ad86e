import type { Puzzle } from '../../captcha/index.ts';
import type { StartedChange } from '../../core/contact-change/index.ts';
import type { HandoffInfo, HandoffStatus } from '../../core/handoff/index.ts';
import type { PlaceLabel } from '../../core/location/index.ts';
import type { SentCode } from '../../core/mailed-code/index.ts';
import type { Profile } from '../../core/profile/index.ts';
import type { PasskeyListing, RecoveryCode } from '../../core/second-factor/index.ts';
import type { LiveSession, SessionListing } from '../../core/session/index.ts';
import { SECOND_FACTORS, type SecondFactor } from '../../core/sign-in/index.ts';
import { suspicionNames } from '../../core/user/index.ts';
import { describeDevice, maskAddress } from '../../http/index.ts';

/** A proof of work is the hosted pages' own affair: these clients are never asked for one. */
export function presentCaptcha(puzzle: Puzzle | null) {
  const siteKeyOf = (kind: Puzzle['kind']) =>
    puzzle && puzzle.kind !== 'pow' && puzzle.kind === kind ? puzzle.siteKey : null;
  return {
    provider: puzzle === null || puzzle.kind === 'pow' ? ('none' as const) : puzzle.kind,
    hcaptcha_site_key: siteKeyOf('hcaptcha'),
    turnstile_site_key: siteKeyOf('turnstile'),
  };
}

/** ISO-8601 UTC with milliseconds (contract 0.4). */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

/** Contract 4.7: what `start` and `request-new` tell of their mails, and 4.8 of its own. */
export function presentStartedChange({ ticket, originalEmail, originalProof, sent }: StartedChange) {
  return {
    ticket,
    require_original: originalProof === null,
    original_email: originalEmail,
    original_proof: originalProof,
    original_code_expires_at: sent && timestamp(sent.expiresAt),
    resend_available_at: sent && timestamp(sent.resendAvailableAt),
  };
}

export function presentNewAddress(asked: { ticket: string; newEmail: string }, sent: SentCode) {
  return {
    ticket: asked.ticket,
    new_email: asked.newEmail,
    new_code_expires_at: timestamp(sent.expiresAt),
    resend_available_at: timestamp(sent.resendAvailableAt),
  };
}

export function presentPasswordChange({ ticket, ...sent }: SentCode & { ticket: string }) {
  return {
    ticket,
    code_expires_at: timestamp(sent.expiresAt),
    resend_available_at: timestamp(sent.resendAvailableAt),
  };
}

function tag(discriminator: number): string {
  return String(discriminator).padStart(4, '0');
}

function presentUserPartial(profile: Profile) {
  return {
    id: profile.userId,
    username: profile.username,
    discriminator: tag(profile.discriminator),
    global_name: profile.globalName,
    avatar: profile.avatar,
    avatar_color: null,
    flags: 0,
  };
}

export function presentToken(token: string, profile: Profile) {
  return { token, user_id: profile.userId, user: presentUserPartial(profile) };
}

function presentClient(client: Pick<SessionListing, 'userAgent' | 'isDesktop'>, location: PlaceLabel | null) {
  const device = describeDevice(client.userAgent);
  return {
    platform: client.isDesktop ? 'Fluxer Desktop' : device.browser,
    os: device.os,
    browser: device.browser,
    device: device.isMobile ? 'mobile' : 'desktop',
    location,
  };
}

/** Contract 1.1: methods in a fixed order, and the last four digits of the phone the account has. */
export function presentOwedProof(
  { ticket, methods }: { ticket: string; methods: readonly string[] },
  phone: string | null,
) {
  const owed = {
    totp: methods.includes('totp'),
    sms: methods.includes('sms-code'),
    webauthn: methods.includes('passkey'),
  };
  return {
    mfa: true,
    ticket,
    allowed_methods: (['totp', 'sms', 'webauthn'] as const).filter((name) => owed[name]),
    sms_phone_hint: phone === null ? null : `****${phone.slice(-4)}`,
    ...owed,
  };
}

export function presentSession(session: SessionListing, currentId: string, location: PlaceLabel | null) {
  return {
    id_hash: session.tokenHash,
    client_info: presentClient(session, location),
    masked_ip: maskAddress(session.address),
    approx_last_used_at: timestamp(session.lastUsedAt),
    current: session.id === currentId,
  };
}

export function presentHandoff(status: HandoffStatus, profile: Profile | null) {
  if (status.status !== 'completed' || !profile) return { status: status.status, token: null, user_id: null };
  return { status: status.status, ...presentToken(status.token, profile) };
}

export function presentHandoffInfo(info: HandoffInfo) {
  if (info.status === 'expired') return { status: info.status };
  return { status: info.status, client_info: presentClient(info.initiator, info.place.label) };
}

export function presentPasskey({ credentialId, name, createdAt, lastUsedAt }: PasskeyListing) {
  return {
    id: credentialId,
    name,
    created_at: timestamp(createdAt),
    last_used_at: lastUsedAt === null ? null : timestamp(lastUsedAt),
  };
}

/** What a stand-alone server has nothing to say about, and clients want to hear all the same (contract 4.1). */
const UNUSED = {
  avatar_color: null,
  flags: 0,
  is_staff: false,
  acls: [],
  traits: [],
  banner_color: null,
  premium_type: null,
  premium_since: null,
  premium_until: null,
  premium_billing_cycle: null,
  premium_lifetime_sequence: null,
  premium_will_cancel: false,
  premium_badge_hidden: false,
  premium_badge_masked: false,
  premium_badge_timestamp_hidden: false,
  premium_badge_sequence_hidden: false,
  premium_purchase_disabled: false,
  premium_enabled_override: false,
  premium_perks_disabled: false,
  premium_discriminator: false,
  premium_grace_ends_at: null,
  has_dismissed_premium_onboarding: false,
  has_ever_purchased: false,
  has_unread_gift_inventory: false,
  used_mobile_client: false,
  unread_gift_inventory_count: 0,
  pending_bulk_message_deletion: null,
  mention_flags: null,
  terms_agreed_at: null,
  privacy_agreed_at: null,
  timezone: null,
};

/** Contract 4.1, as the clients number them. */
const AUTHENTICATOR_TYPES: Record<SecondFactor, number> = { totp: 0, 'sms-code': 1, passkey: 2 };

const ADULT_YEARS = 18;

/** What of a user the private form shows; a live session holds it all. */
export type Account = Pick<
  LiveSession,
  'profile' | 'email' | 'phone' | 'factors' | 'suspicion' | 'passwordChangedAt'
>;

export function presentUserPrivate(account: Account, now: number) {
  const { profile, email, phone, factors, passwordChangedAt } = account;
  const enrolled = SECOND_FACTORS.filter((id) => factors.includes(id));
  return {
    ...UNUSED,
    ...profile.preferences,
    id: profile.userId,
    username: profile.username,
    discriminator: tag(profile.discriminator),
    global_name: profile.globalName,
    avatar: profile.avatar,
    banner: profile.banner,
    email: email?.address ?? null,
    verified: email?.verified ?? false,
    phone,
    has_verified_phone: phone !== null,
    mfa_enabled: enrolled.length > 0,
    authenticator_types: enrolled.map((id) => AUTHENTICATOR_TYPES[id]),
    email_bounced: email?.bounces ?? false,
    required_actions: suspicionNames(account.suspicion),
    bio: profile.bio,
    pronouns: profile.pronouns,
    accent_color: profile.accentColor,
    password_last_changed_at: passwordChangedAt === null ? null : timestamp(passwordChangedAt),
    nsfw_allowed: isAdult(profile.dateOfBirth, now),
  };
}

export function presentBackupCodes(codes: readonly RecoveryCode[]) {
  return { backup_codes: codes.map(({ code, consumed }) => ({ code, consumed })) };
}

function isAdult(dateOfBirth: string | null, now: number): boolean {
  if (dateOfBirth === null) return false;
  const birthday = new Date(`${dateOfBirth}T00:00:00Z`);
  birthday.setUTCFullYear(birthday.getUTCFullYear() + ADULT_YEARS);
  return birthday.getTime() <= now;
}
