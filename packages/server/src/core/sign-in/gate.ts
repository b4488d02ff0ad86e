import type { Clock } from '../../chance.ts';
import { tokenHash } from '../../crypto/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import type { Contacts } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { Sessions, Surface } from '../session/index.ts';
import { findUser, holdUser, type User } from '../user/index.ts';
import { type Again, createAgain } from './again.ts';
import { secondProofsOf, signInAllowances, TICKET_ATTEMPTS } from './allowances.ts';
import type { Concluded, Concluding, SignInResult } from './conclude.ts';
import { BY_ACCOUNT, type Judge, refusalOf } from './judging.ts';
import type { Attempt, Factor, MethodId, Rejection, SignInMethod } from './method.ts';
import { type Occasion, provesAgain, shownBy } from './policy.ts';
import { createStepUp, type StepUp } from './step-up.ts';
import { findTicket, type OpenTicket, returnAttempt, spendAttempt, spendTicket } from './ticket-store.ts';

/** The gate: spends the attempt, asks the method, asks the policy, and only then is there a session. */
export interface Gate extends StepUp, Again {
  /** A first proof. Throws one public refusal for everything that is not good. */
  signIn(request: SignInRequest): Promise<SignInResult>;
  /** What a client needs to answer a challenge before anybody is known (passkeys). */
  beginSignIn(asked: { projectId: string; method: MethodId; origin: Origin }): Promise<unknown>;
  /** The first half of a second proof: sends a code, or returns a challenge. Throws `invalid-ticket`, `factor-not-enrolled`. */
  challenge(asked: TicketRequest): Promise<unknown>;
  /** The second proof of a sign-in. Throws `invalid-ticket`, `factor-not-enrolled`, `wrong-code`, `wrong-passkey`. */
  prove(request: TicketRequest & { proof: unknown }): Promise<SignInResult>;
  /**
   * Sets up the second factor that a sign-in owes and ends it. `enrol` does so in the gate's transaction and says
   * what was shown; what it throws undoes everything but the try.
   */
  enrol(request: Omit<TicketRequest, 'method'> & { enrol: Enrol }): Promise<SignInResult>;
  /** Whose sign-in waits for a second factor to be set up; null for a ticket that is none. Changes nothing. */
  enrolling(asked: { projectId: string; surface: Surface; ticket: string }): Promise<User | null>;
  /**
   * Lets in somebody whom another proof of core has just identified (a fresh account, a mailed token), inside
   * the transaction that spends that proof. The policy decides here as well.
   */
  admit(tx: Transaction, admission: Admission): Promise<SignInResult>;
}

interface SignInRequest {
  projectId: string;
  surface: Surface;
  method: MethodId;
  proof: unknown;
  /** The e-mail address as given, for the counter of contract 7.3; null when the proof names nobody. */
  identifier: string | null;
  origin: Origin;
}

interface TicketRequest {
  projectId: string;
  surface: Surface;
  ticket: string;
  method: MethodId;
  origin: Origin;
}

export type Enrol = (
  tx: Transaction,
  user: User,
) => Promise<{ method: MethodId; factors: readonly Factor[] }>;

interface Admission {
  projectId: string;
  userId: string;
  surface: Surface;
  occasion: Exclude<Occasion, 'sign-in' | 'approval'>;
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
  judge: Judge;
  conclude(tx: Transaction, at: Concluding): Promise<Concluded>;
  elevatedMs: number;
}

