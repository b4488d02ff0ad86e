import { z } from 'zod';

/** One thing an operator can set. Its path in the file gives its variable: `FLUXGATE_` and the path in upper case. */
export interface Setting<T = unknown> {
  path: string;
  schema: z.ZodType<T>;
  default: T;
  about: string;
  /** Masked by `config show`; also taken from the file that the variable with `_FILE` at its end names. */
  secret?: true;
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

const onOff = z.preprocess((value) => {
  if (value === true || value === 'on' || value === 'true') return true;
  return value === false || value === 'off' || value === 'false' ? false : value;
}, z.boolean('use on or off'));

const whole = (minimum: number, maximum: number) =>
  z.coerce
    .number('use a whole number')
    .int('use a whole number')
    .min(minimum, `use ${minimum} or more`)
    .max(maximum, `use ${maximum} or less`);

const list = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== '')
      : value,
  z.array(z.string()),
);

/** Origins as browsers send them; with a path or a slash they would never match. */
const origins = list.pipe(
  z.array(
    z.string().regex(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/, 'use origins such as https://app.example.com'),
  ),
);

const httpUrl = z
  .string()
  .refine(
    (text) => text === '' || /^https?:\/\/[^/?#\s]+\/?$/.test(text),
    'use a URL without a path, such as https://login.example.com',
  )
  .transform((text) => text.replace(/\/+$/, ''));

const databaseUrl = z
  .string()
  .refine(
    (text) => text === '' || /^postgres(ql)?:\/\//.test(text),
    'use postgres://user:password@host/database, or leave it empty for SQLite',
  );

const smtpUrl = z
  .string()
  .refine(
    (text) => text === '' || /^smtps?:\/\//.test(text),
    'use smtp://user:password@host:587 or smtps://…:465',
  );

const mailFrom = z
  .string()
  .refine(
    (text) => /^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/.test(text),
    'use an address, or Name <address>',
  );

/** Everything that can be set, in the order of the reference page. */
export const settings = {
  host: setting({
    path: 'host',
    schema: z.string().min(1),
    default: '127.0.0.1',
    about: 'Address to listen on. `0.0.0.0` for all interfaces.',
  }),
  port: setting({
    path: 'port',
    schema: whole(0, 65_535),
    default: 8080,
    about: 'Port to listen on; 0 picks a free one.',
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
    schema: z.string().min(1).max(60),
    default: 'Fluxgate',
    about: 'What pages and mails call this server.',
  }),
  dataDir: setting({
    path: 'data_dir',
    schema: z.string().min(1),
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
    schema: z.string().optional(),
    default: undefined,
    secret: true,
    about:
      'Seals what is stored sealed; at least 32 random bytes, the same on all nodes. Unset: `instance.key` in the data folder, made on the first start.',
  }),
  trustedProxies: setting({
    path: 'trusted_proxies',
    schema: list,
    default: [],
    about:
      'Networks whose `X-Forwarded-For` is believed: CIDRs, addresses, or `loopback`, separated by commas.',
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
  minimumAgeYears: setting({
    path: 'minimum_age_years',
    schema: whole(0, 120),
    default: 13,
    about: 'Who is younger cannot register where a birth date is asked.',
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

export function variableOf(path: string): string {
  return `FLUXGATE_${path.toUpperCase().replaceAll('.', '_')}`;
}
