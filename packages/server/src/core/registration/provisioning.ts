import { type Chance, HOUR } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import { keepingAdministrator, type UserRights } from '../access/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { type Contacts, isLoginName, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { createLinkToken } from '../link-token/index.ts';
import type { NewPassword, PasswordKeeper } from '../sign-in/index.ts';
import type { Snowflakes } from '../user/index.ts';
import { insertAccount } from './account.ts';
import { ownWords } from './registration.ts';

export interface NewUser {
  projectId: string;
  /** At least one of the two; what the account is signed in to by. */
  loginName: string | null;
  email: string | null;
  /** Null for an account whose owner chooses one by a link in a mail, or that is given one later. */
  password: string | null;
  globalName: string | null;
  /** Codes of named roles; the actor must hold all that they grant. */
  roles: readonly string[];
  actor: Actor;
}

/** Accounts that somebody makes for somebody else. */
export interface Provisioning {
  /**
   * Returns the id. To an address goes a mail: to confirm it, or, where there is no password, to choose one. Throws
   * `name-refused`, `name-taken`, `email-taken`, `password-refused`, `grant-exceeds-own`, `not-found` (a role),
   * `username-exhausted`, `overloaded`.
   */
  create(user: NewUser): Promise<string>;
}

interface Dependencies extends Chance {
  storage: Storage;
  outbox: Outbox;
  audit: Auditor;
  contacts: Contacts;
  passwords: PasswordKeeper;
  snowflakes: Snowflakes;
  userRights: UserRights;
}

export function createProvisioning(deps: Dependencies): Provisioning {
  const { storage, audit, passwords } = deps;

  async function refuseEarly({ loginName, email, password, globalName }: NewUser): Promise<void> {
    const isWithoutName = loginName === null && email === null;
    if (isWithoutName || (loginName !== null && !isLoginName(loginName)))
      throw new AuthError('name-refused', { what: 'login-name' });
    if (password === null) return;
    const words = ownWords({ email, username: loginName?.split('@')[0] ?? null, globalName });
    const reason = await passwords.refusal(password, words);
    if (reason) throw new AuthError('password-refused', { reason, field: 'password' });
  }

  async function writeTo(
    tx: Transaction,
    user: { projectId: string; userId: string; email: string; hasPassword: boolean },
  ): Promise<void> {
    const { projectId, userId, email } = user;
    if (user.hasPassword) {
      await deps.contacts.sendVerification(tx, { projectId, userId, address: email });
      return;
    }
    const address = normalEmail(email);
    const link = { kind: 'password-reset', projectId, userId, address, lifeMs: HOUR } as const;
    const token = await createLinkToken(tx, deps, link);
    const mail = { channel: 'mail', to: email, kind: 'password_reset', values: { token } } as const;
    await deps.outbox.add(tx, { ...mail, projectId });
  }

  async function insert(user: NewUser, userId: string, password: NewPassword | null): Promise<void> {
    const { projectId, loginName, email, globalName, roles, actor } = user;
    const write = async (tx: Transaction) => {
      await insertAccount(tx, deps, {
        ...{ userId, projectId, loginName, globalName, password },
        email: email === null ? null : { address: email, verified: false },
        username: null,
        dateOfBirth: null,
      });
      if (roles.length > 0) await deps.userRights.giveRoles(tx, { projectId, userId, roles, actor });
      if (email !== null) await writeTo(tx, { projectId, userId, email, hasPassword: password !== null });
      const details = { roles: roles.join(','), password: password !== null };
      await audit.record(tx, { event: 'user.created', projectId, userId, actor, details });
    };
    // Roles are given in turn with all else that changes them, so that none is deleted while it is.
    await storage.transaction((tx) =>
      roles.length > 0 ? keepingAdministrator(tx, projectId, () => write(tx)) : write(tx),
    );
  }

  return {
    async create(user) {
      await refuseEarly(user);
      const userId = await deps.snowflakes.next();
      if (user.password === null) {
        await insert(user, userId, null);
        return userId;
      }
      const place = passwords.reserve();
      try {
        await insert(user, userId, await place.hash(user.password));
      } finally {
        place.release();
      }
      return userId;
    },
  };
}
