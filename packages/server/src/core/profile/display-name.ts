/** Names that would be taken for a call to everybody. */
const RESERVED = new Set(['everyone', 'here']);

export type NameRefusal = 'reserved' | 'reserved-term';

/** Why nobody may be shown by a name (contract 0.4, GlobalName); null when they may. */
export function refusedDisplayName(name: string): NameRefusal | null {
  if (RESERVED.has(name.toLowerCase())) return 'reserved';
  return /system message/i.test(name) ? 'reserved-term' : null;
}

/** What profiles show at the most. */
const MAX_NAME = 32;

/** What can be shown of a name that somebody else says a person has; null for one that would speak for others. */
export function shownName(name: string): string | null {
  const shown = [...name].slice(0, MAX_NAME).join('').trim();
  return shown === '' || refusedDisplayName(shown) ? null : shown;
}
