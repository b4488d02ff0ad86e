import { createECDH } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Config } from './load.ts';
import { variableOf } from './setting.ts';

type Values = Omit<Config, 'origins'>;

/** What is wrong with settings that are each right by themselves. */
export function contradictions(values: Values): string[] {
  return [
    cookieSecure(values),
    sms(values),
    vapid(values),
    geoip(values),
    captcha(values),
    openid(values),
  ].filter((found) => found !== null);
}

function cookieSecure({ cookieSecure: isSecure, publicUrl }: Values): string | null {
  const isHttps = publicUrl.startsWith('https:');
  if (isSecure === 'auto' || isSecure === isHttps) return null;
  return isSecure
    ? `cookie.secure is on, but public_url is ${publicUrl}, where browsers drop such cookies. Set FLUXGATE_PUBLIC_URL to the https address browsers use, or unset cookie.secure.`
    : `cookie.secure is off, but public_url is ${publicUrl}, where cookies are always Secure. Unset cookie.secure.`;
}

function sms(values: Values): string | null {
  if (!values.smsEnabled) return null;
  const missing = [
    values.smsAccountSid === undefined && 'account_sid',
    values.smsAuthToken === undefined && 'auth_token',
    values.smsVerifyServiceSid === undefined && 'verify_service_sid',
  ].filter((name) => name !== false);
  return missing.length === 0
    ? null
    : `integrations.sms.enabled is on, but ${missing.map((name) => `integrations.sms.${name}`).join(' and ')} is not set. Copy it from Twilio's console, or set FLUXGATE_INTEGRATIONS_SMS_ENABLED=off.`;
}

function vapid({ vapidPublicKey, vapidPrivateKey }: Values): string | null {
  if (vapidPublicKey === undefined && vapidPrivateKey === undefined) return null;
  const fix = 'Set both from one run of: npx web-push generate-vapid-keys';
  if (vapidPublicKey === undefined || vapidPrivateKey === undefined)
    return `Of auth.vapid.public_key and auth.vapid.private_key only one is set. ${fix}`;
  return publicKeyOf(vapidPrivateKey) === vapidPublicKey
    ? null
    : `auth.vapid.public_key and auth.vapid.private_key are not one pair. ${fix}`;
}

/** The P-256 public key, uncompressed, in base64url; null where there is none for that number. */
function publicKeyOf(privateKey: string): string | null {
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  } catch {
    return null;
  }
  return curve.getPublicKey().toString('base64url');
}

function geoip({ geoipDbPath }: Values): string | null {
  return geoipDbPath === '' || existsSync(geoipDbPath)
    ? null
    : `geoip.maxmind_db_path names ${geoipDbPath}, which is not there. Put the file there, or unset it.`;
}

function captcha(values: Values): string | null {
  if (values.captcha === 'off' || values.captcha === 'pow') return null;
  const [siteKey, secretKey] =
    values.captcha === 'hcaptcha'
      ? [values.captchaHcaptchaSiteKey, values.captchaHcaptchaSecretKey]
      : [values.captchaTurnstileSiteKey, values.captchaTurnstileSecretKey];
  const missing = [siteKey === undefined && 'site_key', secretKey === undefined && 'secret_key']
    .filter((name) => name !== false)
    .map((name) => variableOf(`integrations.captcha.${values.captcha}.${name}`));
  return missing.length === 0
    ? null
    : `FLUXGATE_CAPTCHA is ${values.captcha}, but ${missing.join(' and ')} is not set. Copy it from the service's dashboard, or set FLUXGATE_CAPTCHA to pow, which needs no keys, or to off.`;
}

function openid(values: Values): string | null {
  if (!values.openidEnabled) return null;
  const missing = [
    values.openidProviderUrl === undefined && 'provider_url',
    values.openidClientId === undefined && 'client_id',
    values.openidClientSecret === undefined && 'client_secret',
  ].filter((name) => name !== false);
  if (missing.length > 0)
    return `openid.enabled is on, but ${missing.map((name) => `openid.${name}`).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set. Set ${missing.map((name) => variableOf(`openid.${name}`)).join(', ')} to what the provider gave you, or FLUXGATE_OPENID_ENABLED=off.`;
  return values.openidScopes.includes('openid')
    ? null
    : 'openid.scopes lacks the scope openid, without which a provider says nothing of who signed in. Add it, or leave openid.scopes empty.';
}
