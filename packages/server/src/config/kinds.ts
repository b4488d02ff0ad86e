import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { HOW_TO_MAKE_A_SECRET, issuedWeaknessOf, type SecretWeakness, weaknessOf } from '../crypto/index.ts';

/** A key without a value in YAML is null, which is as good as an empty text. */
const nullAsEmpty = (value: unknown) => (value === null ? '' : value);

export const text = z.preprocess(nullAsEmpty, z.string('use a text; put numbers in quotes'));

const SET_BUT_EMPTY = 'is set but empty: unset it, or give it a value';

/** A text that says something. */
export const filledText = text.pipe(z.string().min(1, SET_BUT_EMPTY));

/** A text that may be left unset, but not set to nothing. */
export const optionalText = text.refine((value) => value !== '', SET_BUT_EMPTY).optional();

export const onOff = z.preprocess((value) => {
  if (value === true || value === 'on' || value === 'true') return true;
  return value === false || value === 'off' || value === 'false' ? false : value;
}, z.boolean('use on or off'));

/** In digits alone: what is empty is no 0, and nobody means 18003 by 0x4653. */
export const whole = (minimum: number, maximum: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value),
    z
      .number(`use a whole number from ${minimum} to ${maximum}`)
      .int('use a whole number')
      .min(minimum, `use ${minimum} or more`)
      .max(maximum, `use ${maximum} or less`),
  );

export const list = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== '')
      : value,
  z.array(z.string()),
);

/** The same, also separated by blanks, as OAuth writes scopes. */
export const spacedList = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter((entry) => entry !== '') : value),
  z.array(z.string()),
);

/** Whose word on a client's address counts. */
export const networks = list.pipe(
  z.array(
    z.string().superRefine((entry, context) => {
      if (entry !== 'loopback' && !ipaddr.isValid(entry) && !ipaddr.isValidCIDR(entry))
        refuse(context, `"${entry}" is neither an address, nor a network such as 10.0.0.0/8, nor "loopback"`);
    }),
  ),
);

/** Addresses of name servers; an IPv6 one with a port is in brackets. */
export const nameServers = list.pipe(
  z.array(
    z
      .string()
      .refine(
        (text) => isIP(text.replace(/^\[(.*)\](:\d{1,5})?$/, '$1').replace(/^([\d.]+):\d{1,5}$/, '$1')) !== 0,
        'use addresses such as 192.0.2.53 or [2001:db8::53]:5353',
      ),
  ),
);

/** Years by country, such as `DE=16`; each country once. */
export const countryAges = list
  .pipe(z.array(z.string().regex(/^[A-Z]{2}=\d{1,3}$/, 'use entries such as DE=16')))
  .refine(
    (entries) => new Set(entries.map((entry) => entry.slice(0, 2))).size === entries.length,
    'names a country twice',
  );

/** Origins as browsers send them; with a path or a slash they would never match. */
export const origins = list.pipe(
  z.array(
    z.string().regex(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/, 'use origins such as https://app.example.com'),
  ),
);

export const httpUrl = z
  .string()
  .refine(
    (text) => text === '' || (/^https?:\/\/[^/?#\s]+\/?$/.test(text) && URL.canParse(text)),
    'use a URL without a path, such as https://login.example.com',
  )
  .transform((text) => text.replace(/\/+$/, ''));

export const databaseUrl = z
  .string()
  .refine(
    (text) => text === '' || /^postgres(ql)?:\/\//.test(text),
    'use postgres://user:password@host/database, or leave it empty for SQLite',
  );

export const smtpUrl = z
  .string()
  .refine(
    (text) => text === '' || /^smtps?:\/\//.test(text),
    'use smtp://user:password@host:587 or smtps://…:465',
  );

export const mailFrom = z
  .string()
  .refine(
    (text) => /^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/.test(text),
    'use an address, or Name <address>',
  );

/** As `httpUrl`, but with a path, and never readable on the way to another machine: credentials go there. */
export const serviceUrl = z
  .string()
  .refine(
    (value) =>
      /^https:\/\/[^/?#\s]+[^?#\s]*$|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(value),
    'use an https URL; http only to this machine',
  )
  .transform((value) => value.replace(/\/+$/, ''));

/** Names a server for ever, so it is kept as written: with or without a slash at its end are two names. */
export const issuerUrl = z
  .string()
  .refine(
    (value) =>
      URL.canParse(value) &&
      /^https:\/\/[^/?#\s@]+(\/[^?#\s]*)?$|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/[^?#\s]*)?$/.test(
        value,
      ) &&
      !value.includes('/.well-known/'),
    'use an https URL without query, and without /.well-known/…; http only to this machine',
  );

/** What browsers and the systems of phones send as the origin of a passkey. */
export const passkeyOrigins = list.pipe(
  z.array(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$|^(android|ios):[a-z-]+:[\w.=+/-]+$/,
        'use origins such as https://app.example.com or android:apk-key-hash:…',
      ),
  ),
);

export const domainName = text.pipe(
  z
    .string()
    .regex(
      /^$|^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
      'use a domain in lower case, such as example.com, without scheme, port or path',
    ),
);

/** A bare address; `mailto:` in front is taken off. */
export const mailAddress = text
  .transform((value) => value.replace(/^mailto:/i, ''))
  .refine(
    (value) => value === '' || /^[^\s<>@]+@[^\s<>@]+$/.test(value),
    'use an address such as admin@example.com',
  );

/** Bytes in base64url without padding, exactly so many. */
export const base64urlBytes = (bytes: number) =>
  optionalText.refine(
    (value) =>
      value === undefined || (/^[\w-]+$/.test(value) && Buffer.from(value, 'base64url').length === bytes),
    `use ${bytes} bytes in base64url; npx web-push generate-vapid-keys makes a pair`,
  );

const WHAT_IS_WRONG: Record<SecretWeakness, string> = {
  empty: 'is set but empty',
  short: 'is too short: use 32 bytes or more',
  sample: 'is a sample value, which others know',
};

/** A secret of the operator's own choice (M01). */
export const ownSecret = text
  .superRefine((value, context) => {
    const weakness = weaknessOf(value);
    if (weakness) refuse(context, `${WHAT_IS_WRONG[weakness]}; unset it, or ${HOW_TO_MAKE_A_SECRET}`);
  })
  .optional();

/** A secret that another service issued (M01). */
export const issuedSecret = text
  .superRefine((value, context) => {
    const weakness = issuedWeaknessOf(value);
    if (weakness)
      refuse(context, `${WHAT_IS_WRONG[weakness]}; unset it, or copy it from the service that issued it`);
  })
  .optional();

function refuse(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message });
}
