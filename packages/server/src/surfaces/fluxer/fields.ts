import { z } from 'zod';
import { type EmailRefusal, refusedEmail } from '../../core/contact/index.ts';
import {
  cleanDisplayName,
  MAX_PICTURE_BYTES,
  type Picture,
  readPicture,
  refusedDisplayName,
} from '../../core/profile/index.ts';
import { MAX_PASSWORD_UNITS } from '../../core/sign-in/index.ts';
import { isSnowflake } from '../../core/user/index.ts';
import type { ItemCode } from './strings.ts';

/**
 * The shared types of contract 0.4. A message is an item code: the wire's text is looked up by it when the error
 * is presented. Bodies reach these schemas cleaned (`clean.ts`).
 */
function code(itemCode: ItemCode): ItemCode {
  return itemCode;
}

const WRONG_TYPE = code('INVALID_FORMAT');

/** Contract 0.4: a code of its own is for what is of the right JSON type and no good. */
function unlessOfType(types: readonly ('string' | 'number')[], itemCode: ItemCode) {
  return ({ input }: { input?: unknown }): ItemCode => {
    // Whole numbers beyond 2^53 are numbers too.
    const type = typeof input === 'bigint' ? 'number' : typeof input;
    return types.some((one) => one === type) ? itemCode : WRONG_TYPE;
  };
}

const MAX_BASE64 = 4 * Math.ceil(MAX_PICTURE_BYTES / 3);

function string(): z.ZodString {
  // Half of a surrogate pair is no character: no database keeps it as it came.
  return z
    .string({ error: WRONG_TYPE })
    .refine((text) => text.isWellFormed(), { error: WRONG_TYPE, abort: true });
}

const EMAIL_CODES: Record<EmailRefusal, ItemCode> = {
  length: 'EMAIL_LENGTH_INVALID',
  'local-part': 'INVALID_EMAIL_LOCAL_PART',
  format: 'INVALID_EMAIL_FORMAT',
};

const EMAIL_META = { description: 'One e-mail address, 1-254 characters.', format: 'email', maxLength: 254 };

export const email = string()
  .superRefine((text, context) => {
    const refusal = refusedEmail(text);
    if (refusal) context.addIssue({ code: 'custom', message: EMAIL_CODES[refusal] });
  })
  .meta(EMAIL_META);

/** Counted in code points after NFKC; what else makes a password unusable is the password method's to say. */
export const password = string()
  .superRefine((text, context) => {
    if (!text.isWellFormed() || text.includes('\0')) {
      context.addIssue({ code: 'custom', message: WRONG_TYPE });
      return;
    }
    const isTooLong = text.length > MAX_PASSWORD_UNITS;
    const length = isTooLong ? Number.POSITIVE_INFINITY : [...text.normalize('NFKC')].length;
    if (length < 8 || length > 256)
      context.addIssue({ code: 'custom', message: code('PASSWORD_LENGTH_INVALID') });
  })
  .meta({ description: 'A password, 8-256 characters, taken as it is.', minLength: 8, maxLength: 256 });

function bounded(minimum: number, maximum: number, itemCode: ItemCode): z.ZodString {
  return string().min(minimum, itemCode).max(maximum, itemCode);
}

const RESERVED_NAMES = new Set(['everyone', 'here']);

export const username = bounded(1, 32, 'USERNAME_LENGTH_INVALID')
  .regex(/^[a-zA-Z0-9_]+$/, code('USERNAME_INVALID_CHARACTERS'))
  .refine((text) => !RESERVED_NAMES.has(text.toLowerCase()), code('USERNAME_RESERVED_VALUE'))
  .refine((text) => !/fluxer|system message/i.test(text), code('USERNAME_CANNOT_CONTAIN_RESERVED_TERMS'));

export const globalName = string()
  .overwrite((text) => cleanDisplayName(text))
  .min(1, code('GLOBAL_NAME_LENGTH_INVALID'))
  .max(32, code('GLOBAL_NAME_LENGTH_INVALID'))
  .refine((text) => refusedDisplayName(text) !== 'reserved', code('GLOBAL_NAME_RESERVED_VALUE'))
  .refine(
    (text) => refusedDisplayName(text) !== 'reserved-term',
    code('GLOBAL_NAME_CANNOT_CONTAIN_RESERVED_TERMS'),
  );

export const dateOfBirth = string()
  .refine(isRealDate, code('INVALID_DATE_OF_BIRTH_FORMAT'))
  .meta({ description: 'YYYY-MM-DD', minLength: 10, maxLength: 10 });

function isRealDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** E.164. Which numbers there are, and which are sent codes, is not for the wire to say. */
export const phone = string()
  .regex(/^\+[1-9]\d{1,14}$/, code('PHONE_NUMBER_INVALID_FORMAT'))
  .meta({ description: 'A telephone number in E.164, such as +4915112345678.' });

