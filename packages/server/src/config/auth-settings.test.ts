import { createECDH } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showConfig } from '../cli/index.ts';
import { freshFolder } from '../testing/index.ts';
import { loadConfig } from './index.ts';

const GOOD = 'hT3vQm0bXo9Zr2LkP7sWcE5uYdA8nJfG1iRqN6xKtVw';
const folder = freshFolder();

const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd: folder() });

/** A pair as operators make it. */
function vapidPair() {
  const curve = createECDH('prime256v1');
  curve.generateKeys();
  return {
    FLUXGATE_AUTH_VAPID_PUBLIC_KEY: curve.getPublicKey().toString('base64url'),
    FLUXGATE_AUTH_VAPID_PRIVATE_KEY: curve.getPrivateKey().toString('base64url').padStart(43, 'A'),
  };
}

describe('a secret of the operator', () => {
  const secrets = [
    'FLUXGATE_AUTH_SUDO_MODE_SECRET',
    'FLUXGATE_AUTH_CONNECTION_INITIATION_SECRET',
    'FLUXGATE_INTERNAL_SECRET',
  ];
  const refused = [
    ['', /is set but empty; unset it, or make one with: node -p/],
    ['short', /is too short: use 32 bytes or more; .*make one with/],
    ['x'.repeat(64), /is a sample value/],
    ['change-me-change-me-change-me-change-me', /is a sample value/],
    ['please_change_this_secret_before_production', /is a sample value/],
    ['your-super-secret-sudo-mode-key-1234567', /is a sample value/],
    ['secret-secret-secret-secret-secret-secret', /is a sample value/],
    ['<put 32 random bytes in base64url here>', /is a sample value/],
  ] as const;

  it.each(secrets.flatMap((name) => refused.map(([value, problem]) => [name, value, problem] as const)))(
    '%s=%j stops the start and says what to do [M01]',
    (name, value, problem) => {
      expect(() => load({ [name]: value })).toThrow(problem);
      expect(() => load({ [name]: value })).toThrow(name);
    },
  );

  it.each(secrets)('%s is taken when it is a good one, and never repeated [M01, M04]', (name) => {
    expect(showConfig(load({ [name]: GOOD }))).not.toContain(GOOD);
    const tooShort = GOOD.slice(0, 20);
    expect(() => load({ [name]: tooShort })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(tooShort) }),
    );
  });

  it('has no default [M01]', () => {
    const config = load();
    expect(config.sudoModeSecret).toBeUndefined();
    expect(config.connectionInitiationSecret).toBeUndefined();
    expect(config.internalSecret).toBeUndefined();
  });

  it('is no number and not nothing in the file [M01]', () => {
    writeFileSync(join(folder(), 'fluxgate.yaml'), 'internal_secret:\n');
    expect(() => load()).toThrow(/"internal_secret" in the file: is set but empty/);
    writeFileSync(join(folder(), 'fluxgate.yaml'), 'internal_secret: 12345\n');
    expect(() => load()).toThrow(/put numbers in quotes/);
  });
});

describe('the passkey settings', () => {
  it('follow the public URL and the site name', () => {
    const config = load({
      FLUXGATE_PUBLIC_URL: 'https://login.example.com:8443',
      FLUXGATE_SITE_NAME: 'Acme',
    });
    expect(config.passkeyRpName).toBe('Acme');
    expect(config.passkeyRpId).toBe('login.example.com');
    expect(config.passkeyOrigins).toEqual(['https://login.example.com:8443']);
  });

  it('always allow the public origin, and the origins of apps', () => {
    const app = 'android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0bd6a';
    const config = load({
      FLUXGATE_PUBLIC_URL: 'https://login.example.com',
      FLUXGATE_AUTH_PASSKEYS_RP_ID: 'example.com',
      FLUXGATE_AUTH_PASSKEYS_ADDITIONAL_ALLOWED_ORIGINS: `https://app.example.com, ${app},https://login.example.com`,
    });
    expect(config.passkeyRpId).toBe('example.com');
    expect(config.passkeyOrigins).toEqual(['https://login.example.com', 'https://app.example.com', app]);
  });

  it.each([
    ['FLUXGATE_AUTH_PASSKEYS_RP_ID', 'https://example.com', /use a domain/],
    ['FLUXGATE_AUTH_PASSKEYS_RP_ID', 'example.com:443', /use a domain/],
    ['FLUXGATE_AUTH_PASSKEYS_RP_ID', 'Example.com', /use a domain in lower case/],
    ['FLUXGATE_AUTH_PASSKEYS_ADDITIONAL_ALLOWED_ORIGINS', 'app.example.com', /use origins/],
    ['FLUXGATE_AUTH_PASSKEYS_ADDITIONAL_ALLOWED_ORIGINS', 'https://app.example.com/', /use origins/],
  ])('refuse %s=%s', (name, value, problem) => {
    expect(() => load({ [name]: value })).toThrow(problem);
  });
});

