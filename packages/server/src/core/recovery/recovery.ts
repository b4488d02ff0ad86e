import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findContactByAddress, holdContacts, markVerified, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import {
  createLinkToken,
  findLinkToken,
  holdLinkTokens,
  spendLinkToken,
  voidLinkTokens,
} from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import type { IssuedSession, LiveSession, Sessions, Surface } from '../session/index.ts';
import type { Factors, Gate, NewPassword, PasswordKeeper, SignInResult } from '../sign-in/index.ts';
import { findUser, settleSuspicion } from '../user/index.ts';
import { createEmailRevert } from './email-revert.ts';
import { createNewPasswords } from './new-password.ts';

export interface Recovery {
  /** Takes note of a request. The same single row is written for known and unknown addresses, so time tells nothing (A09). */
  request(asked: Asked & { surface?: Surface; origin: Origin }): Promise<void>;
  /** What the outbox does with a noted request: mails the token if the address is somebody's. */
  carryOut(tx: Transaction, asked: Asked & { origin: Origin | null }): Promise<void>;
  /** Whether a token would be taken now, by `complete` or by `revert`; changes nothing. */
  isGood(projectId: string, token: string, kind?: 'password-reset' | 'email-revert'): Promise<boolean>;
  /** Spends the token, sets the password, ends every session, proves the mailbox, and hands over to the gate. */
  complete(request: {
    projectId: string;
    surface: Surface;
    token: string;
    password: string;
    origin: Origin;
  }): Promise<SignInResult>;
  /**
   * Sets another password for somebody who has just proved the old one: the session that asks is replaced, all
   * others end. A first password claims an account and keeps its sessions; there is no new one then (null).
   * `together` is written in the same transaction, or not at all.
   */
  changePassword(request: ChangeRequest): Promise<IssuedSession | null>;
  /** The same for somebody whose mailbox `together` proves; no session but the new one is left, whatever was before. */
  changePasswordByMail(request: ChangeRequest): Promise<IssuedSession>;
  /**
   * For the owner of the address that was given up, with the token sent there: the address returns, a new password
   * is set, phone, second factors, places and sessions go, and the gate lets the owner in (contract 1.11). Throws
   * `invalid-link-token`, `password-refused`, `email-taken`.
   */
  revert(request: {
    projectId: string;
    surface: Surface;
    token: string;
    password: string;
    origin: Origin;
  }): Promise<SignInResult>;
}

interface Asked {
  projectId: string;
  email: string;
  /** The app's own page that the mail's link opens; ours, when there is none. */
  linkTo?: string | null;
}

interface ChangeRequest {
  session: LiveSession;
  newPassword: string;
  origin: Origin;
  together(tx: Transaction): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  outbox: Outbox;
  counters: Counters;
  audit: Auditor;
  notices: Notices;
  sessions: Sessions;
  places: Places;
  factors: Factors;
  gate: Gate;
  passwords: PasswordKeeper;
  /** Whether mail to an address could arrive anywhere; may ask the outside world. */
  canReceiveMail(address: string): Promise<boolean>;
}

const KIND = 'password-reset';
/** Contract appendix A. */
const LIFE_MS = HOUR;
/** Contract 7.3. */
const BY_EMAIL = { name: 'forgot-email', limit: 5, windowMs: 30 * MINUTE } as const;
const BY_ADDRESS = { name: 'forgot-address', limit: 20, windowMs: 30 * MINUTE } as const;
/** Flux: an app's users may all come through the app's own server. */
const BY_APP = { name: 'flux-forgot-address', limit: 100, windowMs: 30 * MINUTE } as const;

