import { z } from 'zod';
import { DAY } from '../../chance.ts';

const MIN_SESSION_SECONDS = 5 * 60;
/** No token of a project lives longer than this, whatever its settings. */
export const LONGEST_SESSION_SECONDS = (366 * DAY) / 1000;
/** Flux contract FX-61: seven days. */
const SESSION_SECONDS = (7 * DAY) / 1000;

const sessionSeconds = z.int().min(MIN_SESSION_SECONDS).max(LONGEST_SESSION_SECONDS);
/** An address without a fragment, of https, or of this very machine. */
export const webAddress = z
  .string()
  .max(2_048)
  .refine(isWebAddress, 'An https address without a fragment is needed.');

/**
 * A registrable domain or below it, as browsers want it, and `localhost`. One label alone is a public suffix; which
 * others are (`co.uk`) browsers know, and use no passkey there.
 */
const hostName = z
  .string()
  .max(253)
  .refine(
    (text) =>
      text === 'localhost' ||
      (/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/.test(text) &&
        !isAddress(text)),
    'A host name in lower case is needed, such as example.com: no address, no port, no top-level domain alone.',
  );

/** What may differ from project to project; each key has a value, so that a new one changes no stored row. */
export const projectSettingsSchema = z.strictObject({
  /** The ways to sign in, each switched on its own (FX-03). */
  methods: z
    .strictObject({
      password: z.boolean().default(true),
      'magic-link': z.boolean().default(false),
      passkey: z.boolean().default(false),
      google: z.boolean().default(false),
      github: z.boolean().default(false),
      microsoft: z.boolean().default(false),
    })
    .prefault({}),
  /** Whether everybody must show a second factor (FX-43), and which may be set up. */
  mfa: z
    .strictObject({
      required: z.boolean().default(false),
      methods: z
        .array(z.enum(['totp', 'sms']))
        .min(1)
        .max(2)
        .default(['totp', 'sms']),
      /** Of a session that owes one: whether `sessions/verify` says so in its answer, or refuses it (B5.3). */
      owed: z.enum(['mark', 'refuse']).default('mark'),
    })
    .prefault({}),
  session: z
    .strictObject({
      /** A token's life from when it was made; each verified request makes a new one. */
      ttl_seconds: sessionSeconds.default(SESSION_SECONDS),
      /** A session ends after this long without a verified request; null, or longer than `ttl_seconds`, for the tokens' own end. */
      idle_seconds: sessionSeconds.nullable().default(null),
      /** However often it is renewed, a session ends after this long; null for no such end. */
      absolute_seconds: sessionSeconds.nullable().default(null),
      /** Tokens younger than this are not renewed; 0 for each verified request (seed 001). */
      renew_after_seconds: z
        .int()
        .min(0)
        .max(DAY / 1000)
        .default(0),
    })
    .prefault({}),
  /** Where links and sign-ins may lead back to; compared whole (FX-19). */
  redirect_urls: z.array(webAddress).max(100).default([]),
  /** Where the browser's calls may come from. */
  allowed_origins: z
    .array(
      webAddress.refine(
        (text) => URL.canParse(text) && new URL(text).origin === text,
        'An origin is needed, such as https://app.example.com: without a path, not even a slash.',
      ),
    )
    .max(100)
    .default([]),
  /** For whom the project's passkeys are made (FX-20). */
  passkeys: z
    .strictObject({
      /** A host name that the app's pages are at or below; null for this server's own. */
      rp_id: hostName.nullable().default(null),
    })
    .prefault({}),
  branding: z
    .strictObject({
      logo_url: webAddress.nullable().default(null),
      /** Six hexadecimal digits after `#`. */
      color: z
        .string()
        .regex(/^#[0-9a-f]{6}$/i, 'A colour is needed as # and six hexadecimal digits, such as #1a7f5a.')
        .nullable()
        .default(null),
    })
    .prefault({}),
});

export type ProjectSettings = z.output<typeof projectSettingsSchema>;

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, hash, username, password } = new URL(text);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  // What else a host may be written with would be read as more than a host where the address is shown or allowed.
  if (!/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/.test(hostname)) return false;
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLocal);
  return isSafe && hash === '' && !text.endsWith('#') && username === '' && password === '';
}

/** Whose last label is a number is read as an IP address (URL standard 3.5). */
function isAddress(host: string): boolean {
  return /^(?:\d+|0x[0-9a-f]*)$/.test(host.slice(host.lastIndexOf('.') + 1));
}