/** Exactly 64 characters: the secret of a mail. */
export const mailToken = string().length(64, code('STRING_LENGTH_EXACT'));

/** Contract 0.4: 64 bits, as text or number; a number beyond 2^53 arrives as `bigint`. */
export const snowflake = z
  .union([string(), z.int().nonnegative(), z.bigint()], {
    error: unlessOfType(['string', 'number'], 'INVALID_SNOWFLAKE_FORMAT'),
  })
  .transform(String)
  .superRefine((text, context) => {
    const isNumber = /^(0|[1-9]\d*)$/.test(text);
    if (isNumber && isSnowflake(text)) return;
    const message = code(isNumber ? 'SNOWFLAKE_OUT_OF_RANGE' : 'INVALID_SNOWFLAKE_FORMAT');
    context.addIssue({ code: 'custom', message });
  });

/** A string with no bounds of its own: 1-256 characters. */
export const plainString = bounded(1, 256, 'STRING_LENGTH_INVALID');

export function text(minimum: number, maximum: number): z.ZodString {
  return bounded(minimum, maximum, 'STRING_LENGTH_INVALID');
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: WRONG_TYPE });
}

export const boolean = z.boolean({ error: WRONG_TYPE });

export const color = z
  .int({ error: unlessOfType(['number'], 'VALUE_MUST_BE_INTEGER_IN_RANGE') })
  .min(0, code('VALUE_MUST_BE_INTEGER_IN_RANGE'))
  .max(0xffffff, code('VALUE_MUST_BE_INTEGER_IN_RANGE'));

/** Contract 4.2: base64, bare or as a `data:` URL. Which kind of picture it is, its own bytes say. */
export const picture = string()
  .transform((text, context): Picture => {
    const base64 = text.replace(/^data:image\/[a-z0-9.+-]{1,32};base64,/i, '');
    const refuse = (message: ItemCode) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (base64.length > MAX_BASE64) return refuse('STRING_LENGTH_INVALID');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return refuse(WRONG_TYPE);
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length > MAX_PICTURE_BYTES) return refuse('STRING_LENGTH_INVALID');
    return readPicture(bytes) ?? refuse(WRONG_TYPE);
  })
  .meta({ description: 'A PNG, JPEG, GIF or WebP in base64, bare or as a data: URL, of 1 MiB at the most.' });

export const discriminator = z
  .union([string(), z.int()], {
    error: unlessOfType(['string', 'number'], 'DISCRIMINATOR_INVALID_FORMAT'),
  })
  .superRefine((value, context) => {
    if (/^\d{1,4}$/.test(String(value))) return;
    const message = typeof value === 'number' ? 'DISCRIMINATOR_OUT_OF_RANGE' : 'DISCRIMINATOR_INVALID_FORMAT';
    context.addIssue({ code: 'custom', message: code(message) });
  });

export function arrayOf<T extends z.ZodType>(item: T, maximum: number) {
  return z.array(item, { error: WRONG_TYPE }).max(maximum, code('INVALID_FORMAT'));
}

/** A request's body: unknown keys are dropped, anything but an object is refused. */
export function body<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.object(shape, { error: WRONG_TYPE });
}

/** An address that must be there, with a code of its own where it is not. */
export function requiredEmail(itemCode: ItemCode) {
  return z
    .unknown()
    .refine((value) => value != null, { error: code(itemCode), abort: true })
    .pipe(email)
    .meta({ type: 'string', ...EMAIL_META });
}

/** An address that only ever answers with this code. */
export function noEmail(itemCode: ItemCode) {
  return z
    .unknown()
    .refine((value) => value == null, code(itemCode))
    .meta({ type: 'string', ...EMAIL_META, description: 'Always refused here.' })
    .optional();
}

/** For a rule over several fields; it is looked at even when others are wrong, so that all problems are told at once. */
export function asMissing(path: string) {
  return {
    path: [path],
    error: WRONG_TYPE,
    when: ({ value }: { value: unknown }) =>
      typeof value === 'object' && value !== null && !Array.isArray(value),
  };
}

/** A browser's `PushSubscription`; whether it is one this server sends to is for core to say. */
export const pushSubscription = z
  .object({
    endpoint: bounded(1, 2_048, 'STRING_LENGTH_INVALID'),
    keys: z.object(
      {
        p256dh: bounded(1, 128, 'STRING_LENGTH_INVALID'),
        auth: bounded(1, 64, 'STRING_LENGTH_INVALID'),
      },
      { error: WRONG_TYPE },
    ),
  })
  .meta({ id: 'PushSubscription' });
