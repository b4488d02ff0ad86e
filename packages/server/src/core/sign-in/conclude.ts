import { type Chance, MINUTE, SECOND } from '../../chance.ts';
import { randomBase62, type Sealer, tokenHash } from '../../crypto/index.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { type Place, type Places, placeText } from '../location/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import type { IssuedSession, Sessions, Surface } from '../session/index.ts';
import { holdUser, liftSuspension, markSeen, reopenUser, type User } from '../user/index.ts';
import { sealApprovalLink } from './approval-link.ts';
import type { SecondFactor, SignInMethod } from './method.ts';
import { type Decision, decide, isMultiFactor, type Occasion, type ProofShown } from './policy.ts';
import { insertTicket, listTicketEnds, type Owes } from './ticket-store.ts';

export type SignInResult =
  | { state: 'signed-in'; user: User; session: IssuedSession }
  /** A second factor is owed; the ticket is told only here. */
  | { state: 'needs-proof'; user: User; ticket: string; methods: SecondFactor[]; expiresAt: number }
  /** Every account must have a second factor, and this one has to set one up first. */
  | { state: 'needs-enrolment'; user: User; ticket: string; expiresAt: number }
  /** A new place has to be approved through the mailbox first. */
  | { state: 'needs-approval'; user: User; ticket: string; email: string; expiresAt: number };

/** What a finished transaction says; refusals are thrown after it, so that what it spent stays spent. */
export type Concluded = { result: SignInResult } | { refused: AuthError } | { unverified: string };

export interface Concluding {
  user: User;
  surface: Surface;
  occasion: Occasion;
  proofs: readonly ProofShown[];
  origin: Origin;
}

export interface ConcludeDependencies extends Chance {
  sealer: Sealer;
  outbox: Outbox;
  audit: Auditor;
  notices: Notices;
  sessions: Sessions;
  places: Places;
  methods: readonly SignInMethod[];
  requireVerifiedEmail: boolean;
  requireSecondFactor: boolean;
  requireNewPlaceApproval: boolean;
}

/**
 * Design section 4. A wire that marks hands out the session at the first proof, and the session says what is owed; it opens
 * nothing here that matters. All others withhold it.
 */
const MARKS: Record<Surface, boolean> = { fluxer: false, pages: false, flecto: false, flux: true };

/** 64 alphanumerics: contract 1.1 and 6.4, 381 bits. */
const TICKET_LENGTH = 64;
/** Contract appendix A. */
const PROOF_MS = 5 * MINUTE;
const APPROVAL_MS = 15 * MINUTE;
/** Of one account in that time: as many as Fluxer's contract 7.3 lets sign-ins of one address be. */
const APPROVALS = 5;
const ENROLMENT_MS = 15 * MINUTE;

