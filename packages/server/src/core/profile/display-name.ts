/** Names that would be taken for a call to everybody. */
const RESERVED = new Set(['everyone', 'here']);

export type NameRefusal = 'reserved' | 'reserved-term';

/** Why nobody may be shown by a name (contract 0.4, GlobalName); null when they may. */
export function refusedDisplayName(name: string): NameRefusal | null {
  if (RESERVED.has(name.toLowerCase())) return 'reserved';
  return /system message/i.test(name) ? 'reserved-term' : null;
}
