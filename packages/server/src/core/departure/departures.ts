import { type Clock, HOUR } from '../../chance.ts';
import { forgetDevMail, type Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import { keepingAdministrator, permissionsOfUser, requireMayGrant } from '../access/index.ts';
import { type Actor, type Auditor, forgetPlacesOf } from '../audit/index.ts';
import { findPhone, findPrimaryEmail, holdContacts } from '../contact/index.ts';
import { holdEmailChanges } from '../contact-change/index.ts';
import { AuthError } from '../errors.ts';
import { holdHandoffs } from '../handoff/index.ts';
import { holdLinkTokens } from '../link-token/index.ts';
import type { Origin } from '../origin.ts';
import { holdPasswordChanges } from '../password-change/index.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import type { PasswordKeeper } from '../sign-in/index.ts';
import { closeUser, deleteOverdueUser, deleteUser, holdUser, listOverdueUsers } from '../user/index.ts';

/** The caller has seen a fresh proof of the person. */
interface Leaving {
  session: LiveSession;
  origin: Origin;
}

export interface Departures {
  /**
   * Switches the account off and ends all its sessions; the next sign-in switches it on again. Throws
   * `last-administrator`.
   */
  disable(leaving: Leaving): Promise<void>;
  /** The same, and the account is deleted after the time of grace unless its owner signs in before. */
  leave(leaving: Leaving): Promise<void>;
  /**
   * An administrator who holds all that the account holds deletes it, at once and for good. Throws `not-found`,
   * `last-administrator`, `grant-exceeds-own`.
   */
  remove(wanted: { projectId: string; userId: string; actor: Actor }): Promise<void>;
  /** Deletes every account whose time of grace is over; safe to repeat, and to run on two nodes at once. */
  carryOut(): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  outbox: Outbox;
  audit: Auditor;
  sessions: Sessions;
  passwords: Pick<PasswordKeeper, 'hold'>;
  graceHours: number;
}

export function createDepartures(deps: Dependencies): Departures {
  const { storage, clock, outbox, audit, sessions } = deps;

  async function close(
    { session, origin }: Leaving,
    change: { status: 'disabled'; deleteAt: null } | { status: 'leaving'; deleteAt: number },
  ): Promise<void> {
    const { projectId, userId } = session;
    await storage.transaction((tx) => keepingAdministrator(tx, projectId, () => closeIn(tx)));

    async function closeIn(tx: Transaction): Promise<void> {
      const isOpen = await closeUser(tx, { id: userId, ...change });
      await sessions.hold(tx, userId);
      // A session that was ended since it proved itself, by its owner's reset above all, switches nothing off.
      if (!isOpen || !(await sessions.endIn(tx, session))) throw new AuthError('not-signed-in');
      const ended = 1 + (await sessions.endAllOf(tx, userId));
      if (change.status === 'leaving') await announce(tx, session, change.deleteAt);
      await audit.record(tx, {
        event: change.status === 'leaving' ? 'user.leaving' : 'user.disabled',
        projectId,
        userId,
        actor: { userId, sessionId: session.id, origin },
        details: { sessions_ended: ended },
      });
    }
  }

  async function announce(
    tx: Transaction,
    { projectId, userId }: Pick<LiveSession, 'projectId' | 'userId'>,
    deleteAt: number,
  ): Promise<void> {
    const primary = await findPrimaryEmail(tx, userId);
    if (!primary) return;
    // To the minute, which is as much as a person wants to know: `2026-11-25 12:00 UTC`.
    const date = `${new Date(deleteAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const mail = { channel: 'mail', to: primary.address, kind: 'self_deletion_scheduled' } as const;
    await outbox.add(tx, { ...mail, projectId, values: { date } });
  }

  /** Deletes the account by `remove`, with what names its owner in rows that do not hang on it; false if there is none. */
  async function eraseIn(
    tx: Transaction,
    { id, projectId, actor }: { id: string; projectId: string; actor: Actor },
    remove: () => Promise<boolean>,
  ): Promise<boolean> {
    // They would go with the user's row, and so after it.
    await holdLinkTokens(tx, id);
    await holdEmailChanges(tx, id);
    await holdPasswordChanges(tx, id);
    const contacts = await holdContacts(tx, id);
    await deps.passwords.hold(tx, id);
    const addresses = [...contacts.map(({ address }) => address), await findPhone(tx, id)];
    if (!(await remove())) return false;
    for (const address of addresses) if (address !== null) await forgetDevMail(tx, address);
    await forgetPlacesOf(tx, { projectId, userId: id });
    await storage.channel.publish(tx, { topic: 'user', key: id });
    await audit.record(tx, { event: 'user.deleted', projectId, userId: id, actor });
    return true;
  }

  async function erase({ id, projectId }: { id: string; projectId: string }): Promise<void> {
    const actor = { userId: null, sessionId: null, origin: null };
    await storage.transaction((tx) =>
      // Its owner may have come back since the list was read.
      eraseIn(tx, { id, projectId, actor }, () => deleteOverdueUser(tx, id, clock())),
    );
  }

  return {
    disable: (leaving) => close(leaving, { status: 'disabled', deleteAt: null }),
    leave: (leaving) => close(leaving, { status: 'leaving', deleteAt: clock() + deps.graceHours * HOUR }),
    async remove({ projectId, userId: id, actor }) {
      await storage.transaction((tx) =>
        keepingAdministrator(tx, projectId, async () => {
          const isGone = await eraseIn(tx, { id, projectId, actor }, async () => {
            await holdUser(tx, id);
            await holdHandoffs(tx, id);
            await requireMayGrant(tx, actor, await permissionsOfUser(tx, id));
            // Told while the rows that say which sessions these were are still there.
            await sessions.endAllOf(tx, id);
            return await deleteUser(tx, { projectId, id, now: clock() });
          });
          if (!isGone) throw new AuthError('not-found', { what: 'user' });
        }),
      );
    },
    async carryOut() {
      for (;;) {
        const overdue = await listOverdueUsers(storage.db, clock());
        for (const user of overdue) await erase(user);
        if (overdue.length === 0) return;
      }
    },
  };
}