describe('the key pair of web push', () => {
  it('is taken whole, and its contact follows the sender of mail', () => {
    const pair = vapidPair();
    const config = load({ ...pair, FLUXGATE_MAIL_FROM: 'Acme <post@example.com>' });
    expect(config.vapidPublicKey).toBe(pair.FLUXGATE_AUTH_VAPID_PUBLIC_KEY);
    expect(config.vapidEmail).toBe('post@example.com');
    expect(load({ FLUXGATE_AUTH_VAPID_EMAIL: 'mailto:ops@example.com' }).vapidEmail).toBe('ops@example.com');
  });

  it('is not taken by halves, mixed, or malformed [M01]', () => {
    const { FLUXGATE_AUTH_VAPID_PUBLIC_KEY, FLUXGATE_AUTH_VAPID_PRIVATE_KEY } = vapidPair();
    expect(() => load({ FLUXGATE_AUTH_VAPID_PUBLIC_KEY })).toThrow(/only one is set/);
    expect(() => load({ FLUXGATE_AUTH_VAPID_PRIVATE_KEY })).toThrow(/only one is set/);
    expect(() => load({ ...vapidPair(), FLUXGATE_AUTH_VAPID_PUBLIC_KEY })).toThrow(/not one pair/);
    expect(() => load({ ...vapidPair(), FLUXGATE_AUTH_VAPID_PRIVATE_KEY: 'abc' })).toThrow(/use 32 bytes/);
    expect(() => load({ ...vapidPair(), FLUXGATE_AUTH_VAPID_PRIVATE_KEY: '' })).toThrow(/set but empty/);
    expect(() => load({ ...vapidPair(), FLUXGATE_AUTH_VAPID_PRIVATE_KEY: 'A'.repeat(43) })).toThrow(
      /one pair/,
    );
  });
});

describe('the SMS settings', () => {
  const twilio = {
    FLUXGATE_INTEGRATIONS_SMS_ENABLED: 'on',
    FLUXGATE_INTEGRATIONS_SMS_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
    FLUXGATE_INTEGRATIONS_SMS_AUTH_TOKEN: '9f0e8d7c6b5a49382716051423324150',
    FLUXGATE_INTEGRATIONS_SMS_VERIFY_SERVICE_SID: 'VA0123456789abcdef0123456789abcdef',
  };

  it('are off by default, and whole when on', () => {
    expect(load().smsEnabled).toBe(false);
    expect(load(twilio)).toMatchObject({ smsEnabled: true, smsApiBaseUrl: 'https://verify.twilio.com' });
    expect(() => load({ FLUXGATE_INTEGRATIONS_SMS_ENABLED: 'on' })).toThrow(
      /sms\.account_sid and integrations\.sms\.auth_token and integrations\.sms\.verify_service_sid is not set/,
    );
  });

  it.each([
    ['FLUXGATE_INTEGRATIONS_SMS_AUTH_TOKEN', '', /set but empty; unset it, or copy it from the service/],
    ['FLUXGATE_INTEGRATIONS_SMS_AUTH_TOKEN', 'your_auth_token', /sample value/],
    ['FLUXGATE_INTEGRATIONS_SMS_API_BASE_URL', 'http://proxy.example.com', /use an https URL/],
    ['FLUXGATE_INTEGRATIONS_SMS_API_BASE_URL', 'http://localhost.example.com', /use an https URL/],
  ])('refuse %s=%j [M01]', (name, value, problem) => {
    expect(() => load({ ...twilio, [name]: value })).toThrow(problem);
  });

  it('take a proxy or a test on this machine', () => {
    const config = load({ ...twilio, FLUXGATE_INTEGRATIONS_SMS_API_BASE_URL: 'http://localhost:9000/' });
    expect(config.smsApiBaseUrl).toBe('http://localhost:9000');
  });
});

describe('the cookie settings', () => {
  it.each([
    [{ FLUXGATE_COOKIE_SECURE: 'on' }, /cookie\.secure is on, but public_url is http:.*FLUXGATE_PUBLIC_URL/],
    [
      { FLUXGATE_COOKIE_SECURE: 'off', FLUXGATE_PUBLIC_URL: 'https://a.example' },
      /cookie\.secure is off, but public_url is https:/,
    ],
    [{ FLUXGATE_COOKIE_HTTP_ONLY: 'off' }, /only on/],
    [{ FLUXGATE_COOKIE_SAME_SITE: 'None' }, /only Lax/],
    [{ FLUXGATE_COOKIE_MAX_AGE: '7 days' }, /whole number/],
  ])('refuse %j', (env, problem) => {
    expect(() => load(env)).toThrow(problem);
  });

  it('say what holds anyway', () => {
    const config = load({
      FLUXGATE_PUBLIC_URL: 'https://a.example',
      FLUXGATE_COOKIE_SECURE: 'on',
      FLUXGATE_COOKIE_HTTP_ONLY: 'true',
      FLUXGATE_COOKIE_SAME_SITE: 'Lax',
      FLUXGATE_COOKIE_MAX_AGE: '604800000',
    });
    expect(config.cookieMaxAgeMs).toBe(604_800_000);
  });
});

describe('the file of places', () => {
  it('must be there', () => {
    expect(() => load({ FLUXGATE_GEOIP_MAXMIND_DB_PATH: 'nowhere.mmdb' })).toThrow(
      /nowhere\.mmdb, which is not/,
    );
    writeFileSync(join(folder(), 'city.mmdb'), '');
    expect(load({ FLUXGATE_GEOIP_MAXMIND_DB_PATH: 'city.mmdb' }).geoipDbPath).toBe(
      join(folder(), 'city.mmdb'),
    );
  });
});
