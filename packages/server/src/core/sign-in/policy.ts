import type { Factor } from './method.ts';

/** Why the gate is asked: each occasion owes other things. */
export type Occasion =
  | 'sign-in'
  /** A fresh account; its mailbox cannot have been proved yet, and its client needs a session to ask for the mail again. */
  | 'registration'
  /** The mailbox has just been proved by the token in its mail. */
  | 'recovery'
  /** The operator's one-time link has just been used. */
  | 'set-up';

export interface Facts {
  occasion: Occasion;
  factors: readonly Factor[];
  contact: { verified: boolean } | null;
  requireVerifiedEmail: boolean;
}

/** What is still owed: nothing, or one thing. */
export type Decision = { owed: 'nothing' } | { owed: 'verified-contact' };

/**
 * Pure: what was shown, what is still needed. Second factors and new places are decided here too once there are
 * methods that show them.
 */
export function decide({ occasion, contact, requireVerifiedEmail }: Facts): Decision {
  const owesContact = occasion === 'sign-in' && requireVerifiedEmail && contact !== null && !contact.verified;
  return owesContact ? { owed: 'verified-contact' } : { owed: 'nothing' };
}
