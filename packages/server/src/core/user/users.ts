import type { Storage, Transaction } from '../../storage/index.ts';
import { keepingAdministrator, permissionsOfUser, requireMayGrant } from '../access/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Sessions } from '../session/index.ts';
import { type Suspicion, suspicionBits } from './suspicion.ts';
import { drawUserNumber, findUserIdByNumber, findUserNumber } from './user-number.ts';
import {
  findUser,
  holdUser,
  setFactorDemanded,
  setSuspicion,
  setUserStatus,
  type User,
} from './user-store.ts';

/**
 * What an operator does to a user. Who may is asked before, by the surface's declared permission; but nobody does it to
 * somebody who holds what they do not hold themselves: `suspend`, `restore` and `suspect` throw `grant-exceeds-own` then.
 */
export interface Users {
  find(projectId: string, id: string): Promise<User>;
  /**
   * No sign-in, and no live session from the moment it returns on this node and within a second on every other; nothing
   * of the account is lost. Throws `last-administrator`.
   */
  suspend(change: { projectId: string; id: string; reason: string | null; actor: Actor }): Promise<User>;
  restore(change: { projectId: string; id: string; actor: Actor }): Promise<User>;
  /** What the user must do before going on, in place of what was asked before; nothing, for an empty list. Sessions stay. */
  suspect(change: {
    projectId: string;
    id: string;
    flags: readonly Suspicion[];
    actor: Actor;
  }): Promise<void>;
  /**
   * Whether this one user must show a second factor (FX-45), beside what is asked of all; holds at once in the sessions
   * there are. Throws `not-found`.
   */
  demandFactor(change: { projectId: string; id: string; isDemanded: boolean; actor: Actor }): Promise<User>;
  /** The small number a wire without room for our ids calls a user by (Flecto contract A3); drawn when first asked for. */
  numberOf(user: { projectId: string; id: string }): Promise<number>;
  /** The user of that number; null when there is none any more. */
  findByNumber(projectId: string, number: number): Promise<User | null>;
}

interface Dependencies {
  storage: Storage;
  audit: Auditor;
  sessions: Sessions;
}

export function createUsers({ storage, audit, sessions }: Dependencies): Users {
  async function find(projectId: string, id: string): Promise<User> {
    const user = await findUser(storage.db, projectId, id);
    if (!user) throw new AuthError('not-found', { what: 'user' });
    return user;
  }

  /** Shutting out somebody stronger is a way to have less above oneself. */
  async function requireAsStrong(tx: Transaction, actor: Actor, id: string): Promise<void> {
    await requireMayGrant(tx, actor, await permissionsOfUser(tx, id));
  }

  return {
    find,
    async suspend({ projectId, id, reason, actor }) {
      await storage.transaction((tx) =>
        keepingAdministrator(tx, projectId, async () => {
          const changed = await setUserStatus(tx, { projectId, id, status: 'suspended', reason });
          if (!changed) throw new AuthError('not-found', { what: 'user' });
          await requireAsStrong(tx, actor, id);
          const ended = await sessions.endAllOf(tx, id);
          await audit.record(tx, {
            event: 'user.suspended',
            projectId,
            userId: id,
            actor,
            details: { reason, sessions_ended: ended },
          });
        }),
      );
      return await find(projectId, id);
    },
    async restore({ projectId, id, actor }) {
      await storage.transaction(async (tx) => {
        const changed = await setUserStatus(tx, { projectId, id, status: 'active', reason: null });
        if (!changed) throw new AuthError('not-found', { what: 'user' });
        await requireAsStrong(tx, actor, id);
        await audit.record(tx, { event: 'user.restored', projectId, userId: id, actor });
      });
      return await find(projectId, id);
    },
    async numberOf({ projectId, id }) {
      const known = await findUserNumber(storage.db, id);
      if (known !== null) return known;
      return await storage.transaction(async (tx) => {
        await holdUser(tx, id);
        return (await findUserNumber(tx, id)) ?? (await drawUserNumber(tx, { projectId, userId: id }));
      });
    },
    async findByNumber(projectId, number) {
      const id = await findUserIdByNumber(storage.db, { projectId, number });
      return id === null ? null : await findUser(storage.db, projectId, id);
    },
    async demandFactor({ projectId, id, isDemanded, actor }) {
      await storage.transaction(async (tx) => {
        const changed = await setFactorDemanded(tx, { projectId, id, isDemanded });
        if (!changed) throw new AuthError('not-found', { what: 'user' });
        await storage.channel.publish(tx, { topic: 'user', key: id });
        const event = isDemanded ? 'user.factor-demanded' : 'user.factor-not-demanded';
        await audit.record(tx, { event, projectId, userId: id, actor });
      });
      return await find(projectId, id);
    },
    async suspect({ projectId, id, flags, actor }) {
      await storage.transaction(async (tx) => {
        const changed = await setSuspicion(tx, { projectId, id, suspicion: suspicionBits(flags) });
        if (!changed) throw new AuthError('not-found', { what: 'user' });
        await requireAsStrong(tx, actor, id);
        await storage.channel.publish(tx, { topic: 'user', key: id });
        await audit.record(tx, {
          event: 'user.suspected',
          projectId,
          userId: id,
          actor,
          details: { flags: flags.join(',') },
        });
      });
    },
  };
}
