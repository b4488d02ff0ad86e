import type { Clock } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';
import { permissionsOfUser, requireMayGrant } from '../access/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { holdLinkTokens, voidLinkTokens } from '../link-token/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Sessions } from '../session/index.ts';
import type { PasswordKeeper } from '../sign-in/index.ts';
import { findUser, holdUser } from '../user/index.ts';
import { createNewPasswords } from './new-password.ts';

export interface GivenPasswords {
  /**
   * A password that an administrator chooses for somebody (Flecto contract A11): every session ends, and the owner is
   * told. Whoever gives it could sign in with it, so they must hold all that the account holds. Throws `not-found`,
   * `password-refused`, `grant-exceeds-own`, `overloaded`.
   */
  give(change: { projectId: string; userId: string; password: string; actor: Actor }): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  audit: Auditor;
  notices: Notices;
  sessions: Sessions;
  passwords: PasswordKeeper;
}

export function createGivenPasswords(deps: Dependencies): GivenPasswords {
  const { storage, audit } = deps;
  const { withNewPassword } = createNewPasswords(deps);

  return {
    async give({ projectId, userId, password, actor }) {
      if (!(await findUser(storage.db, projectId, userId)))
        throw new AuthError('not-found', { what: 'user' });
      await withNewPassword({ userId, password, field: 'password' }, (hashed) =>
        storage.transaction(async (tx) => {
          await holdLinkTokens(tx, userId);
          await deps.passwords.hold(tx, userId);
          await holdUser(tx, userId);
          // Deleted while the password was hashed.
          if (!(await findUser(tx, projectId, userId))) throw new AuthError('not-found', { what: 'user' });
          await requireMayGrant(tx, actor, await permissionsOfUser(tx, userId));
          await hashed.save(tx, userId);
          await voidLinkTokens(tx, { kind: 'password-reset', userId, now: deps.clock() });
          const ended = await deps.sessions.endAllOf(tx, userId);
          const details = { sessions_ended: ended };
          await audit.record(tx, { event: 'password.changed', projectId, userId, actor, details });
          await deps.notices.tell(tx, { projectId, userId, what: 'password-changed' });
        }),
      );
    },
  };
}
