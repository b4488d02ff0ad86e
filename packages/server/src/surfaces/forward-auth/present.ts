import { accountName } from '../../core/profile/index.ts';
import type { Caller } from './credentials.ts';

/**
 * What the service behind the proxy is told. `X-Auth-User` is an account's id and never stands beside
 * `X-Auth-Token-Name`, so that no token can be named like a person and be taken for one.
 */
export function presentCaller(caller: Caller): Record<string, string> {
  if (caller.kind === 'token') return { 'x-auth-method': 'token', 'x-auth-token-name': caller.token.name };
  const { userId, profile, email } = caller.session;
  return {
    'x-auth-user': userId,
    'x-auth-method': caller.by,
    // A name may be in any script; this is undone by every language's decoder of URLs.
    'x-auth-name': encodeURIComponent((profile.globalName ?? accountName(profile)).toWellFormed()),
    ...(email?.verified && isPlain(email.address) && { 'x-auth-email': email.address }),
  };
}

/** What any header can hold as it is. */
function isPlain(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
