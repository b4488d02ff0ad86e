import { type Clock, SECOND } from '../../chance.ts';
import { type Sealer, tokenHash } from '../../crypto/index.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Queryable, Storage, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { type Places, placeText } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import { findUser, holdUser } from '../user/index.ts';
import { openApprovalLink } from './approval-link.ts';
import { approvalMail, type Concluded, type Concluding } from './conclude.ts';
import {
  findOutcome,
  findTicket,
  type OpenTicket,
  saveOutcome,
  spendResend,
  spendTicket,
} from './ticket-store.ts';

/** New places: a sign-in by password alone from somewhere new waits until its mail was answered (contract 1.9). */
export interface Approvals {
  /** What the person is asked about; null for a link that is unknown, old or used. Changes nothing. */
  describe(asked: { token: string }): Promise<PlaceAsked | null>;
  /**
   * Takes the place of the waiting attempt, which alone gets the session; whoever opened the mail is not signed
   * in by it. Throws `invalid-approval`.
   */
  approve(asked: { projectId?: string; token: string; origin: Origin }): Promise<void>;
  /** Ends the waiting attempt, which nobody can go on with. Throws `invalid-approval`. */
  refuse(asked: { token: string; origin: Origin }): Promise<void>;
  /** The same mail once more. Throws `invalid-approval`, `approval-resent`, `approval-resend-too-soon`. */
  resend(asked: { projectId: string; ticket: string }): Promise<void>;
  /** The session of an approved attempt, for a minute and any number of times; null while it waits. */
  poll(asked: { projectId: string; ticket: string }): Promise<{ token: string; userId: string } | null>;
}

export interface PlaceAsked {
  address: string;
  place: string;
  userAgent: string | null;
  at: number;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  sealer: Sealer;
  outbox: Outbox;
  audit: Auditor;
  places: Places;
  conclude(tx: Transaction, at: Concluding): Promise<Concluded>;
}

/** Contract 1.9. */
const RESEND_AFTER_MS = 30 * SECOND;
const OUTCOME_MS = 60 * SECOND;
const OUTCOME_SEAL = 'place-approval-outcome';
/**
 * Whether somebody waits at the other end for the session. A script that met the refusal has gone on, and a session
 * that nobody fetches would only be one more: its next sign-in from there finds the place known.
 */
const WAITS: Record<Surface, boolean> = { fluxer: true, pages: true, flecto: false, flux: false };

