import type { Bucket } from '../../http/index.ts';

const SECONDS = 1_000;
const MINUTE = 60 * SECONDS;
const HOUR = 60 * MINUTE;

function bucket(name: string, limit: number, windowMs: number): Bucket {
  return { name, limit, windowMs };
}

/** Contract 7.2, as far as the routes are here. */
export const buckets = {
  register: bucket('auth:register', 10, 10 * SECONDS),
  login: bucket('auth:login', 10, 10 * SECONDS),
  loginMfa: bucket('auth:login:mfa', 5, MINUTE),
  passkeySignInOptions: bucket('auth:webauthn:options', 20, 10 * SECONDS),
  passkeySignIn: bucket('auth:webauthn:authenticate', 10, 10 * SECONDS),
  placeApprove: bucket('auth:authorize_ip', 5, MINUTE),
  placeResend: bucket('auth:ip_authorization_resend', 5, MINUTE),
  placePoll: bucket('auth:ip_authorization_poll', 60, MINUTE),
  sudoMethods: bucket('sudo:mfa:methods', 20, MINUTE),
  sudoSms: bucket('sudo:sms:send', 5, MINUTE),
  sudoPasskey: bucket('sudo:webauthn:options', 10, MINUTE),
  sudoVerify: bucket('sudo:verify', 10, MINUTE),
  logout: bucket('auth:logout', 20, 10 * SECONDS),
  sessions: bucket('auth:sessions', 40, 10 * SECONDS),
  sessionsLogout: bucket('auth:sessions:logout', 20, 10 * SECONDS),
  forgot: bucket('auth:forgot', 5, MINUTE),
  reset: bucket('auth:reset', 10, MINUTE),
  resetCheck: bucket('auth:reset:check', 20, MINUTE),
  verify: bucket('auth:verify', 10, MINUTE),
  verifyResend: bucket('auth:verify:resend', 10, MINUTE),
  handoffInitiate: bucket('auth:handoff:initiate', 10, MINUTE),
  handoffComplete: bucket('auth:handoff:complete', 10, MINUTE),
  handoffStatus: bucket('auth:handoff:status', 60, MINUTE),
  handoffInfo: bucket('auth:handoff:info', 60, MINUTE),
  handoffCancel: bucket('auth:handoff:cancel', 10, MINUTE),
  me: bucket('users:me', 40, 10 * SECONDS),
  emailRevert: bucket('auth:email_revert', 10, MINUTE),
  emailChangeStart: bucket('user:email_change:start', 10, MINUTE),
  emailChangeResendOriginal: bucket('user:email_change:resend_original', 10, MINUTE),
  emailChangeVerifyOriginal: bucket('user:email_change:verify_original', 20, MINUTE),
  emailChangeRequestNew: bucket('user:email_change:request_new', 10, MINUTE),
  emailChangeResendNew: bucket('user:email_change:resend_new', 10, MINUTE),
  emailChangeVerifyNew: bucket('user:email_change:verify_new', 20, MINUTE),
  passwordChangeStart: bucket('user:password_change:start', 10, MINUTE),
  passwordChangeResend: bucket('user:password_change:resend', 10, MINUTE),
  passwordChangeVerify: bucket('user:password_change:verify', 20, MINUTE),
  passwordChangeComplete: bucket('user:password_change:complete', 10, MINUTE),
  accountDisable: bucket('user:account:disable', 5, HOUR),
  accountDelete: bucket('user:account:delete', 5, HOUR),
  phoneSend: bucket('phone:send_verification', 5, MINUTE),
  phoneVerify: bucket('phone:verify_code', 10, MINUTE),
  phoneAdd: bucket('phone:add', 10, MINUTE),
  phoneRemove: bucket('phone:remove', 10, MINUTE),
  smsEnable: bucket('mfa:sms:enable', 10, MINUTE),
  smsDisable: bucket('mfa:sms:disable', 10, MINUTE),
  totpEnable: bucket('user:mfa:totp:enable', 10, MINUTE),
  totpDisable: bucket('user:mfa:totp:disable', 10, MINUTE),
  backupCodes: bucket('user:mfa:backup_codes', 6, MINUTE),
  userUpdate: bucket('user:update', 20, MINUTE),
  passkeyList: bucket('mfa:webauthn:list', 40, 10 * SECONDS),
  passkeyOptions: bucket('mfa:webauthn:registration_options', 20, 10 * SECONDS),
  passkeyRegister: bucket('mfa:webauthn:register', 10, MINUTE),
  passkeyUpdate: bucket('mfa:webauthn:update', 20, 10 * SECONDS),
  passkeyDelete: bucket('mfa:webauthn:delete', 10, MINUTE),
  /** Ours: a page full of faces, from an empty cache. */
  media: bucket('media', 500, 10 * SECONDS),
  pushList: bucket('user:push:list', 40, 10 * SECONDS),
  pushAdd: bucket('user:push:add', 10, MINUTE),
  pushRemove: bucket('user:push:remove', 20, MINUTE),
  placesForget: bucket('user:authorized_ips:forget', 10, MINUTE),
} as const;

/** Contract 7.1: of one caller over all routes. */
export const OVERALL = bucket('overall', 50, SECONDS);
