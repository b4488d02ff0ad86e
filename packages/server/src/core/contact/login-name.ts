import { isEmailAddress } from './email-address.ts';

const CODE_FORM = /^[A-Za-z0-9_-]+$/;
const MAX_LENGTH = 100;
/** Flecto contract A8: the domain has a dot and ends in at least two letters. */
const DOMAIN_END = /\.[A-Za-z]{2,}$/;

/** Flecto contract A8: letters, digits, `_` and `-`, or the form of an e-mail address; 100 characters at most. */
export function isLoginName(text: string): boolean {
  if (text.length === 0 || text.length > MAX_LENGTH) return false;
  return CODE_FORM.test(text) || (DOMAIN_END.test(text) && isEmailAddress(text));
}
