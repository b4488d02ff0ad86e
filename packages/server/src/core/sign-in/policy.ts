import { type Factor, type MethodId, type Proved, SECOND_FACTORS, type SecondFactor } from './method.ts';

/** Why the gate is asked: each occasion owes other things. */
export type Occasion =
  | 'sign-in'
  /** A fresh account; its mailbox cannot have been proved yet, and its client needs a session to ask for the mail again. */
  | 'registration'
  /** The mailbox has just been proved by the token in its mail. */
  | 'recovery'
  /** The owner of a former address has just taken the account back. */
  | 'revert'
  /** The operator's one-time link has just been used. */
  | 'set-up'
  /** A new place was approved through the mailbox. */
  | 'approval';

export interface ProofShown {
  method: string;
  factors: readonly Factor[];
  /** Given for as long as the session lasts; kept here while something is still owed. */
  roles?: readonly string[];
  isByLoginName?: boolean;
}

export interface Facts {
  occasion: Occasion;
  /** Everything shown in this sign-in so far, first to last. */
  proofs: readonly ProofShown[];
  contact: { verified: boolean } | null;
  requireVerifiedEmail: boolean;
  /** The second factors of this user. */
  enrolled: readonly string[];
  /** Every account must have a second factor. */
  requireSecondFactor: boolean;
  /** Whether the user may sign in from here without asking; null when new places need no approval. */
  isKnownPlace: boolean | null;
}

/** What is still owed: nothing, or one thing, in the order in which it is asked for. */
export type Decision =
  | { owed: 'nothing' }
  | { owed: 'verified-contact' }
  | { owed: 'proof'; methods: SecondFactor[] }
  | { owed: 'enrolment' }
  | { owed: 'approval' };

const VOUCHING = new Set<string>(['upstream-oidc', 'google', 'github', 'microsoft'] satisfies MethodId[]);

/** Pure: what was shown, what is still needed. No first proof can skip the second. */
export function decide(facts: Facts): Decision {
  const { occasion, contact, enrolled } = facts;
  // Whom a provider vouches for is recognised by the provider, and needs no mailbox to be somebody; nor does a login
  // name, which an administrator gave. Only an address that is used for one must be its owner's.
  const needsNoMailbox = facts.proofs.some(
    ({ method, isByLoginName }) => VOUCHING.has(method) || isByLoginName,
  );
  if (occasion === 'sign-in' && facts.requireVerifiedEmail && !needsNoMailbox && contact?.verified === false)
    return { owed: 'verified-contact' };
  if (isMultiFactor(facts.proofs)) return { owed: 'nothing' };
  const methods = SECOND_FACTORS.filter((id) => enrolled.includes(id));
  if (methods.length > 0) return { owed: 'proof', methods };
  // Without a mailbox nobody could ever approve it, and the mail goes to the address the account has. Before a
  // factor is set up: a stranger who has the password would set up one of his own.
  if (occasion === 'sign-in' && contact !== null && facts.isKnownPlace === false) return { owed: 'approval' };
  if (facts.requireSecondFactor) return { owed: 'enrolment' };
  return { owed: 'nothing' };
}

/** Who demands a second factor of an account. Any one is enough, and taking one back leaves the others (FX-46). */
interface FactorDemands {
  /** Of everybody at this instance. */
  byInstance: boolean;
  /** Of everybody in the project (FX-43). */
  byProject: boolean;
  /** Of this user alone (FX-45). */
  byUser: boolean;
  /** Of the members of one of the user's organizations (FX-44). */
  byOrganization: boolean;
}

/** Whether a session still owes a second factor (FX-51): somebody demands one, or the user has one; and none was shown. */
export function owesFactor(
  session: { isMultiFactor: boolean; factors: readonly string[] },
  demands: FactorDemands,
): boolean {
  const isDemanded = Object.values(demands).some(Boolean);
  return !session.isMultiFactor && (isDemanded || session.factors.length > 0);
}

/** What a proof adds to those shown before. */
export function shownBy(method: MethodId, { factors, roles, isByLoginName }: Proved): ProofShown {
  return { method, factors, ...(roles && { roles }), ...(isByLoginName && { isByLoginName }) };
}

/**
 * Two different proofs, or one that shows two factors at once. The mailbox or a password alone is one; the same
 * method twice is still one.
 */
export function isMultiFactor(proofs: readonly ProofShown[]): boolean {
  const methods = new Set(proofs.map(({ method }) => method));
  return methods.size > 1 || proofs.some(({ factors }) => new Set(factors).size > 1);
}

/**
 * What shows again that the owner is at the keyboard, for sensitive acts (sudo): a second factor where there is
 * one, else the password. Empty for an account that is nobody's yet.
 */
export function provesAgain(user: { factors: readonly string[]; hasPassword: boolean }): MethodId[] {
  const enrolled = SECOND_FACTORS.filter((id) => user.factors.includes(id));
  if (enrolled.length > 0) return [...enrolled, 'recovery-code'];
  return user.hasPassword ? ['password'] : [];
}