/** The end of every way in: is the account open, is anything owed, and if not, the session. */
export function createConclude(deps: ConcludeDependencies) {
  const { clock, random, sealer, outbox, audit, notices, sessions, places } = deps;

  const notOffered = new Set<string>(
    deps.methods.flatMap(({ id, isOffered }) => (isOffered === false ? [id] : [])),
  );

  async function knownPlace(
    tx: Transaction,
    { user, surface, occasion, origin }: Concluding,
  ): Promise<boolean | null> {
    // Where half a sign-in gives a session, having one must not make a place known to the wires that ask.
    if (occasion !== 'sign-in' || MARKS[surface]) return null;
    // Nobody has been anywhere yet: the first sign-in of an account that an operator made shows its first place.
    if (user.lastSeenAt === null) return true;
    return await places.isAuthorised(tx, user.id, origin);
  }

  async function issueTicket(
    tx: Transaction,
    at: Concluding,
    owes: Owes,
    { lifeMs, link = null }: { lifeMs: number; link?: { hash: string; sealed: string } | null },
  ): Promise<{ ticket: string; expiresAt: number }> {
    const { user, surface, occasion, proofs, origin } = at;
    const ticket = randomBase62(random, TICKET_LENGTH);
    const createdAt = clock();
    const expiresAt = createdAt + lifeMs;
    await insertTicket(tx, {
      hash: tokenHash(ticket),
      owes,
      projectId: user.projectId,
      userId: user.id,
      surface,
      occasion,
      proofs: [...proofs],
      origin,
      passwordChangedAt: user.passwordChangedAt,
      createdAt,
      expiresAt,
      link,
    });
    await audit.record(tx, {
      event: `sign-in.needs-${owes}`,
      projectId: user.projectId,
      userId: user.id,
      actor: { userId: user.id, sessionId: null, origin },
      method: proofs.map(({ method }) => method).join(','),
    });
    return { ticket, expiresAt };
  }

  async function askForApproval(tx: Transaction, at: Concluding, email: string): Promise<Concluded> {
    const { id: userId } = at.user;
    const now = clock();
    // Held, so that of many at once each is counted: whoever has the password must not flood the mailbox (K06).
    await holdUser(tx, userId);
    // Of the present password: who has chosen another has ended what was begun with the one before.
    const { passwordChangedAt } = at.user;
    const ends = await listTicketEnds(tx, { userId, owes: 'approval', passwordChangedAt, now });
    if (ends.length >= APPROVALS) {
      const retryAfterSeconds = Math.ceil((Math.min(...ends) - now) / SECOND);
      return { refused: new AuthError('rate-limited', { retryAfterSeconds }) };
    }
    const secret = randomBase62(random, TICKET_LENGTH);
    const sealed = sealApprovalLink(sealer, { secret, mailedTo: email });
    const link = { hash: tokenHash(secret), sealed };
    const issued = await issueTicket(tx, at, 'approval', { lifeMs: APPROVAL_MS, link });
    await outbox.add(
      tx,
      approvalMail(
        { projectId: at.user.projectId, address: email },
        secret,
        places.placeOf(at.origin),
        at.origin,
      ),
    );
    return { result: { state: 'needs-approval', user: at.user, email, ...issued } };
  }

  async function admitNow(tx: Transaction, at: Concluding, isKnown: boolean | null): Promise<SignInResult> {
    const { user, surface, proofs, origin } = at;
    const { id: userId, projectId } = user;
    const upstreamRoles = proofs.flatMap(({ roles }) => (roles ? [roles] : []))[0] ?? null;
    const session = await sessions.issue(tx, {
      ...{ projectId, userId, surface, origin, upstreamRoles },
      methods: proofs.map(({ method }) => method),
      isMultiFactor: isMultiFactor(proofs),
    });
    // Also the first of all, however it came about: an account that an operator made has no place yet. Half a sign-in,
    // where that gives a session, shows none.
    const isFirst = user.lastSeenAt === null && (!MARKS[surface] || user.factors.length === 0);
    if (isKnown === false || isFirst) await places.authorise(tx, user.id, origin);
    if (isKnown === false)
      await notices.tell(tx, signInNotice(user, places.placeOf(origin), { origin, at: clock() }));
    await audit.record(tx, {
      event: 'sign-in.succeeded',
      projectId: user.projectId,
      userId: user.id,
      actor: { userId: user.id, sessionId: session.id, origin },
      method: proofs.map(({ method }) => method).join(','),
      details: { surface, factors: proofs.flatMap(({ factors }) => factors).join(',') },
    });
    return { state: 'signed-in', user, session };
  }

  /**
   * Whoever switched the account off, or asked for its end, has come back, and a suspension may be over (contract
   * 1.3, steps 4 and 5). False for an account that is as good as deleted.
   */
  async function reopened(tx: Transaction, { id, status }: User): Promise<boolean> {
    if (status === 'active') return true;
    if (status === 'suspended') return await liftSuspension(tx, id, clock());
    return await reopenUser(tx, id, clock());
  }

  return async function conclude(tx: Transaction, at: Concluding): Promise<Concluded> {
    const { user, surface, occasion, proofs } = at;
    const until = user.suspendedUntil;
    if (user.status === 'suspended' && (until === null || clock() < until))
      return { refused: new AuthError('account-suspended', { until }) };
    const isKnown = await knownPlace(tx, at);
    const admitted = async (): Promise<Concluded> => {
      // Taken before the session is made: whoever suspends the account meanwhile waits, and ends it then.
      if (!(await reopened(tx, user)) || !(await markSeen(tx, user.id, clock())))
        return { refused: new AuthError('account-suspended', { until: null }) };
      return { result: await admitNow(tx, at, isKnown) };
    };
    const decision: Decision = decide({
      occasion,
      proofs,
      contact: user.email,
      // What an unproved mailbox may do is the app's to say where the session tells of it.
      requireVerifiedEmail: deps.requireVerifiedEmail && !MARKS[surface],
      enrolled: user.factors,
      requireSecondFactor: deps.requireSecondFactor || user.isFactorDemanded,
      isKnownPlace: deps.requireNewPlaceApproval ? isKnown : null,
    });
    if (MARKS[surface]) {
      // Half a sign-in does not bring back an account that its owner has closed.
      if (decision.owed !== 'nothing' && user.status !== 'active')
        return { refused: new AuthError('account-suspended', { until: null }) };
      return await admitted();
    }
    switch (decision.owed) {
      case 'verified-contact':
        return { unverified: user.email?.address ?? '' };
      case 'proof': {
        const issued = await issueTicket(tx, at, 'proof', { lifeMs: PROOF_MS });
        // Owed all the same: where none is left, a recovery code is, and then an administrator.
        const methods = decision.methods.filter((id) => !notOffered.has(id));
        return { result: { state: 'needs-proof', user, methods, ...issued } };
      }
      case 'enrolment': {
        const issued = await issueTicket(tx, at, 'enrolment', { lifeMs: ENROLMENT_MS });
        return { result: { state: 'needs-enrolment', user, ...issued } };
      }
      case 'approval':
        return await askForApproval(tx, at, user.email?.address ?? '');
      case 'nothing':
        return await admitted();
    }
  };
}

/** Where nobody was asked whether a new place is theirs, the owner is told of it (A12). */
function signInNotice({ id, projectId }: User, place: Place, { origin, at }: { origin: Origin; at: number }) {
  const time = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const values = { address: origin.address, place: placeText(place), time };
  return { projectId, userId: id, what: 'signed-in', values } as const;
}

/** The mail that asks the owner whether a place is theirs (contract appendix B). */
export function approvalMail(
  to: { projectId: string; address: string },
  token: string,
  place: Place,
  origin: Origin,
) {
  return {
    channel: 'mail',
    projectId: to.projectId,
    to: to.address,
    kind: 'ip_authorization',
    values: { token, address: origin.address, place: placeText(place) },
  } as const;
}
