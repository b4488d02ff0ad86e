import { type Clock, DAY, MINUTE } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Allowance, Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { type Contacts, listContacts, normalEmail } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import {
  hasSessionFrom,
  type IssuedSession,
  type LiveSession,
  type Sessions,
  type Surface,
} from '../session/index.ts';
import { findUser, markSeen, type User } from '../user/index.ts';
import type {
  Attempt,
  Factor,
  Judged,
  MethodId,
  Rejection,
  Reservation,
  SignInMethod,
  Subject,
} from './method.ts';
import { decide, type Occasion } from './policy.ts';

export type SignInResult =
  | { state: 'signed-in'; user: User; session: IssuedSession }
  | { state: 'needs-proof'; ticket: string; methods: MethodId[]; expiresAt: number }
  | { state: 'needs-approval'; ticket: string; expiresAt: number };

/** The gate: spends the attempt, asks the method, asks the policy, and only then is there a session. */
export interface Gate {
  /** A first proof. Throws one public refusal for everything that is not good. */
  signIn(request: SignInRequest): Promise<SignInResult>;
  /**
   * Lets in somebody whom another proof of core has just identified (a fresh account, a mailed token), inside
   * the transaction that spends that proof. The policy decides here as well.
   */
  admit(tx: Transaction, admission: Admission): Promise<SignInResult>;
  /** Judges a proof of the person already signed in. Throws `wrong-proof`; changes nothing but counters and audit. */
  proveAgain(request: {
    session: LiveSession;
    method: MethodId;
    proof: unknown;
    origin: Origin;
  }): Promise<void>;
  /** `proveAgain`, after which sensitive acts are allowed for a while; the session gets a new token. */
  elevate(request: {
    session: LiveSession;
    method: MethodId;
    proof: unknown;
    origin: Origin;
  }): Promise<IssuedSession>;
}

interface SignInRequest {
  projectId: string;
  surface: Surface;
  method: MethodId;
  proof: unknown;
  /** The e-mail address as given, for the counter of contract 7.3. */
  identifier: string;
  origin: Origin;
}

interface Admission {
  projectId: string;
  userId: string;
  surface: Surface;
  occasion: Exclude<Occasion, 'sign-in'>;
  factors: readonly Factor[];
  origin: Origin;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  counters: Counters;
  audit: Auditor;
  contacts: Contacts;
  sessions: Sessions;
  methods: readonly SignInMethod[];
  requireVerifiedEmail: boolean;
}

/** Contract 7.3: every attempt counts, good ones too. */
const BY_EMAIL = { name: 'login-email', limit: 5, windowMs: 15 * MINUTE } as const;
const BY_ADDRESS = { name: 'login-address', limit: 10, windowMs: 30 * MINUTE } as const;
/**
 * Failures of one account in a day, over all methods; NIST SP 800-63B 3.2.2 allows 100 in a row. Tries from a
 * network where the account has a session count apart, here and by e-mail, so that a stranger cannot lock the
 * owner out (K04).
 */
const BY_ACCOUNT = { name: 'account-failures', limit: 50, windowMs: DAY, always: true } as const;
/** Sudo: 15 minutes (seed 000). */
const ELEVATED_MS = 15 * MINUTE;

