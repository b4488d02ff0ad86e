import { type Chance, DAY, HOUR } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';
import { administratorsExist, grantAdministration } from '../access/index.ts';
import type { Auditor } from '../audit/index.ts';
import { normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { claimSetUp } from '../instance/index.ts';
import { createLinkToken, findLinkToken, spendLinkToken, voidLinkTokens } from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { Gate, PasswordKeeper, SignInResult } from '../sign-in/index.ts';
import type { Snowflakes } from '../user/index.ts';
import { insertAccount } from './account.ts';
import { ownWords } from './registration.ts';

/** How the first administrator, and any account the operator makes, comes to be: by one-time link, never by a default password. */
export interface Setup {
  /** A fresh one-time secret while the project has no administrator, and the older ones die; null afterwards. */
  issueLink(projectId: string): Promise<string | null>;
  isGood(projectId: string, token: string): Promise<boolean>;
  /** Spends the secret, makes the administrator and signs them in. Throws `invalid-link-token`, `password-refused`, `email-taken`. */
  complete(request: {
    projectId: string;
    surface: Surface;
    token: string;
    email: string;
    password: string;
    globalName: string | null;
    origin: Origin;
  }): Promise<SignInResult>;
  /** An account made at the command line, without a password; the returned secret lets its owner choose one. */
  createUser(request: {
    projectId: string;
    /** One of the two at least. */
    email: string | null;
    loginName: string | null;
    isAdministrator: boolean;
  }): Promise<{ userId: string; resetToken: string }>;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  gate: Gate;
  passwords: PasswordKeeper;
  places: Places;
  snowflakes: Snowflakes;
}

const KIND = 'setup';
const LIFE_MS = DAY;

export function createSetup(deps: Dependencies): Setup {
  const { storage, passwords, audit } = deps;
  const nobody = { userId: null, sessionId: null, origin: null };

  return {
    async issueLink(projectId) {
      return await storage.transaction(async (tx) => {
        if (await administratorsExist(tx, projectId)) return null;
        await voidLinkTokens(tx, { kind: KIND, userId: null, now: deps.clock() });
        return await createLinkToken(tx, deps, {
          kind: KIND,
          projectId,
          userId: null,
          address: null,
          lifeMs: LIFE_MS,
        });
      });
    },
    async isGood(projectId, token) {
      const found = await findLinkToken(storage.db, {
        kind: KIND,
        projectId,
        text: token,
        now: deps.clock(),
      });
      return found !== null && !(await administratorsExist(storage.db, projectId));
    },
    async complete({ projectId, surface, token, email, password, globalName, origin }) {
      const presented = { kind: KIND, projectId, text: token, now: deps.clock() } as const;
      if (!(await findLinkToken(storage.db, presented)))
        throw new AuthError('invalid-link-token', { kind: KIND });
      const reason = await passwords.refusal(password, ownWords({ email, username: null, globalName }));
      if (reason) throw new AuthError('password-refused', { reason, field: 'password' });
      const place = passwords.reserve();
      try {
        const hashed = await place.hash(password);
        const userId = await deps.snowflakes.next();
        return await storage.transaction(async (tx) => {
          if (!(await spendLinkToken(tx, presented)))
            throw new AuthError('invalid-link-token', { kind: KIND });
          if ((await administratorsExist(tx, projectId)) || !(await claimSetUp(tx, deps.clock()))) {
            throw new AuthError('already-set-up');
          }
          await insertAccount(tx, deps, {
            userId,
            projectId,
            // Whoever holds the printed link runs the server; there is nobody else to ask about this address.
            email: { address: email, verified: true },
            username: null,
            globalName,
            dateOfBirth: null,
            password: hashed,
          });
          await deps.places.authorise(tx, userId, origin);
          await grantAdministration(tx, { projectId, userId, now: deps.clock() });
          await audit.record(tx, {
            event: 'instance.set-up',
            projectId,
            userId,
            actor: { userId, sessionId: null, origin },
          });
          return await deps.gate.admit(tx, {
            projectId,
            userId,
            surface,
            occasion: 'set-up',
            factors: ['knows'],
            origin,
          });
        });
      } finally {
        place.release();
      }
    },
    async createUser({ projectId, email, loginName, isAdministrator }) {
      const userId = await deps.snowflakes.next();
      const resetToken = await storage.transaction(async (tx) => {
        await insertAccount(tx, deps, {
          userId,
          projectId,
          email: email === null ? null : { address: email, verified: false },
          loginName,
          username: null,
          globalName: null,
          dateOfBirth: null,
          password: null,
        });
        if (isAdministrator) await grantAdministration(tx, { projectId, userId, now: deps.clock() });
        await audit.record(tx, {
          event: 'user.created',
          projectId,
          userId,
          actor: nobody,
          details: { administrator: isAdministrator },
        });
        return await createLinkToken(tx, deps, {
          kind: 'password-reset',
          projectId,
          userId,
          address: email === null ? null : normalEmail(email),
          lifeMs: HOUR,
        });
      });
      return { userId, resetToken };
    },
  };
}