export function createRecovery(deps: Dependencies): Recovery {
  const { storage, outbox, counters, audit, notices, sessions } = deps;
  const newPasswords = createNewPasswords(deps);
  const { withNewPassword } = newPasswords;
  const presented = (projectId: string, text: string) =>
    ({ kind: KIND, projectId, text, now: deps.clock() }) as const;

  /** Writes a password that was looked at and hashed, and what a change of password entails; the caller holds the tokens. */
  async function replace(
    tx: Transaction,
    hashed: NewPassword,
    { session, origin, isFirst }: Pick<ChangeRequest, 'session' | 'origin'> & { isFirst: boolean },
  ): Promise<void> {
    const { projectId, userId } = session;
    // The password row is taken before the sessions, here as in a reset, so that the two wait for each other.
    if (isFirst) {
      if (!(await hashed.saveFirst(tx, userId))) throw new AuthError('current-password-missing');
      if (!(await sessions.isThere(tx, session))) throw new AuthError('not-signed-in');
    } else {
      await hashed.save(tx, userId);
      await sessions.hold(tx, userId);
      // A session that was ended since it proved itself, by a reset above all, changes nothing.
      if (!(await sessions.endIn(tx, session, isTold(session) ? 'replaced' : 'ended')))
        throw new AuthError('not-signed-in');
    }
    await voidLinkTokens(tx, { kind: KIND, userId, now: deps.clock() });
    const ended = isFirst ? 0 : 1 + (await sessions.endAllOf(tx, userId));
    await storage.channel.publish(tx, { topic: 'user', key: userId });
    await audit.record(tx, {
      event: 'password.changed',
      projectId,
      userId,
      actor: { userId, sessionId: session.id, origin },
      details: { sessions_ended: ended },
    });
    // A12: the owner hears of it, also when it was not the owner.
    await notices.tell(tx, { projectId, userId, what: 'password-changed' });
  }

  /** The session that takes the place of the one that asked. */
  async function successorOf(tx: Transaction, { session, origin }: ChangeRequest): Promise<IssuedSession> {
    const { projectId, userId, surface, tokenHash, methods, isMultiFactor } = session;
    const replaces = isTold(session) ? { replaces: tokenHash } : {};
    // What was shown in the one was shown in the other.
    return await sessions.issue(tx, {
      ...{ projectId, userId, surface, origin, methods, isMultiFactor },
      ...replaces,
    });
  }

  return {
    async request({ projectId, surface, email, origin, linkTo = null }) {
      // Of a Flux project by project, so that none uses up what another's users have.
      const scope = surface === 'flux' ? `${projectId} ` : '';
      await counters.spend([
        { ...BY_EMAIL, key: scope + normalEmail(email) },
        { ...(surface === 'flux' ? BY_APP : BY_ADDRESS), key: scope + origin.source },
      ]);
      // Of the domain and nothing else: known and unknown addresses of it have the same answer.
      if (!(await deps.canReceiveMail(email))) throw new AuthError('email-unreachable');
      await storage.transaction((tx) =>
        outbox.add(tx, {
          channel: 'task',
          to: email,
          kind: 'recovery',
          values: { projectId, origin: JSON.stringify(origin), ...(linkTo !== null && { linkTo }) },
        }),
      );
    },
    async carryOut(tx, { projectId, email, origin, linkTo = null }) {
      const contact = await findContactByAddress(tx, projectId, email);
      const user = contact && (await findUser(tx, projectId, contact.userId));
      // Who has left may come back this way; the sign-in at its end decides whether it is too late.
      if (!contact || !user || user.status === 'suspended') return;
      const token = await createLinkToken(tx, deps, {
        kind: KIND,
        projectId,
        userId: user.id,
        address: normalEmail(contact.address),
        lifeMs: LIFE_MS,
      });
      await outbox.add(tx, {
        channel: 'mail',
        projectId,
        linkTo,
        to: contact.address,
        kind: 'password_reset',
        values: { token },
      });
      const actor = { userId: null, sessionId: null, origin };
      await audit.record(tx, { event: 'recovery.requested', projectId, userId: user.id, actor });
    },
    async isGood(projectId, token, kind = KIND) {
      return (await findLinkToken(storage.db, { ...presented(projectId, token), kind })) !== null;
    },
    async complete({ projectId, surface, token, password, origin }) {
      const refused = new AuthError('invalid-link-token', { kind: KIND });
      const found = await findLinkToken(storage.db, presented(projectId, token));
      if (!found?.userId) throw refused;
      // No address is in a link that was not mailed, but printed for an account that has none.
      const { userId, address } = found;
      // Past this line the token is still good: a refused password must not cost it.
      return await withNewPassword({ userId, password, field: 'password' }, (hashed) =>
        storage.transaction(async (tx) => {
          const now = deps.clock();
          // Tokens, contact, password, user: one order for all (ARCHITECTURE.md), so that nobody waits in a circle.
          await holdLinkTokens(tx, userId);
          if (!(await spendLinkToken(tx, presented(projectId, token)))) throw refused;
          const isFirstProof = (await holdContacts(tx, userId)).some(
            (contact) => contact.verifiedAt === null && normalEmail(contact.address) === address,
          );
          // The mail has proved the mailbox, if it still is the user's.
          if (address !== null && !(await markVerified(tx, { userId, address, now }))) throw refused;
          await hashed.save(tx, userId);
          if (address !== null) await settleSuspicion(tx, userId, 'email');
          // Until now it may have been a stranger's account in the owner's name, with a stranger's factors and places.
          if (isFirstProof) {
            await deps.factors.forgetAll(tx, userId);
            await deps.places.forget(tx, userId);
            await notices.forgetDevices(tx, userId);
          }
          // Whatever somebody else may have set going before the owner proved the mailbox dies with this.
          await voidLinkTokens(tx, { kind: KIND, userId, now });
          await voidLinkTokens(tx, { kind: 'email-verification', userId, now });
          const ended = await sessions.endAllOf(tx, userId);
          const actor = { userId, sessionId: null, origin };
          await audit.record(tx, {
            event: 'recovery.completed',
            projectId,
            userId,
            actor,
            details: { sessions_ended: ended },
          });
          await notices.tell(tx, { projectId, userId, what: 'password-changed' });
          return await deps.gate.admit(tx, {
            projectId,
            userId,
            surface,
            occasion: 'recovery',
            factors: ['has'],
            origin,
          });
        }),
      );
    },
    async changePassword(request) {
      const { session, newPassword, together } = request;
      const isFirst = session.passwordChangedAt === null;
      const wanted = { userId: session.userId, password: newPassword, field: 'newPassword' } as const;
      return await withNewPassword(wanted, (hashed) =>
        storage.transaction(async (tx) => {
          await holdLinkTokens(tx, session.userId);
          await together(tx);
          await replace(tx, hashed, { ...request, isFirst });
          return isFirst ? null : await successorOf(tx, request);
        }),
      );
    },
    async changePasswordByMail(request) {
      const { session, newPassword, together } = request;
      const wanted = { userId: session.userId, password: newPassword, field: 'newPassword' } as const;
      return await withNewPassword(wanted, (hashed) =>
        storage.transaction(async (tx) => {
          await holdLinkTokens(tx, session.userId);
          await together(tx);
          await replace(tx, hashed, { ...request, isFirst: false });
          return await successorOf(tx, request);
        }),
      );
    },
    revert: createEmailRevert({ ...deps, newPasswords }),
  };
}

/**
 * Whether the outside is told of a session that another takes the place of by its token. Those of Flux's sessions are
 * nobody's to know: of such a one the outside hears that it has ended, by its id.
 */
function isTold({ surface }: LiveSession): boolean {
  return surface !== 'flux';
}
