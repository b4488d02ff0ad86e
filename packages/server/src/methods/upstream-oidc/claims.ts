import type { Person } from '../../core/sso/index.ts';

/** Longer than any role's name. */
const MAX_ROLE = 100;
/** All names together: they travel in tokens, and those in headers. */
const MAX_ROLES_LENGTH = 2_000;
const MAX_SUBJECT = 255;
const MAX_NAME = 254;

/** What the claims of a checked ID token say of a person; null without a subject of a form that can be kept. */
export function personFrom(
  claims: Record<string, unknown>,
  { issuer, rolesClaim }: { issuer: string; rolesClaim: string },
): Person | null {
  const subject = claims['sub'];
  // OpenID Connect Core 2: at most 255 ASCII characters.
  if (typeof subject !== 'string' || !/^[\x20-\x7e]+$/.test(subject) || subject.length > MAX_SUBJECT)
    return null;
  const email = textOf(claims['email']);
  return {
    issuer,
    subject,
    email,
    // Nothing but true: some providers send the text "true", and a text "false" would be as good (G05).
    isEmailVerified: email !== null && claims['email_verified'] === true,
    ...namesOf(claims),
    roles: rolesOf(claims, rolesClaim),
  };
}

/** Flecto contract A10: each name of its own where there is one, else the parts of the whole name. */
function namesOf(claims: Record<string, unknown>): { firstName: string | null; lastName: string | null } {
  const [first, ...rest] = (textOf(claims['name']) ?? '').split(' ');
  return {
    firstName: (textOf(claims['given_name']) ?? textOf(first))?.slice(0, MAX_NAME) ?? null,
    lastName: (textOf(claims['family_name']) ?? textOf(rest.join(' ')))?.slice(0, MAX_NAME) ?? null,
  };
}

/** A text without control characters and blanks at its ends; null for an empty one and for anything else. */
function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return text === '' ? null : text;
}

/**
 * The list at a dotted path, such as `realm_access.roles`. A claim that has the whole path for its name comes first:
 * some providers name theirs by URLs. Anything but a list of texts is no list (A10).
 */
function rolesOf(claims: Record<string, unknown>, path: string): string[] {
  if (path === '') return [];
  const found = Object.hasOwn(claims, path)
    ? claims[path]
    : path
        .split('.')
        .reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), claims);
  if (!Array.isArray(found) || !found.every((role) => typeof role === 'string')) return [];
  let length = 0;
  return [...new Set(found)]
    .filter((role) => role.length <= MAX_ROLE && /^[^\p{Cc}\p{Cs}]+$/u.test(role))
    .filter((role) => {
      length += role.length;
      return length <= MAX_ROLES_LENGTH;
    });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
