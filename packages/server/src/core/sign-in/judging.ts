import { DAY } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';
import type { Allowance, Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import { hasSessionFrom } from '../session/index.ts';
import { keepUser } from '../user/index.ts';
import type { Attempt, Judged, MethodId, Rejection, Reservation, SignInMethod, Subject } from './method.ts';

export interface Judging {
  method: SignInMethod;
  attempt: Attempt;
  proof: unknown;
  /** Besides the account's own; `from` is empty, or names the owner's own place or session, which counts apart. */
  allowances(from: string): Allowance[];
  /** Of which only a refusal counts: what is let in gives its try back. */
  failures?: readonly Allowance[];
  /** A budget of the sign-in's own, spent before all others. */
  spendOwn?(): Promise<Spent>;
  /** Makes the one public refusal of this proof, whatever is wrong with it: an error costs a stack, which a success need not pay. */
  refusal(): AuthError;
}

export interface Verdict {
  judged: Judged | Rejection;
  subject: Subject;
  /** What a success resets. */
  account: Allowance;
  from: string;
}

export interface Judge {
  /** Spends, judges, and gives the try back when it was our own infrastructure that failed (design rule 7). */
  judge<T>(work: Judging, then: (verdict: Verdict) => Promise<T>): Promise<T>;
  recordRefusal(refused: Refused): Promise<void>;
}

interface Refused {
  event: 'sign-in.refused' | 'session.elevation-refused';
  projectId: string;
  userId: string | null;
  sessionId: string | null;
  method: MethodId;
  reason: string;
  origin: Origin;
}

const NOBODY = { userId: null, sessionId: null, origin: null };

/**
 * Failures of one account in a day, over all methods; NIST SP 800-63B 3.2.2 allows 100 in a row. Tries from a
 * network where the account has a session count apart, here and by e-mail, so that a stranger cannot lock the
 * owner out (K04).
 */
export const BY_ACCOUNT = { name: 'account-failures', limit: 50, windowMs: DAY, always: true } as const;

export function createJudge(deps: {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  places: Places;
}): Judge {
  const { storage, counters, audit, places } = deps;
  /**
   * Names where a try comes from when that is the owner's own: there it counts apart, so that a stranger's failures
   * do not lock the owner out (K04). Proving again, it is the session; after a first proof also an approved place.
   */
  async function whence({ purpose, binding, origin }: Attempt, { userId }: Subject): Promise<string> {
    if (userId === null) return '';
    if (purpose === 'again') return ` ${binding}`;
    const isKnown =
      (await hasSessionFrom(storage.db, userId, origin.network)) ||
      (purpose === 'second-factor' && (await places.isAuthorised(storage.db, userId, origin)));
    return isKnown ? ` ${origin.network}` : '';
  }

  return {
    async judge(work, then) {
      const { method, attempt, refusal } = work;
      const parsed = method.proof.safeParse(work.proof);
      // What has not even the form of a proof cannot be a right one; nothing is looked up or spent for it.
      if (!parsed.success) throw refusal();
      const proof = parsed.data;
      const held: Reservation = method.reserve();
      const spent: Spent[] = [];
      let [wasJudged, wasWrong] = [false, false];
      try {
        const subject = await method.identify(storage.db, attempt, proof);
        const from = await whence(attempt, subject);
        const account = { ...BY_ACCOUNT, key: subject.key + from };
        if (work.spendOwn) spent.push(await work.spendOwn());
        const failure = work.failures && (await counters.spend(work.failures));
        if (failure) spent.push(failure);
        spent.push(await counters.spend([account, ...work.allowances(from)]));
        const judged = await method.judge(storage.db, { attempt, subject, proof, held });
        wasJudged = true;
        wasWrong = judged.outcome === 'rejected';
        const result = await then({ judged, subject, account, from });
        await failure?.giveBack();
        return result;
      } catch (error) {
        // A proof found wrong stays spent, whatever fails afterwards.
        const isOurs = !isAuthError(error) || isAuthError(error, 'overloaded');
        // Turned away by another budget: it was never judged.
        const wasTurnedAway = isAuthError(error, 'rate-limited') && !wasJudged;
        if (!wasWrong && (isOurs || wasTurnedAway)) for (const one of spent) await one.giveBack();
        throw error;
      } finally {
        held.release();
      }
    },
    async recordRefusal({ event, projectId, userId, sessionId, method, reason, origin }) {
      const actor = { userId: sessionId === null ? null : userId, sessionId, origin };
      const told = { event, projectId, method, outcome: reason };
      await storage.transaction(async (tx) => {
        // Deleted while the proof was judged: what names the account has been forgotten by then, and stays so (M08).
        const isGone = userId !== null && !(await keepUser(tx, userId));
        await audit.record(
          tx,
          isGone ? { ...told, userId: null, actor: NOBODY } : { ...told, userId, actor },
        );
      });
    },
  };
}

/** What the outside sees of a first proof that is not good: of most methods no more than that. */
export function refusalOf(method: MethodId, reason?: Rejection['reason']): AuthError {
  if (method === 'passkey') return new AuthError('wrong-passkey');
  if (reason === 'account-exists') return new AuthError('email-taken');
  if (method !== 'magic-link') return new AuthError('invalid-credentials');
  // Only whoever has the attempt is told that it has tries left.
  return reason === 'wrong' ? new AuthError('wrong-code') : new AuthError('invalid-magic-link');
}
