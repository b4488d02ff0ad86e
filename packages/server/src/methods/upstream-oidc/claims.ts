import type { Person } from '../../core/sso/index.ts';
import { subjectIn, textIn } from '../../openid/index.ts';

/** Longer than any role's name. */
const MAX_ROLE = 100;
/**
 * All names together, in bytes of their JSON: they travel in tokens, and those in headers. As base64url 4,000 characters
 * of the 8,192 that are read of a token at the most.
 */
const MAX_ROLES_BYTES = 3_000;
const MAX_NAME = 254;

/** What the claims of a checked ID token say of a person; null without a subject of a form that can be kept. */
export function personFrom(
  claims: Record<string, unknown>,
  { issuer, rolesClaim }: { issuer: string; rolesClaim: string },
): Person | null {
  const subject = subjectIn(claims);
  if (subject === null) return null;
  const email = textIn(claims['email']);
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
  const [first, ...rest] = (textIn(claims['name']) ?? '').split(' ');
  return {
    firstName: (textIn(claims['given_name']) ?? textIn(first))?.slice(0, MAX_NAME) ?? null,
    lastName: (textIn(claims['family_name']) ?? textIn(rest.join(' ')))?.slice(0, MAX_NAME) ?? null,
  };
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
  let bytes = 0;
  return [...new Set(found)]
    .filter((role) => role.length <= MAX_ROLE && /^[^\p{Cc}\p{Cs}]+$/u.test(role))
    .filter((role) => {
      bytes += Buffer.byteLength(`${JSON.stringify(role)},`);
      return bytes <= MAX_ROLES_BYTES;
    });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
