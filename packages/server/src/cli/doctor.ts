import { TEST_KEYS } from '../captcha/index.ts';
import type { Config } from '../config/index.ts';
import { requireInstanceKey } from '../core/instance/index.ts';
import { type RandomBytes, readInstanceKey } from '../crypto/index.ts';
import { isLocalHost } from '../http/index.ts';
import { storageFor } from '../instance.ts';
import { migrations } from '../migrations.ts';
import { hasDatabase, pendingMigrations } from '../storage/index.ts';
import { requireSurfaceProjects } from '../surface-projects.ts';

export interface Finding {
  /** `broken` keeps the server from starting; `unfit` is fine for a trial and not for production. */
  level: 'ok' | 'unfit' | 'broken';
  text: string;
}

/** What is not fit for production, each with its setting and the fix. */
export async function diagnose(config: Config, random: RandomBytes): Promise<Finding[]> {
  return [...judgeSettings(config), ...(await judgeDatabase(config, random))];
}

function judgeSettings(config: Config): Finding[] {
  const { hostname, protocol } = new URL(config.publicUrl);
  const isLocal = isLocalHost(hostname);
  const findings: (Finding | false)[] = [
    isLocal &&
      unfit('public_url is this machine alone. Set FLUXGATE_PUBLIC_URL to the https address browsers use.'),
    !isLocal &&
      protocol !== 'https:' &&
      unfit(
        'public_url is not https: passwords and cookies travel readable. Put a TLS proxy in front and set FLUXGATE_PUBLIC_URL=https://….',
      ),
    config.smtpUrl === '' &&
      unfit('No mail server: nobody gets mail. Set FLUXGATE_SMTP_URL and FLUXGATE_MAIL_FROM.'),
    config.smtpUrl !== '' &&
      /@localhost>?$/.test(config.mailFrom) &&
      unfit('mail_from is at localhost. Set FLUXGATE_MAIL_FROM to an address of your domain.'),
    config.devMailbox === true && unfit('The dev mailbox keeps live links. Set FLUXGATE_DEV_MAILBOX=off.'),
    !config.rateLimits &&
      unfit('Rate limits are off: passwords can be guessed faster. Unset FLUXGATE_RATE_LIMITS.'),
    !config.requireVerifiedEmail &&
      unfit(
        'Addresses need not be confirmed: anybody can hold an account in the name of another. Unset FLUXGATE_REQUIRE_VERIFIED_EMAIL.',
      ),
    !isLocal &&
      config.trustedProxies.length === 0 &&
      // Without a proxy in front there is no https, nor anybody else who reaches a loopback address.
      (protocol === 'https:' || isLocalHost(config.host)) &&
      unfit(
        "No proxy is trusted, so everybody behind one shares its address, and with it the limits on tries. Set FLUXGATE_TRUSTED_PROXIES to the proxy's address (for one on this machine: loopback).",
      ),
    config.trustCfConnectingIp &&
      config.trustedProxies.length === 0 &&
      unfit(
        'proxy.trust_cf_connecting_ip is on, but nobody may bring that header. Set FLUXGATE_TRUSTED_PROXIES to the networks of the proxy in front.',
      ),
    !`.${hostname}`.endsWith(`.${config.passkeyRpId}`) &&
      unfit(
        `auth.passkeys.rp_id is ${config.passkeyRpId}, which is neither the host of public_url nor above it: the pages here can use no passkey. Unset FLUXGATE_AUTH_PASSKEYS_RP_ID, or set it to that host.`,
      ),
    (config.blueskyEnabled || config.blueskyClientId !== undefined) &&
      unfit('auth.bluesky is set, but nothing here uses it yet.'),
    config.captcha === 'pow' &&
      !isLocal &&
      protocol !== 'https:' &&
      unfit(
        'captcha is pow, but browsers work it out only under https: nobody can sign in on the pages. Set FLUXGATE_PUBLIC_URL=https://…, or FLUXGATE_CAPTCHA=off.',
      ),
    config.captcha === 'hcaptcha' &&
      isTestKey(config.captchaHcaptchaSiteKey, config.captchaHcaptchaSecretKey) &&
      unfit(testKeys('HCAPTCHA')),
    config.captcha === 'turnstile' &&
      isTestKey(config.captchaTurnstileSiteKey, config.captchaTurnstileSecretKey) &&
      unfit(testKeys('TURNSTILE')),
  ];
  return findings.filter((finding) => finding !== false);
}

async function judgeDatabase(config: Config, random: RandomBytes): Promise<Finding[]> {
  try {
    const found = readInstanceKey({ configured: config.instanceKey, dataDir: config.dataDir }, random);
    if (!hasDatabase(config)) {
      await requireSurfaceProjects(config, null);
      return [
        { level: 'ok', text: `There is no database in ${config.dataDir} yet; the first start makes it.` },
      ];
    }
    const storage = await storageFor(config, { random, onBackgroundError: () => undefined });
    try {
      const pending = await pendingMigrations(storage, migrations);
      // One that no migration has touched belongs to no key yet.
      if (pending.length < migrations.length) await requireInstanceKey(storage.db, found);
      if (pending.length > 0)
        return [
          { level: 'ok', text: `The database answers; ${pending.length} migrations run at the next start.` },
        ];
      await requireSurfaceProjects(config, storage.db);
      return [{ level: 'ok', text: `The database answers (${storage.dialect}) and is up to date.` }];
    } finally {
      await storage.close();
    }
  } catch (error) {
    return [{ level: 'broken', text: told(error) }];
  }
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function isTestKey(...keys: (string | undefined)[]): boolean {
  return keys.some((key) => key !== undefined && TEST_KEYS.test(key));
}

function testKeys(service: 'HCAPTCHA' | 'TURNSTILE'): string {
  const setting = `FLUXGATE_INTEGRATIONS_CAPTCHA_${service}`;
  return `The CAPTCHA's keys are the published ones for trials, which stop nobody or everybody. Set ${setting}_SITE_KEY and ${setting}_SECRET_KEY to your own.`;
}

function unfit(text: string): Finding {
  return { level: 'unfit', text };
}
