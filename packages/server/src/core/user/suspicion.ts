/** What a suspected account must do before it may go on; a name's place is its bit (contract 5.5). */
export const SUSPICIONS = [
  'REQUIRE_VERIFIED_EMAIL',
  'REQUIRE_REVERIFIED_EMAIL',
  'REQUIRE_VERIFIED_PHONE',
  'REQUIRE_REVERIFIED_PHONE',
  'REQUIRE_VERIFIED_EMAIL_OR_VERIFIED_PHONE',
  'REQUIRE_REVERIFIED_EMAIL_OR_VERIFIED_PHONE',
  'REQUIRE_VERIFIED_EMAIL_OR_REVERIFIED_PHONE',
  'REQUIRE_REVERIFIED_EMAIL_OR_REVERIFIED_PHONE',
] as const;

export type Suspicion = (typeof SUSPICIONS)[number];

export function suspicionBits(names: readonly Suspicion[]): number {
  return names.reduce((bits, name) => bits | (1 << SUSPICIONS.indexOf(name)), 0);
}

export function suspicionNames(bits: number): Suspicion[] {
  return SUSPICIONS.filter((_, bit) => bits & (1 << bit));
}

/** What stays when this was proved. */
export const SUSPICION_LEFT = {
  /** Bits 2 and 3: only a phone helps. */
  email: 0b0000_1100,
  /** Bits 0 and 1: only the mailbox helps. */
  phone: 0b0000_0011,
} as const;

const REVERIFIES_EMAIL = 0b1110_0010;

/** Whether an address that is confirmed already must be confirmed once more (contract 1.12). */
export function asksForMailboxAgain(bits: number): boolean {
  return (bits & REVERIFIES_EMAIL) !== 0;
}
