import { z } from 'zod';
import { authSettings } from './auth-settings.ts';
import { captchaSettings } from './captcha-settings.ts';
import { emailSettings } from './email-settings.ts';
import { flectoSettings } from './flecto-settings.ts';
import { integrationSettings } from './integration-settings.ts';
import {
  countryAges,
  databaseUrl,
  filledText,
  httpUrl,
  mailFrom,
  networks,
  onOff,
  origins,
  ownSecret,
  smtpUrl,
  whole,
} from './kinds.ts';
import { openidSettings } from './openid-settings.ts';
import { projectSettings } from './project-settings.ts';
import { setting } from './setting.ts';
import { siteSettings } from './site-settings.ts';

/** Contract 1.2. */
const COUNTRY_AGES = [
  ...['KR', 'AT', 'BG', 'CY', 'IT', 'LT', 'ES', 'CL', 'CO', 'PE', 'VE'].map((country) => `${country}=14`),
  ...['VN', 'CZ', 'FR', 'GR', 'RS'].map((country) => `${country}=15`),
  ...['AW', 'BQ', 'CW', 'SX', 'HR', 'DE', 'HU', 'IE', 'LU', 'NL', 'PL', 'RO', 'SM', 'SK', 'SI'].map(
    (country) => `${country}=16`,
  ),
];

