import type { Clock } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { IssuedSession, LiveSession, Sessions } from '../session/index.ts';
import { holdUser } from '../user/index.ts';
import { secondProofsOf } from './allowances.ts';
import type { Judge } from './judging.ts';
import type { Attempt, MethodId, SignInMethod } from './method.ts';
import { provesAgain } from './policy.ts';

/** A proof again, inside a session, before something that matters (sudo). */
export interface Again {
  /** What would do for `proveAgain`. A factor that the operator does not offer now is not among them. */
  provesAgain(who: Whose): MethodId[];
  /** The first half of `proveAgain`, where the server must speak first. Throws `factor-not-enrolled`. */
  challengeAgain(asked: { session: LiveSession; method: MethodId; origin: Origin }): Promise<unknown>;
  /**
   * Judges a proof of the person already signed in. Throws `wrong-proof`, or `proof-required` when the method is
   * not one that would do; changes nothing but counters and audit, and does `together` as it uses the proof up.
   */
  proveAgain(request: AgainRequest): Promise<void>;
  /**
   * The present password of somebody who wants another one. No proof of its own where there is a second factor: whoever
   * asks has looked that the session showed it. Throws `wrong-proof`.
   */
  provePassword(request: Omit<AgainRequest, 'method' | 'proof'> & { password: string }): Promise<void>;
  /** `proveAgain`, after which sensitive acts are allowed for a while; the session gets a new token. */
  elevate(request: AgainRequest): Promise<IssuedSession>;
}

type Whose = Pick<LiveSession, 'factors' | 'passwordChangedAt'>;

interface AgainRequest {
  session: LiveSession;
  method: MethodId;
  proof: unknown;
  origin: Origin;
  /** Done in the transaction that uses the proof up, which holds the user; or neither is done. */
  together?: (tx: Transaction) => Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  counters: Counters;
  audit: Auditor;
  sessions: Pick<Sessions, 'elevate'>;
  judge: Judge;
  elevatedMs: number;
  methodNamed(id: MethodId): SignInMethod;
}

export function createAgain(deps: Dependencies): Again {
  const { storage, clock, counters, audit, sessions, methodNamed } = deps;
  const { judge, recordRefusal } = deps.judge;

  function accepted({ factors, passwordChangedAt }: Whose): MethodId[] {
    const owed = provesAgain({ factors, hasPassword: passwordChangedAt !== null });
    return owed.filter((id) => methodNamed(id).isOffered !== false);
  }

  function acceptable(session: LiveSession, method: MethodId): SignInMethod {
    const methods = accepted(session);
    if (!methods.includes(method)) throw new AuthError('proof-required', { methods });
    return methodNamed(method);
  }

  function attemptOf({ session, origin }: Pick<AgainRequest, 'session' | 'origin'>): Attempt {
    const { projectId, userId, id } = session;
    return { projectId, origin, userId, purpose: 'again', binding: id };
  }

  async function proveAgain(request: AgainRequest): Promise<void> {
    await proveBy(acceptable(request.session, request.method), request);
  }

  async function proveBy(
    method: SignInMethod,
    { session, method: methodId, proof, origin, together }: AgainRequest,
  ): Promise<void> {
    const { projectId, userId } = session;
    const attempt = attemptOf({ session, origin });
    const allowances = (from: string) => (methodId === 'password' ? [] : secondProofsOf(userId + from));
    const refusal = () => new AuthError('wrong-proof', { method: methodId });
    await judge({ method, attempt, proof, allowances, refusal }, async ({ judged, account, from }) => {
      const reason = await storage.transaction(async (tx) => {
        if (judged.outcome === 'rejected') return judged.reason;
        if (judged.userId !== userId) return 'wrong';
        // Before the proof's own row, as everybody does who changes factors.
        if (together) await holdUser(tx, userId);
        const proved = await judged.consume(tx);
        if (proved.outcome === 'rejected') return proved.reason;
        await together?.(tx);
        await counters.reset(tx, [account, ...allowances(from)]);
        return null;
      });
      if (reason === null) return;
      const event = 'session.elevation-refused';
      await recordRefusal({
        event,
        projectId,
        userId,
        sessionId: session.id,
        method: methodId,
        reason,
        origin,
      });
      throw refusal();
    });
  }

  return {
    provesAgain: accepted,
    async challengeAgain({ session, method, origin }) {
      const { factors } = session;
      if (!provesAgain({ factors, hasPassword: false }).includes(method))
        throw new AuthError('factor-not-enrolled', { method });
      return await methodNamed(method).challenge?.(storage.db, attemptOf({ session, origin }));
    },
    proveAgain,
    provePassword: ({ password, ...asking }) =>
      proveBy(methodNamed('password'), { ...asking, method: 'password', proof: { password } }),
    async elevate(request) {
      await proveAgain(request);
      const { session, method, origin } = request;
      return await storage.transaction(async (tx) => {
        const elevated = await sessions.elevate(tx, session, clock() + deps.elevatedMs);
        await audit.record(tx, {
          event: 'session.elevated',
          projectId: session.projectId,
          userId: session.userId,
          actor: { userId: session.userId, sessionId: session.id, origin },
          method,
        });
        return elevated;
      });
    },
  };
}
