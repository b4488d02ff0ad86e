import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findContactByAddress, listContacts, markVerified, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { createLinkToken, findLinkToken, spendLinkToken, voidLinkTokens } from '../link-token/index.ts';
import type { Origin } from '../origin.ts';
import { findProfile } from '../profile/index.ts';
import type { IssuedSession, LiveSession, Sessions, Surface } from '../session/index.ts';
import type { Gate, NewPassword, PasswordKeeper, SignInResult } from '../sign-in/index.ts';
import { findUser } from '../user/index.ts';

export interface Recovery {
  /** Takes note of a request. The same single row is written for known and unknown addresses, so time tells nothing (A09). */
  request(asked: { projectId: string; email: string; origin: Origin }): Promise<void>;
  /** What the outbox does with a noted request: mails the token if the address is somebody's. */
  carryOut(tx: Transaction, asked: { projectId: string; email: string }): Promise<void>;
  /** Whether a reset token would be taken now; changes nothing. */
  isGood(projectId: string, token: string): Promise<boolean>;
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
  changePassword(request: {
    session: LiveSession;
    newPassword: string;
    origin: Origin;
    together(tx: Transaction): Promise<void>;
  }): Promise<IssuedSession | null>;
}

interface Dependencies extends Chance {
  storage: Storage;
  outbox: Outbox;
  counters: Counters;
  audit: Auditor;
  sessions: Sessions;
  gate: Gate;
  passwords: PasswordKeeper;
}

const KIND = 'password-reset';
/** Contract appendix A. */
const LIFE_MS = HOUR;
/** Contract 7.3. */
const BY_EMAIL = { name: 'forgot-email', limit: 5, windowMs: 30 * MINUTE } as const;
const BY_ADDRESS = { name: 'forgot-address', limit: 20, windowMs: 30 * MINUTE } as const;

export function createRecovery(deps: Dependencies): Recovery {
  const { storage, outbox, counters, audit, passwords, sessions } = deps;
  const presented = (projectId: string, text: string) =>
    ({ kind: KIND, projectId, text, now: deps.clock() }) as const;

  /** Refuses what may not be used, then hashes, then does `work` with it; the place in the queue is given back at the end. */
  async function withNewPassword<T>(
    wanted: { userId: string; password: string; field: 'password' | 'newPassword' },
    work: (hashed: NewPassword) => Promise<T>,
  ): Promise<T> {
    const { userId, password, field } = wanted;
    const reason = passwords.refusal(password, await ownWordsOf(userId));
    if (reason) throw new AuthError('password-refused', { reason, field });
    const place = passwords.reserve();
    try {
      return await work(await place.hash(password));
    } finally {
      place.release();
    }
  }

  async function ownWordsOf(userId: string): Promise<string[]> {
    const profile = await findProfile(storage.db, userId);
    const contacts = await listContacts(storage.db, userId);
    const words = [
      profile?.username,
      profile?.globalName,
      ...contacts.map(({ address }) => address.split('@')[0]),
    ];
    return words.filter((word) => word != null);
  }

  return {
    async request({ projectId, email, origin }) {
      await counters.spend([
        { ...BY_EMAIL, key: normalEmail(email) },
        { ...BY_ADDRESS, key: origin.source },
      ]);
      await storage.transaction((tx) =>
        outbox.add(tx, { channel: 'task', to: email, kind: 'recovery', values: { projectId } }),
      );
    },
    async carryOut(tx, { projectId, email }) {
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
        to: contact.address,
        kind: 'password_reset',
        values: { token },
      });
      const actor = { userId: null, sessionId: null, origin: null };
      await audit.record(tx, { event: 'recovery.requested', projectId, userId: user.id, actor });
    },
    async isGood(projectId, token) {
      return (await findLinkToken(storage.db, presented(projectId, token))) !== null;
    },
    async complete({ projectId, surface, token, password, origin }) {
      const refused = new AuthError('invalid-link-token', { kind: KIND });
      const found = await findLinkToken(storage.db, presented(projectId, token));
      if (!found?.userId || found.address === null) throw refused;
      const { userId, address } = found;
      // Past this line the token is still good: a refused password must not cost it.
      return await withNewPassword({ userId, password, field: 'password' }, (hashed) =>
        storage.transaction(async (tx) => {
          const now = deps.clock();
          if (!(await spendLinkToken(tx, presented(projectId, token)))) throw refused;
          // The mail has proved the mailbox, if it still is the user's.
          if (!(await markVerified(tx, { userId, address, now }))) throw refused;
          await hashed.save(tx, userId);
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
          await notify(tx, userId);
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
    async changePassword({ session, newPassword, origin, together }) {
      const { projectId, userId, surface } = session;
      const isFirst = session.passwordChangedAt === null;
      return await withNewPassword({ userId, password: newPassword, field: 'newPassword' }, (hashed) =>
        storage.transaction(async (tx) => {
          await together(tx);
          // The password row is taken before the sessions, here as in a reset, so that the two wait for each other.
          if (isFirst) {
            if (!(await hashed.saveFirst(tx, userId))) throw new AuthError('current-password-missing');
          } else {
            await hashed.save(tx, userId);
            // A session that was ended since it proved the old password, by a reset above all, changes nothing.
            if (!(await sessions.endIn(tx, session))) throw new AuthError('not-signed-in');
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
          await notify(tx, userId);
          return isFirst ? null : await sessions.issue(tx, { projectId, userId, surface, origin });
        }),
      );
    },
  };

  /** A12: the owner hears of it, also when it was not the owner. */
  async function notify(tx: Transaction, userId: string): Promise<void> {
    const primary = (await listContacts(tx, userId)).find((contact) => contact.isPrimary);
    if (primary)
      await outbox.add(tx, { channel: 'mail', to: primary.address, kind: 'password_changed', values: {} });
  }
}
