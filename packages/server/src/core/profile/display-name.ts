/** Names that would be taken for a call to everybody. */
const RESERVED = new Set(['everyone', 'here']);

export type NameRefusal = 'reserved' | 'reserved-term';

/** What nobody sees, or what turns the text around it; but not what joins letters and pictures of one sign. */
const UNSEEN =
  /(?!\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0020}-\u{e007f}])[\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/gu;

/**
 * A name as it is kept (contract 0.4, "after Unicode clean-up"): without signs that only make it look like another
 * name or like none, in one spelling, single blanks between words. Empty when there is nothing to see in it.
 */
export function cleanDisplayName(name: string): string {
  const cleaned = name.toWellFormed().replace(/\s+/gu, ' ').replace(UNSEEN, '').normalize('NFC').trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(cleaned) ? cleaned : '';
}

/** Why nobody may be shown by a name (contract 0.4, GlobalName); null when they may. */
export function refusedDisplayName(name: string): NameRefusal | null {
  if (RESERVED.has(name.toLowerCase())) return 'reserved';
  return /system message/i.test(name) ? 'reserved-term' : null;
}

/** What profiles show at the most. */
const MAX_NAME = 32;

/** What can be shown of a name that somebody else says a person has; null for one that would speak for others. */
export function shownName(name: string): string | null {
  const shown = [...cleanDisplayName(name)].slice(0, MAX_NAME).join('').trim();
  return shown === '' || refusedDisplayName(shown) ? null : shown;
}
