import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import { secondProofsOf } from './allowances.ts';
import type { Judge } from './judging.ts';
import type { Attempt, MethodId, SignInMethod } from './method.ts';
import { provesAgain } from './policy.ts';

/** The second proof of a session that is there already: the wires that mark what is owed (design section 4). */
export interface StepUp {
  /** The first half, where the server must speak first. Throws `factor-not-enrolled`, and whatever sending throws. */
  challengeStepUp(asked: { session: LiveSession; method: MethodId; origin: Origin }): Promise<unknown>;
  /**
   * Judges a second factor and marks the session, in one transaction; the session is the same, and no other session of
   * the user changes (FX-49, FX-50). Throws `factor-not-enrolled`, `wrong-code`, `wrong-passkey`, `rate-limited`, and
   * `not-signed-in` when the session has ended meanwhile.
   */
  stepUp(request: StepUpRequest): Promise<void>;
}

interface StepUpRequest {
  session: LiveSession;
  /** A second factor of the user, or `recovery-code`. */
  method: MethodId;
  proof: unknown;
  origin: Origin;
  /** A budget of the caller's own, committed before all others. */
  spendOwn?: () => Promise<Spent>;
  /** What must be true in the same transaction; what it throws undoes everything but the try. */
  within?: (tx: Transaction) => Promise<void>;
}

interface Dependencies {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  sessions: Pick<Sessions, 'markMultiFactor'>;
  judge: Judge;
  methodNamed(id: MethodId): SignInMethod;
}

export function createStepUp(deps: Dependencies): StepUp {
  const { storage, counters, audit, sessions, methodNamed } = deps;
  const { judge, recordRefusal } = deps.judge;

  function acceptable({ factors }: LiveSession, method: MethodId): SignInMethod {
    if (!provesAgain({ factors, hasPassword: false }).includes(method))
      throw new AuthError('factor-not-enrolled', { method });
    return methodNamed(method);
  }

  /**
   * A second proof, as of a ticket, and not "again": whoever has the password has as many sessions as they like, so
   * tries must count by account and not by session (B04).
   */
  function attemptOf({ session, origin }: Pick<StepUpRequest, 'session' | 'origin'>): Attempt {
    const { projectId, userId, id } = session;
    return { projectId, origin, userId, purpose: 'second-factor', binding: id };
  }

  return {
    async challengeStepUp({ session, method, origin }) {
      return await acceptable(session, method).challenge?.(storage.db, attemptOf({ session, origin }));
    },

    async stepUp({ session, method: methodId, proof, origin, spendOwn, within }) {
      const { id: sessionId, projectId, userId } = session;
      const method = acceptable(session, methodId);
      const attempt = attemptOf({ session, origin });
      const allowances = (from: string) => secondProofsOf(userId + from);
      const refusal = () => new AuthError(methodId === 'passkey' ? 'wrong-passkey' : 'wrong-code');
      const work = { method, attempt, proof, allowances, refusal, ...(spendOwn && { spendOwn }) };
      await judge(work, async ({ judged, account, from }) => {
        const reason = await storage.transaction(async (tx) => {
          if (judged.outcome === 'rejected') return judged.reason;
          if (judged.userId !== userId) return 'wrong';
          const proved = await judged.consume(tx);
          if (proved.outcome === 'rejected') return proved.reason;
          await within?.(tx);
          await sessions.markMultiFactor(tx, { session, method: methodId });
          await counters.reset(tx, [account, ...allowances(from)]);
          const actor = { userId, sessionId, origin };
          const event = 'session.stepped-up';
          await audit.record(tx, { event, projectId, userId, actor, method: methodId });
          return null;
        });
        if (reason === null) return;
        const event = 'session.elevation-refused';
        await recordRefusal({ event, projectId, userId, sessionId, method: methodId, reason, origin });
        throw refusal();
      });
    },
  };
}