export function createGate(deps: Dependencies): Gate {
  const { storage, clock, counters, contacts, conclude } = deps;
  const { judge, recordRefusal } = deps.judge;
  const methods = new Map(deps.methods.map((method) => [method.id, method]));

  function methodNamed(id: MethodId): SignInMethod {
    const method = methods.get(id);
    if (!method) throw new AuthError('factor-not-enrolled', { method: id });
    return method;
  }

  /** The right password was given, so this tells nobody anything: a new mail, as far as the counter allows. */
  async function sendFreshVerification(projectId: string, userId: string, address: string): Promise<void> {
    try {
      await contacts.spendVerificationMail({ projectId, address });
    } catch (error) {
      if (isAuthError(error, 'rate-limited')) return;
      throw error;
    }
    await storage.transaction((tx) => contacts.sendVerification(tx, { projectId, userId, address }));
  }

  async function signIn(request: SignInRequest): Promise<SignInResult> {
    const { projectId, surface, method: methodId, proof, identifier, origin } = request;
    const method = methodNamed(methodId);
    const attempt: Attempt = { projectId, origin, userId: null, purpose: 'sign-in', binding: null };
    const { allowances, failures } = signInAllowances({
      ...{ projectId, surface, identifier, origin },
      method: methodId,
    });
    const refusal = () => refusalOf(methodId);
    return await judge(
      { method, attempt, proof, allowances, failures, refusal },
      async ({ judged, subject, account }) => {
        const { userId } = subject;
        const refuse = async (reason: string, error: AuthError): Promise<never> => {
          const event = 'sign-in.refused';
          await recordRefusal({
            event,
            projectId,
            userId,
            sessionId: null,
            method: methodId,
            reason,
            origin,
          });
          throw error;
        };
        if (judged.outcome === 'rejected')
          return await refuse(judged.reason, refusalOf(methodId, judged.reason));
        const concluded = await storage.transaction(async (tx): Promise<Concluded | Rejected> => {
          const proved = await judged.consume(tx);
          if (proved.outcome === 'rejected') return { rejected: proved.reason };
          const user = await findUser(tx, projectId, judged.userId);
          if (!user) return { rejected: 'not-enrolled' };
          const proofs = [shownBy(methodId, proved)];
          const concluded = await conclude(tx, { user, surface, occasion: 'sign-in', proofs, origin });
          await counters.reset(tx, [account]);
          return concluded;
        });
        if ('result' in concluded) return concluded.result;
        if ('rejected' in concluded)
          return await refuse(concluded.rejected, refusalOf(methodId, concluded.rejected));
        if ('refused' in concluded) return await refuse(concluded.refused.code, concluded.refused);
        await sendFreshVerification(projectId, judged.userId, concluded.unverified);
        return await refuse('email-unverified', new AuthError('email-unverified'));
      },
    );
  }

  /** The open ticket and its user, as long as nothing has voided what was shown so far. */
  async function openTicket(
    asked: Omit<TicketRequest, 'method' | 'origin'>,
    owes: OpenTicket['owes'],
  ): Promise<{ ticket: OpenTicket; user: User } | null> {
    const { projectId, surface } = asked;
    const hash = tokenHash(asked.ticket);
    const ticket = await findTicket(storage.db, { projectId, owes, hash, now: clock() });
    if (!ticket || ticket.surface !== surface) return null;
    const user = await findUser(storage.db, projectId, ticket.userId);
    return user && user.passwordChangedAt === ticket.passwordChangedAt ? { ticket, user } : null;
  }

  async function provable(asked: TicketRequest): Promise<{ ticket: OpenTicket; user: User }> {
    const open = await openTicket(asked, 'proof');
    if (!open) throw new AuthError('invalid-ticket', { method: asked.method });
    const { factors } = open.user;
    if (!provesAgain({ factors, hasPassword: false }).includes(asked.method))
      throw new AuthError('factor-not-enrolled', { method: asked.method });
    return open;
  }

  /** One try of a ticket; committed before anything is judged. Throws `invalid-ticket` when there is none left. */
  async function spendTry(hash: string, method: MethodId): Promise<Spent> {
    const isSpent = await spendAttempt(storage.db, { hash, limit: TICKET_ATTEMPTS, now: clock() });
    if (!isSpent) throw new AuthError('invalid-ticket', { method });
    return { giveBack: () => returnAttempt(storage.db, hash).catch(() => undefined) };
  }

  async function prove(request: TicketRequest & { proof: unknown }): Promise<SignInResult> {
    const { projectId, surface, method: methodId, proof, origin } = request;
    const { ticket, user } = await provable(request);
    const { hash } = ticket;
    const attempt: Attempt = {
      projectId,
      origin,
      userId: user.id,
      purpose: 'second-factor',
      binding: hash,
    };
    const refusal = () => new AuthError(methodId === 'passkey' ? 'wrong-passkey' : 'wrong-code');
    const work = {
      method: methodNamed(methodId),
      attempt,
      proof,
      allowances: (from: string) => secondProofsOf(user.id + from),
      spendOwn: () => spendTry(hash, methodId),
      refusal,
    };
    return await judge(work, async ({ judged, account, from }) => {
      const concluded = await storage.transaction(async (tx): Promise<Concluded | Rejected> => {
        if (judged.outcome === 'rejected') return { rejected: judged.reason };
        if (judged.userId !== user.id) return { rejected: 'wrong' };
        const proved = await judged.consume(tx);
        if (proved.outcome === 'rejected') return { rejected: proved.reason };
        const present = await findUser(tx, projectId, user.id);
        const isOpen = present !== null && present.passwordChangedAt === ticket.passwordChangedAt;
        if (!isOpen || !(await spendTicket(tx, { hash, now: clock() })))
          return { refused: new AuthError('invalid-ticket', { method: methodId }) };
        const proofs = [...ticket.proofs, shownBy(methodId, proved)];
        const { occasion } = ticket;
        const concluded = await conclude(tx, { user: present, surface, occasion, proofs, origin });
        await counters.reset(tx, [account, ...secondProofsOf(user.id + from)]);
        return concluded;
      });
      if ('result' in concluded) return concluded.result;
      const [reason, error] =
        'rejected' in concluded
          ? [concluded.rejected, refusal()]
          : 'refused' in concluded
            ? [concluded.refused.code, concluded.refused]
            : ['email-unverified', new AuthError('email-unverified')];
      const whose = { projectId, userId: user.id, sessionId: null, method: methodId };
      await recordRefusal({ event: 'sign-in.refused', ...whose, reason, origin });
      throw error;
    });
  }

  async function enrol(request: Omit<TicketRequest, 'method'> & { enrol: Enrol }): Promise<SignInResult> {
    const { projectId, surface, origin } = request;
    const refused = new AuthError('invalid-ticket', { method: 'totp' });
    const open = await openTicket(request, 'enrolment');
    if (!open) throw refused;
    const { ticket } = open;
    const now = clock();
    await spendTry(ticket.hash, 'totp');
    return await storage.transaction(async (tx) => {
      await holdUser(tx, ticket.userId);
      const user = await findUser(tx, projectId, ticket.userId);
      if (!user || user.passwordChangedAt !== ticket.passwordChangedAt || user.factors.length > 0)
        throw refused;
      if (!(await spendTicket(tx, { hash: ticket.hash, now }))) throw refused;
      const shown = await request.enrol(tx, user);
      const proofs = [...ticket.proofs, shown];
      const concluded = await conclude(tx, { user, surface, occasion: ticket.occasion, proofs, origin });
      if ('result' in concluded) return concluded.result;
      throw 'refused' in concluded ? concluded.refused : new AuthError('email-unverified');
    });
  }

  return {
    signIn,
    async beginSignIn({ projectId, method, origin }) {
      const attempt: Attempt = { projectId, origin, userId: null, purpose: 'sign-in', binding: null };
      return await methodNamed(method).challenge?.(storage.db, attempt);
    },
    async challenge(asked) {
      const { ticket, user } = await provable(asked);
      const { projectId, origin, method } = asked;
      const at = {
        projectId,
        origin,
        userId: user.id,
        purpose: 'second-factor',
        binding: ticket.hash,
      } as const;
      return await methodNamed(method).challenge?.(storage.db, at);
    },
    prove,
    enrol,
    async enrolling(asked) {
      return (await openTicket(asked, 'enrolment'))?.user ?? null;
    },
    async admit(tx, { projectId, userId, surface, occasion, factors, origin }) {
      const user = await findUser(tx, projectId, userId);
      if (!user) throw new AuthError('invalid-credentials');
      // Whoever has proved the mailbox need not wait for a stranger's failures to be forgotten.
      if (occasion === 'recovery' || occasion === 'revert')
        await counters.reset(tx, [{ ...BY_ACCOUNT, key: userId }]);
      const proofs = [{ method: occasion, factors }];
      const concluded = await conclude(tx, { user, surface, occasion, proofs, origin });
      if ('result' in concluded) return concluded.result;
      throw 'refused' in concluded ? concluded.refused : new AuthError('email-unverified');
    },
    ...createStepUp({ ...deps, methodNamed }),
    ...createAgain({ ...deps, methodNamed }),
  };
}

/** A proof that was right when it was judged and is not when it is spent. */
interface Rejected {
  rejected: Rejection['reason'];
}