export function createGate(deps: Dependencies): Gate {
  const { storage, clock, counters, audit, contacts, sessions } = deps;
  const methods = new Map(deps.methods.map((method) => [method.id, method]));

  function methodNamed(id: MethodId): SignInMethod {
    const method = methods.get(id);
    if (!method) throw new AuthError('invalid-credentials');
    return method;
  }

  /** Spends, judges, and gives the try back when it was our own infrastructure that failed. */
  async function judge<T>(work: Judging, then: (verdict: Verdict) => Promise<T>): Promise<T> {
    const { method, attempt, allowances } = work;
    const parsed = method.proof.safeParse(work.proof);
    // What has not even the form of a proof cannot be a right one; nothing is looked up or spent for it.
    if (!parsed.success) throw new AuthError(attempt.userId === null ? 'invalid-credentials' : 'wrong-proof');
    const proof = parsed.data;
    const held: Reservation = method.reserve();
    let spent: Spent | null = null;
    let wasWrong = false;
    try {
      const subject = await method.identify(storage.db, attempt, proof);
      const isKnownPlace = await hasSessionFrom(storage.db, subject.userId ?? '', attempt.origin.network);
      const from = isKnownPlace ? ` ${attempt.origin.network}` : '';
      const account = { ...BY_ACCOUNT, key: subject.key + from };
      spent = await counters.spend([account, ...allowances(from)]);
      const judged = await method.judge(storage.db, { attempt, subject, proof, held });
      wasWrong = judged.outcome === 'rejected';
      return await then({ judged, subject, account });
    } catch (error) {
      // A proof found wrong stays spent, whatever fails afterwards.
      if (!wasWrong && (!isAuthError(error) || isAuthError(error, 'overloaded'))) await spent?.giveBack();
      throw error;
    } finally {
      held.release();
    }
  }

  async function recordRefusal(refused: {
    event: 'sign-in.refused' | 'session.elevation-refused';
    projectId: string;
    userId: string | null;
    sessionId: string | null;
    method: MethodId;
    reason: string;
    origin: Origin;
  }): Promise<void> {
    const { event, projectId, userId, sessionId, method, reason, origin } = refused;
    const actor = { userId: sessionId === null ? null : userId, sessionId, origin };
    await storage.transaction((tx) =>
      audit.record(tx, { event, projectId, userId, actor, method, outcome: reason }),
    );
  }

  /** The end of every way in: is the account open, is anything owed, and if not, the session. */
  async function conclude(
    tx: Transaction,
    at: {
      user: User;
      surface: Surface;
      occasion: Occasion;
      factors: readonly Factor[];
      method: string;
      origin: Origin;
    },
  ): Promise<Concluded> {
    const { user, surface, occasion, factors, method, origin } = at;
    if (user.status === 'suspended')
      return { refused: new AuthError('account-suspended', { until: user.suspendedUntil }) };
    const primary = (await listContacts(tx, user.id)).find((contact) => contact.isPrimary);
    const decision = decide({
      occasion,
      factors,
      contact: primary ? { verified: primary.verifiedAt !== null } : null,
      requireVerifiedEmail: deps.requireVerifiedEmail,
    });
    if (decision.owed === 'verified-contact' && primary) return { unverified: primary.address };
    const session = await sessions.issue(tx, { projectId: user.projectId, userId: user.id, surface, origin });
    await markSeen(tx, user.id, clock());
    await audit.record(tx, {
      event: 'sign-in.succeeded',
      projectId: user.projectId,
      userId: user.id,
      actor: { userId: user.id, sessionId: session.id, origin },
      method,
      details: { surface, factors: factors.join(',') },
    });
    return { result: { state: 'signed-in', user, session } };
  }

  async function signIn(request: SignInRequest): Promise<SignInResult> {
    const { projectId, surface, method: methodId, proof, origin } = request;
    const method = methodNamed(methodId);
    const attempt: Attempt = { projectId, origin, userId: null, purpose: 'sign-in', binding: null };
    const allowances = (from: string) => [
      { ...BY_EMAIL, key: normalEmail(request.identifier) + from },
      { ...BY_ADDRESS, key: origin.source },
    ];
    return await judge({ method, attempt, proof, allowances }, async ({ judged, subject, account }) => {
      const refuse = async (reason: string, error: AuthError): Promise<never> => {
        await recordRefusal({
          event: 'sign-in.refused',
          projectId,
          userId: subject.userId,
          sessionId: null,
          method: methodId,
          reason,
          origin,
        });
        throw error;
      };
      if (judged.outcome === 'rejected')
        return await refuse(judged.reason, new AuthError('invalid-credentials'));
      const concluded = await storage.transaction(async (tx): Promise<Concluded> => {
        const proved = await judged.consume(tx);
        if (proved.outcome === 'rejected') return { rejected: proved.reason };
        const user = await findUser(tx, projectId, judged.userId);
        if (!user) return { rejected: 'not-enrolled' };
        await counters.reset(tx, account);
        return await conclude(tx, {
          user,
          surface,
          occasion: 'sign-in',
          factors: proved.factors,
          method: methodId,
          origin,
        });
      });
      if ('result' in concluded) return concluded.result;
      if ('rejected' in concluded)
        return await refuse(concluded.rejected, new AuthError('invalid-credentials'));
      if ('refused' in concluded) return await refuse(concluded.refused.code, concluded.refused);
      await sendFreshVerification(projectId, judged.userId, concluded.unverified);
      return await refuse('email-unverified', new AuthError('email-unverified'));
    });
  }

  /** The right password was given, so this tells nobody anything: a new mail, as far as the counter allows. */
  async function sendFreshVerification(projectId: string, userId: string, address: string): Promise<void> {
    try {
      await contacts.spendVerificationMail(address);
    } catch (error) {
      if (isAuthError(error, 'rate-limited')) return;
      throw error;
    }
    await storage.transaction((tx) => contacts.sendVerification(tx, { projectId, userId, address }));
  }

  async function proveAgain({
    session,
    method: methodId,
    proof,
    origin,
  }: Parameters<Gate['proveAgain']>[0]): Promise<void> {
    const { projectId, userId } = session;
    const method = methodNamed(methodId);
    const attempt: Attempt = { projectId, origin, userId, purpose: 'again', binding: session.id };
    await judge({ method, attempt, proof, allowances: () => [] }, async ({ judged, account }) => {
      const reason = await storage.transaction(async (tx) => {
        if (judged.outcome === 'rejected') return judged.reason;
        if (judged.userId !== userId) return 'wrong';
        const proved = await judged.consume(tx);
        if (proved.outcome === 'rejected') return proved.reason;
        await counters.reset(tx, account);
        return null;
      });
      if (reason === null) return;
      await recordRefusal({
        event: 'session.elevation-refused',
        projectId,
        userId,
        sessionId: session.id,
        method: methodId,
        reason,
        origin,
      });
      throw new AuthError('wrong-proof');
    });
  }

  return {
    signIn,
    async admit(tx, { projectId, userId, surface, occasion, factors, origin }) {
      const user = await findUser(tx, projectId, userId);
      if (!user) throw new AuthError('invalid-credentials');
      // Whoever has proved the mailbox need not wait for a stranger's failures to be forgotten.
      if (occasion === 'recovery') await counters.reset(tx, { ...BY_ACCOUNT, key: userId });
      const concluded = await conclude(tx, { user, surface, occasion, factors, method: occasion, origin });
      if ('result' in concluded) return concluded.result;
      throw 'refused' in concluded ? concluded.refused : new AuthError('email-unverified');
    },
    proveAgain,
    async elevate(request) {
      await proveAgain(request);
      const { session, method, origin } = request;
      return await storage.transaction(async (tx) => {
        const elevated = await sessions.elevate(tx, session, clock() + ELEVATED_MS);
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

interface Judging {
  method: SignInMethod;
  attempt: Attempt;
  proof: unknown;
  /** Besides the account's own; `from` is empty, or names the known place that counts apart. */
  allowances(from: string): Allowance[];
}

interface Verdict {
  judged: Judged | Rejection;
  subject: Subject;
  account: Allowance;
}

/** What a finished transaction says; refusals are thrown after it, so that what it spent stays spent. */
type Concluded =
  | { result: SignInResult }
  | { refused: AuthError }
  | { rejected: Rejection['reason'] }
  | { unverified: string };
