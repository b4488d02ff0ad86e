import type { z } from 'zod';
import type { Database, Migration, Transaction } from '../../storage/index.ts';
import type { PasswordRefusal } from '../errors.ts';
import type { Origin } from '../origin.ts';

/** Appears in URLs, rows and audit records: never renamed. */
export type MethodId = 'password';

/** What a proof shows: something the person knows, has, or is. */
export type Factor = 'knows' | 'has' | 'is';

/** A sign-in in progress, as a method sees it. */
export interface Attempt {
  projectId: string;
  origin: Origin;
  /** The user the attempt already belongs to; null while nobody is known. */
  userId: string | null;
}

/** Whose tries a proof counts against: the account when there is one, else the identifier in its one form. */
export interface Subject {
  userId: string | null;
  key: string;
}

/** Why a proof is not good. Goes to the audit trail; the outside sees one code for all of them. */
export interface Rejection {
  outcome: 'rejected';
  reason: 'wrong' | 'expired' | 'already-used' | 'not-enrolled';
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
  factors: readonly Factor[];
}

/** Something judging needs that there is not enough of, such as a place in the hash queue. */
export interface Reservation {
  release(): void;
}

/** One way to prove who you are; lives in one folder of `methods/` and is registered by one line there. */
export interface SignInMethod<Proof = unknown, Held extends Reservation = Reservation> {
  readonly id: MethodId;
  /** What the Flux API accepts, and what the SDK's types are generated from. */
  readonly proof: z.ZodType<Proof>;
  /** Asked before the attempt is spent; throws `overloaded` when there is no room, and nothing is spent. */
  reserve(): Held;
  identify(db: Database, attempt: Attempt, proof: Proof): Promise<Subject>;
  /** Judges one proof outside any transaction; may hash or call out; never throws for a wrong one. */
  judge(
    db: Database,
    judging: { attempt: Attempt; subject: Subject; proof: Proof; held: Held },
  ): Promise<Judged | Rejection>;
  /** The tables it owns. */
  readonly migrations: readonly Migration[];
}

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
  refusal(password: string, ownWords: readonly string[]): PasswordRefusal | null;
  /** A place in the hash queue; throws `overloaded`. */
  reserve(): Reservation & { hash(password: string): Promise<NewPassword> };
}
