import type { Storage } from '../../storage/index.ts';
import { permissionsOfUser, requireMayGrant } from '../access/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Notices } from '../notice/index.ts';
import type { Sessions } from '../session/index.ts';
import { type Factors, SECOND_FACTORS } from '../sign-in/index.ts';
import { findUser, holdUser } from '../user/index.ts';

/** What an operator does for somebody who has lost every second factor. Who may is asked before. */
export interface FactorRemoval {
  /**
   * Takes away all second factors and recovery codes; every session ends and the owner is told. The password and the
   * phone number stay. Who takes them away from somebody stronger is half-way to being them, so the actor must hold all
   * that the account holds. Throws `not-found`, `grant-exceeds-own`; without any factor nothing changes.
   */
  removeAll(asked: { projectId: string; userId: string; actor: Actor }): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  audit: Auditor;
  notices: Notices;
  factors: Factors;
  sessions: Sessions;
}

export function createFactorRemoval(deps: Dependencies): FactorRemoval {
  const { storage, audit, notices, factors, sessions } = deps;
  return {
    async removeAll({ projectId, userId, actor }) {
      await storage.transaction(async (tx) => {
        if (!(await findUser(tx, projectId, userId))) throw new AuthError('not-found', { what: 'user' });
        const enrolled = await holdUser(tx, userId);
        await requireMayGrant(tx, actor, await permissionsOfUser(tx, userId));
        if (enrolled.length === 0) return;
        await factors.forget(tx, userId, [...SECOND_FACTORS, 'recovery-code']);
        await factors.refresh(tx, userId);
        const ended = await sessions.endAllOf(tx, userId);
        const details = { sessions_ended: ended };
        for (const method of enrolled)
          await audit.record(tx, { event: 'factor.removed', projectId, userId, actor, method, details });
        await notices.tell(tx, { projectId, userId, what: 'factor-removed' });
      });
    },
  };
}
