import type { Clock } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import type { Surface } from '../surface.ts';
import { listUsers, type UserCursor } from '../user/index.ts';
import { deleteSessionIn, deleteSessionsMadeBy } from './project-session-store.ts';
import type { Ended } from './session-store.ts';

/** What an administrator, or an app's server, ends in a project. */
export interface ProjectEndings {
  /**
   * Ends one session of a project, whoever's it is, in its time or not: one that has run out would be back with a longer
   * life. Of one surface where that is named. False when there is none.
   */
  endInProject(named: { projectId: string; id: string; surface?: Surface; actor: Actor }): Promise<boolean>;
  /** Ends what all users of a project have now, some hundred users at a time. Returns how many sessions. */
  endAllInProject(of: { projectId: string; actor: Actor }): Promise<number>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  audit: Auditor;
  announce(tx: Transaction, userId: string, ended: readonly Ended[]): Promise<number>;
}

/** One transaction's worth, when everybody is signed out. */
const USERS_AT_ONCE = 200;

export function createProjectEndings({ storage, clock, audit, announce }: Dependencies): ProjectEndings {
  return {
    async endInProject({ projectId, id, surface, actor }) {
      return await storage.transaction(async (tx) => {
        const ended = await deleteSessionIn(tx, { projectId, id, surface });
        if (!ended) return false;
        const userId = ended.user_id;
        const details = { count: await announce(tx, userId, [ended]) };
        await audit.record(tx, { event: 'session.ended', projectId, userId, actor, details });
        return true;
      });
    },
    async endAllInProject({ projectId, actor }) {
      const at = clock();
      let [count, after]: [number, UserCursor | null] = [0, null];
      do {
        const page = await listUsers(storage.db, { projectId, query: '', after, limit: USERS_AT_ONCE });
        count += await storage.transaction(async (tx) => {
          const ended = await deleteSessionsMadeBy(tx, { userIds: page.ids, at });
          for (const [userId, theirs] of Map.groupBy(ended, ({ user_id }) => user_id))
            await announce(tx, userId, theirs);
          if (ended.length === 0) return 0;
          const details = { count: ended.length, of: 'project' };
          await audit.record(tx, { event: 'session.ended', projectId, userId: null, actor, details });
          return ended.length;
        });
        after = page.next;
      } while (after);
      return count;
    },
  };
}
