import type { z } from 'zod';
import type { Database, Migration, Transaction } from '../../storage/index.ts';
import type { PasswordRefusal } from '../errors.ts';
import type { Origin } from '../origin.ts';

/** Of a login name or address as it is sent, in UTF-16 units. */
export const MAX_IDENTIFIER = 254;
/**
 * Of a password as it is sent, in UTF-16 units: 256 characters after NFKC never need more than four units each, and to
 * fold a longer text costs more than it may (a body of one such sign grows eighteenfold).
 */
export const MAX_PASSWORD_UNITS = 1_024;

/** Appears in URLs, rows and audit records: never renamed. */
export type MethodId =
  | 'password'
  | 'totp'
  | 'sms-code'
  | 'passkey'
  | 'recovery-code'
  | 'upstream-oidc'
  | 'magic-link'
  | 'google'
  | 'github'
  | 'microsoft';

/** The methods that an account is asked for after a first proof, in the order in which they are offered. */
export const SECOND_FACTORS = ['totp', 'sms-code', 'passkey'] as const satisfies readonly MethodId[];
export type SecondFactor = (typeof SECOND_FACTORS)[number];

/** What a proof shows: something the person knows, has, or is. */
export type Factor = 'knows' | 'has' | 'is';

/** A proof that is asked for: of whom, and what it must belong to. */
export interface Attempt {
  projectId: string;
  origin: Origin;
  /** The user the attempt already belongs to; null while nobody is known. */
  userId: string | null;
  /** Begins a sign-in, goes on with one, or proves again inside a session (sudo). */
  purpose: 'sign-in' | 'second-factor' | 'again';
  /** The one attempt a challenge is good for: the ticket's hash, or the session's id; null at the beginning. */
  binding: string | null;
}

/** Whose tries a proof counts against: the account when there is one, else the identifier in its one form. */
export interface Subject {
  userId: string | null;
  key: string;
}

/** Why a proof is not good. Goes to the audit trail; the outside sees one code for all of them. */
export interface Rejection {
  outcome: 'rejected';
  reason:
    | 'wrong'
    | 'expired'
    | 'already-used'
    | 'not-enrolled'
    | 'counter-regressed'
    /** Somebody new, whose provider does not say all that an account needs, or names an address that is taken. */
    | 'name-missing'
    | 'address-malformed'
    | 'address-taken'
    /** The same, and the person may be told: whoever signs in at a provider is asked for the account's own way in. */
    | 'account-exists';
}

/** A proof that is good if it can still be spent. */
export interface Judged {
  outcome: 'judged';
  userId: string;
  /** The conditional statement that makes the proof count once; runs in the gate's transaction. */
  consume(tx: Transaction): Promise<Proved | Rejection>;
}

export interface Proved {
  outcome: 'proved';
  /** A passkey whose owner was verified shows two at once and so meets any demand for a second factor. */
  factors: readonly Factor[];
  /** Names of roles that whoever vouches for the person gives them, for as long as the session lasts. */
  roles?: readonly string[];
  /** The account was named by the login name that an administrator gave it, and not by an e-mail address. */
  isByLoginName?: boolean;
}

/** Something judging needs that there is not enough of, such as a place in the hash queue. */
export interface Reservation {
  release(): void;
}

/** One way to prove who you are; lives in one folder of `methods/` and is registered by one line there. */
export interface SignInMethod<
  Proof = unknown,
  Held extends Reservation = Reservation,
  Identified extends Subject = Subject,
> {
  readonly id: MethodId;
  /** False where the operator has switched off what it needs: whoever has it enrolled is not offered it. */
  readonly isOffered?: boolean;
  /** What the Flux API accepts, and what the SDK's types are generated from. */
  readonly proof: z.ZodType<Proof>;
  /** Asked before the attempt is spent; throws `overloaded` when there is no room, and nothing is spent. */
  reserve(): Held;
  /** Judges nothing yet; what it has read on the way to the subject comes back in `judge`. */
  identify(db: Database, attempt: Attempt, proof: Proof): Promise<Identified>;
  /** Judges one proof outside any transaction; may hash or call out; never throws for a wrong one. */
  judge(
    db: Database,
    judging: { attempt: Attempt; subject: Identified; proof: Proof; held: Held },
  ): Promise<Judged | Rejection>;
  /**
   * The first half, where the server must speak first: sends a code, or makes a challenge and returns what the
   * client needs to answer it. The gate asks only for a live ticket or session, and after counting.
   */
  challenge?(db: Database, attempt: Attempt): Promise<unknown>;
  /** Whether this user can use the method now. Without it the method is never owed as a second factor. */
  isEnrolled?(tx: Transaction, userId: string): Promise<boolean>;
  /** Takes everything of it away from a user, in the caller's transaction. */
  forget?(tx: Transaction, userId: string): Promise<void>;
  /** The tables it owns. */
  readonly migrations: readonly Migration[];
}

/** For methods whose judging needs nothing scarce. */
export const NOTHING_HELD: Reservation = { release: () => undefined };

/** A password that has been looked at and hashed, waiting for the transaction that gives it to a user. */
export interface NewPassword {
  save(tx: Transaction, userId: string): Promise<void>;
  /** Only where there is none yet; false, and nothing is saved, where there is. */
  saveFirst(tx: Transaction, userId: string): Promise<boolean>;
}

/**
 * What registration and recovery need of the password method. A port, because core imports no method.
 */
export interface PasswordKeeper {
  /** Why it may not be used: length, form, or too common (also: made of the person's own words); null when it may. */
  refusal(password: string, ownWords: readonly string[]): Promise<PasswordRefusal | null>;
  /** Holds a user's password until the transaction ends, for who holds the user next and then changes or deletes it. */
  hold(tx: Transaction, userId: string): Promise<void>;
  /** Takes a user's password away, for an account whose owner has just won it. */
  forget(tx: Transaction, userId: string): Promise<void>;
  /** A place in the hash queue; throws `overloaded`. */
  reserve(): Reservation & { hash(password: string): Promise<NewPassword> };
}