export function createApprovals(deps: Dependencies): Approvals {
  const { storage, clock, sealer, outbox, audit, places, conclude } = deps;

  async function openLink(token: string, projectId: string | null = null): Promise<OpenTicket | null> {
    const linkHash = tokenHash(token);
    const ticket = await findTicket(storage.db, { projectId, owes: 'approval', linkHash, now: clock() });
    return ticket && (await mailedSecretOf(storage.db, ticket)) !== null ? ticket : null;
  }

  /** The secret that was mailed; null once mail to the user goes elsewhere, as the old mailbox has no say any more. */
  async function mailedSecretOf(db: Queryable, ticket: OpenTicket): Promise<string | null> {
    if (ticket.linkSealed === null) return null;
    const { secret, mailedTo } = openApprovalLink(sealer, ticket.linkSealed);
    const primary = await findPrimaryEmail(db, ticket.userId);
    return primary && normalEmail(primary.address) === normalEmail(mailedTo) ? secret : null;
  }

  /** The session for the attempt that waits, or nothing when it may no longer have one; the caller holds the user. */
  async function signInWaiting(tx: Transaction, ticket: OpenTicket): Promise<boolean> {
    const user = await findUser(tx, ticket.projectId, ticket.userId);
    if (!user || user.passwordChangedAt !== ticket.passwordChangedAt) return false;
    if ((await mailedSecretOf(tx, ticket)) === null) return false;
    await places.authorise(tx, user.id, ticket.origin);
    const { surface, proofs, origin } = ticket;
    if (!WAITS[surface]) return true;
    const concluded = await conclude(tx, { user, surface, occasion: 'approval', proofs, origin });
    if (!('result' in concluded)) return false;
    // What is owed still, a factor to show or to set up, takes a sign-in of its own, now from a known place.
    if (concluded.result.state === 'needs-enrolment') return true;
    if (concluded.result.state !== 'signed-in') return false;
    const sealed = sealer.seal(OUTCOME_SEAL, concluded.result.session.token);
    await saveOutcome(tx, { hash: ticket.hash, sealed, until: clock() + OUTCOME_MS });
    return true;
  }

  /** Takes the one answer to a mail; what comes of it is in the same transaction. */
  async function answer(
    { projectId, token, origin }: { projectId?: string; token: string; origin: Origin },
    event: 'place.approved' | 'place.refused',
    then: (tx: Transaction, ticket: OpenTicket) => Promise<boolean>,
  ): Promise<void> {
    const refused = new AuthError('invalid-approval', { what: 'link' });
    const ticket = await openLink(token, projectId);
    if (!ticket) throw refused;
    const isDone = await storage.transaction(async (tx) => {
      // A reset that runs beside this has either changed the password already, or ends the session made here. Before
      // the ticket, as whoever voids a user's tickets has it.
      await holdUser(tx, ticket.userId);
      if (!(await spendTicket(tx, { hash: ticket.hash, now: clock() }))) return false;
      const { userId, projectId: of, origin: from } = ticket;
      const actor = { userId, sessionId: null, origin };
      const details = { [event === 'place.approved' ? 'approved_address' : 'refused_address']: from.address };
      await audit.record(tx, { event, projectId: of, userId, actor, details });
      return await then(tx, ticket);
    });
    if (!isDone) throw refused;
  }

  return {
    async describe({ token }) {
      const ticket = await openLink(token);
      if (!ticket) return null;
      const { origin, createdAt } = ticket;
      return {
        address: origin.address,
        place: placeText(places.placeOf(origin)),
        userAgent: origin.userAgent,
        at: createdAt,
      };
    },
    async approve(asked) {
      await answer(asked, 'place.approved', signInWaiting);
    },
    async refuse(asked) {
      await answer(asked, 'place.refused', async () => true);
    },
    async resend({ projectId, ticket: text }) {
      const now = clock();
      const hash = tokenHash(text);
      const ticket = await findTicket(storage.db, { projectId, owes: 'approval', hash, now });
      const secret = ticket && (await mailedSecretOf(storage.db, ticket));
      if (!ticket || secret === null) throw new AuthError('invalid-approval', { what: 'ticket' });
      if (ticket.resentAt !== null) throw new AuthError('approval-resent');
      const waitMs = ticket.createdAt + RESEND_AFTER_MS - now;
      if (waitMs > 0)
        throw new AuthError('approval-resend-too-soon', { availableInSeconds: Math.ceil(waitMs / SECOND) });
      await storage.transaction(async (tx) => {
        const primary = await findPrimaryEmail(tx, ticket.userId);
        if (!(await spendResend(tx, { hash, now }))) throw new AuthError('approval-resent');
        const place = places.placeOf(ticket.origin);
        const to = primary && { projectId, address: primary.address };
        if (to) await outbox.add(tx, approvalMail(to, secret, place, ticket.origin));
      });
    },
    async poll({ projectId, ticket: text }) {
      const hash = tokenHash(text);
      const now = clock();
      const outcome = await findOutcome(storage.db, { projectId, hash, now });
      if (outcome) return { userId: outcome.userId, token: sealer.open(OUTCOME_SEAL, outcome.sealed) };
      const waiting = await findTicket(storage.db, { projectId, owes: 'approval', hash, now });
      if (!waiting || (await mailedSecretOf(storage.db, waiting)) === null)
        throw new AuthError('invalid-approval', { what: 'ticket' });
      return null;
    },
  };
}
