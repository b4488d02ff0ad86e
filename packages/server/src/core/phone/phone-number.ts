import type { NumberType } from 'libphonenumber-js/max';

/**
 * Who else is paid when a message arrives there (premium, shared cost, personal and corporate numbers), or cannot
 * show one (pagers, voice mail): the ways of SMS pumping. A list of what is let in, so that a new kind stays out.
 */
const TAKEN: ReadonlySet<NumberType> = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'FIXED_LINE', 'VOIP']);

/**
 * The one spelling of a number that can be sent a code, in E.164; null for every other. Networks without a country
 * (satellites, ships, aeroplanes) are refused with the premium ones: a message there costs as much.
 */
export async function phoneNumber(text: string): Promise<string | null> {
  // Its tables take longer to load than the rest of the server; most requests never need them.
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max');
  const parsed = parsePhoneNumberFromString(text);
  if (!parsed?.isValid() || parsed.country === undefined) return null;
  return TAKEN.has(parsed.getType()) ? parsed.number : null;
}