/** Everything that can be set, in the order of the reference page. */
export const settings = {
  host: setting({
    path: 'host',
    schema: filledText,
    default: '127.0.0.1',
    about: 'Address to listen on. `0.0.0.0` for all interfaces.',
  }),
  port: setting({
    path: 'port',
    schema: whole(0, 65_535),
    default: 8080,
    about:
      'Port to listen on. 0 picks a free one, for trials: links and forms work only where `public_url` names it.',
  }),
  publicUrl: setting({
    path: 'public_url',
    schema: httpUrl,
    default: '',
    about:
      'Where browsers reach this server, without a path. Links in mails begin with it, cookies are `Secure` exactly when it is https. Empty: `http://localhost:<port>`.',
  }),
  siteName: setting({
    path: 'site_name',
    schema: filledText.pipe(z.string().max(60, 'use 60 characters or less')),
    default: 'Fluxgate',
    about: 'What pages and mails call this server.',
  }),
  dataDir: setting({
    path: 'data_dir',
    schema: filledText,
    default: './data',
    about: 'Folder of the instance key and of the SQLite database.',
  }),
  databaseUrl: setting({
    path: 'database_url',
    schema: databaseUrl,
    default: '',
    secret: true,
    about: '`postgres://…` (14 or later); empty for SQLite in the data folder.',
  }),
  databasePoolSize: setting({
    path: 'database_pool_size',
    schema: whole(2, 200),
    default: 10,
    about: 'PostgreSQL connections of this node at the most.',
  }),
  instanceKey: setting({
    path: 'instance_key',
    schema: ownSecret,
    default: undefined,
    secret: true,
    about:
      'Seals what is stored sealed; at least 32 random bytes, the same on all nodes. Unset: `instance.key` in the data folder, made on the first start.',
  }),
  trustedProxies: setting({
    path: 'trusted_proxies',
    schema: networks,
    default: [],
    about:
      'Networks whose `X-Forwarded-For` is believed: CIDRs, addresses, or `loopback`, separated by commas.',
  }),
  trustCfConnectingIp: setting({
    path: 'proxy.trust_cf_connecting_ip',
    schema: onOff,
    default: false,
    about:
      "Takes the client's address from `CF-Connecting-IP` when a trusted proxy brings it. Only where nothing but Cloudflare reaches that proxy: from anybody else the header is a claim.",
  }),
  corsOrigins: setting({
    path: 'cors_origins',
    schema: origins,
    default: [],
    about:
      "Origins of web apps that may call `/v1` from a browser, separated by commas; the public URL's own is always allowed.",
  }),
  smtpUrl: setting({
    path: 'smtp_url',
    schema: smtpUrl,
    default: '',
    secret: true,
    about:
      'Mail server, `smtp://user:password@host:587` or `smtps://…`. Empty: mail goes to the dev mailbox.',
  }),
  mailFrom: setting({
    path: 'mail_from',
    schema: mailFrom,
    default: 'Fluxgate <no-reply@localhost>',
    about: 'Sender of every mail.',
  }),
  devMailbox: setting({
    path: 'dev_mailbox',
    schema: z.union([z.literal('auto'), onOff], 'use auto, on or off'),
    default: 'auto' as 'auto' | boolean,
    about: 'Keeps mail readable at `/dev/mailbox`. `auto`: only while no SMTP server is set.',
  }),
  rateLimits: setting({
    path: 'rate_limits',
    schema: onOff,
    default: true,
    about:
      '`off` switches off traffic buckets and the counters per address and per e-mail; never the tries of one account or one ticket. Unfit for production.',
  }),
  requireVerifiedEmail: setting({
    path: 'require_verified_email',
    schema: onOff,
    default: true,
    about: 'Whether a password opens a session only once the e-mail address is confirmed.',
  }),
  requireNewPlaceApproval: setting({
    path: 'require_new_place_approval',
    schema: onOff,
    default: true,
    about:
      'Whether a sign-in without a second factor from a new place must be approved by mail before it opens a session.',
  }),
  requireMfa: setting({
    path: 'require_mfa',
    schema: onOff,
    default: false,
    about: 'Whether every account must have a second factor.',
  }),
  deletionGracePeriodHours: setting({
    path: 'deletion_grace_period_hours',
    schema: whole(0, 8_760),
    default: 72,
    about: 'How long a deleted account is kept; a sign-in in that time brings it back.',
  }),
  minimumAgeYears: setting({
    path: 'minimum_age_years',
    schema: whole(0, 120),
    default: 13,
    about: 'Who is younger cannot register where a birth date is asked.',
  }),
  minimumAgeByCountry: setting({
    path: 'minimum_age_by_country',
    schema: countryAges,
    default: COUNTRY_AGES,
    about:
      "Where the law asks for more: `DE=16` and so on, separated by commas, by the country of the client's address. Needs `geoip.maxmind_db_path`; the higher of this and `minimum_age_years` holds.",
  }),
  passwordMemoryKib: setting({
    path: 'password_hash.memory_kib',
    schema: whole(7_168, 1_048_576),
    default: 19_456,
    about: 'Memory of one argon2id hash. Stored hashes are renewed at the next sign-in.',
  }),
  passwordPasses: setting({
    path: 'password_hash.passes',
    schema: whole(1, 20),
    default: 2,
    about: 'Passes of one argon2id hash.',
  }),
  passwordThreads: setting({
    path: 'password_hash.threads',
    schema: whole(0, 64),
    default: 0,
    about: 'Hashes worked on at once, each on a thread of lowest priority; 0 for as many as cores.',
  }),
  passwordPlaces: setting({
    path: 'password_hash.places',
    schema: whole(1, 10_000),
    default: 32,
    about: 'Hashes at work and waiting; beyond it the answer is 503 with `Retry-After`.',
  }),
  sessionIdleHours: setting({
    path: 'session.idle_hours',
    schema: whole(1, 8_760),
    default: 168,
    about: 'A session ends when it was not used this long.',
  }),
  pagesAbsoluteHours: setting({
    path: 'session.pages_absolute_hours',
    schema: whole(1, 8_760),
    default: 720,
    about: 'A session of the hosted pages and the console ends this long after sign-in, used or not.',
  }),
  cookieSessionEnabled: setting({
    path: 'cookie.session_enabled',
    schema: onOff,
    default: true,
    about: 'Whether Fluxer sign-ins also set the cookie `fluxer_session`.',
  }),
  cookieDomain: setting({
    path: 'cookie.domain',
    schema: z.string(),
    default: '',
    about: 'Domain of the cookie `fluxer_session`; empty for this host alone.',
  }),
  cookieSecure: setting({
    path: 'cookie.secure',
    schema: z.union([z.literal('auto'), onOff], 'use auto, on or off'),
    default: 'auto' as 'auto' | boolean,
    about:
      'Cookies are `Secure` exactly when the public URL is https. May be said here too, but not otherwise.',
  }),
  cookieHttpOnly: setting({
    path: 'cookie.http_only',
    schema: onOff.refine((value) => value, 'only on: no script may read a session'),
    default: true,
    about: 'Only `on`: no script reads a session.',
  }),
  cookieSameSite: setting({
    path: 'cookie.same_site',
    schema: z.literal('Lax', 'only Lax: no other site acts with a session'),
    default: 'Lax' as const,
    about: 'Only `Lax`: no other site acts with a session.',
  }),
  cookieMaxAgeMs: setting({
    path: 'cookie.max_age',
    schema: whole(60_000, 34_560_000_000).optional(),
    default: undefined as number | undefined,
    about:
      'How long browsers keep the cookie `fluxer_session`, in milliseconds. Unset: as long as `session.idle_hours`, after which the session ends in any case.',
  }),
  ...authSettings,
  ...integrationSettings,
  ...emailSettings,
  selfHosted: setting({
    path: 'instance.self_hosted',
    schema: onOff.refine((value) => value, 'only on: there is no other kind'),
    default: true,
    about: 'Only `on`; taken so that a file written for a Fluxer server starts.',
  }),
  ...captchaSettings,
  ...projectSettings,
  ...flectoSettings,
  ...openidSettings,
  ...siteSettings,
  internalSecret: setting({
    path: 'internal_secret',
    schema: ownSecret.refine(
      (value) => value === undefined || /^[\x21-\x7e]*$/.test(value),
      'use letters, digits and signs without blanks: it travels in a header',
    ),
    default: undefined as string | undefined,
    secret: true,
    about:
      'What the header `X-Internal-Secret` must hold to open `/v1/internal` to services of your own; at least 32 bytes. Unset: there is no internal API.',
  }),
  logLevel: setting({
    path: 'log_level',
    schema: z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'use trace, debug, info, warn, error or silent',
    ),
    default: 'info' as const,
    about: 'How much is logged, as one JSON object a line.',
  }),
  metricsToken: setting({
    path: 'metrics_token',
    schema: z.string(),
    default: '',
    secret: true,
    about:
      'Bearer token that opens `/metrics` to other machines. Empty: only this machine may read it, without a proxy in between.',
  }),
};

export type SettingName = keyof typeof settings;
