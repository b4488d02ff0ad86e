/** Contract 0.4: what may stand before the at sign, without quoting, comments or groups. */
const LOCAL_PART = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_LENGTH = 254;

export type EmailRefusal = 'length' | 'local-part' | 'format';

/**
 * Whether a text is one deliverable address, and why not. Deliberately far narrower than RFC 5322: every form
 * that two parsers might read differently (quotes, comments, groups, non-ASCII, more than one at sign) is refused.
 */
export function refusedEmail(text: string): EmailRefusal | null {
  if (text.length === 0 || text.length > MAX_LENGTH) return 'length';
  // A compatibility form may turn another sign into an at sign or a comma; what changes under NFKC is no address.
  if (text.normalize('NFKC') !== text) return 'format';
  const at = text.indexOf('@');
  if (at < 1 || at !== text.lastIndexOf('@')) return 'format';
  const local = text.slice(0, at);
  if (!LOCAL_PART.test(local)) return 'local-part';
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return 'local-part';
  const labels = text
    .slice(at + 1)
    .toLowerCase()
    .split('.');
  const top = labels.at(-1) ?? '';
  const isDomain =
    labels.length >= 2 && labels.every((label) => LABEL.test(label)) && /^[a-z]|^xn--/.test(top);
  return isDomain ? null : 'format';
}

export function isEmailAddress(text: string): boolean {
  return refusedEmail(text) === null;
}

/** The form addresses are compared in. Local parts are case-insensitive in practice, and two accounts must not differ by case. */
export function normalEmail(address: string): string {
  return address.normalize('NFKC').toLowerCase();
}
