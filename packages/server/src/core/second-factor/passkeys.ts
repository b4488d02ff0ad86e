import type { Storage, Transaction } from '../../storage/index.ts';
import type { AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import { holdUser } from '../user/index.ts';
import type { FactorChanges } from './factor-changes.ts';
import type { PasskeyCreationOptions, PasskeyKeeper, PasskeyListing } from './passkey-keeper.ts';

/** A person's own passkeys. Whoever calls has asked for a fresh proof where contract 2.6 wants one. */
export interface Passkeys {
  list(userId: string): Promise<PasskeyListing[]>;
  /** The browser's options for a new one; throws `passkey-limit` when there is no room. */
  begin(session: LiveSession, userName?: string): Promise<PasskeyCreationOptions>;
  /**
   * Keeps what the browser made; without a `challenge`, by the one that it says it answers. Throws `passkey-refused` and
   * `passkey-limit`.
   */
  register(asked: {
    session: LiveSession;
    challenge: string | null;
    response: unknown;
    name: string;
    origin: Origin;
    /**
     * Whether it counts as shown in this very session, which then has shown two factors (wires that mark what is owed).
     * Throws `proof-required` where one was owed already.
     */
    marks?: boolean;
  }): Promise<PasskeyListing>;
  /** Throws `not-found` for one that is not theirs. */
  rename(asked: { session: LiveSession; credentialId: string; name: string; origin: Origin }): Promise<void>;
  /** Throws `not-found` for one that is not theirs, and `not-allowed` for the only way into the account. */
  remove(asked: { session: LiveSession; credentialId: string; origin: Origin }): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  audit: Auditor;
  changes: FactorChanges;
  keeper: PasskeyKeeper;
  sessions: Pick<Sessions, 'markMultiFactor'>;
}

/** Contract 4.6. */
const LIMIT = 10;

export function createPasskeys({ storage, audit, changes, keeper, sessions }: Dependencies): Passkeys {
  async function record(
    tx: Transaction,
    { session, origin }: { session: LiveSession; origin: Origin },
    entry: { event: AuditEvent; outcome?: string },
  ): Promise<void> {
    const { projectId, userId, id: sessionId } = session;
    const actor = { userId, sessionId, origin };
    await audit.record(tx, { ...entry, projectId, userId, actor, method: 'passkey' });
  }

  return {
    list: (userId) => keeper.list(storage.db, userId),

    async begin({ projectId, userId, id: sessionId, profile }, userName = profile.username) {
      const passkeys = await keeper.list(storage.db, userId);
      if (passkeys.length >= LIMIT) throw new AuthError('passkey-limit');
      return await keeper.begin(storage.db, { projectId, userId, sessionId, userName });
    },

    async register({ session, challenge, response, name, origin, marks = false }) {
      const { projectId, userId, id: sessionId } = session;
      const judged = await keeper.judge(storage.db, { projectId, userId, sessionId, challenge, response });
      const kept = await storage.transaction(async (tx) => {
        // Two that come at once are counted one after the other.
        const enrolled = await holdUser(tx, userId);
        if (judged.refused === null) {
          if (marks && !session.isMultiFactor && enrolled.length > 0)
            throw new AuthError('proof-required', { methods: enrolled });
          const { length } = await keeper.list(tx, userId);
          if (length >= LIMIT) throw new AuthError('passkey-limit');
        }
        const passkey = judged.refused === null ? await judged.save(tx, name) : null;
        if (passkey === null) {
          const outcome = judged.refused ?? 'taken';
          await record(tx, { session, origin }, { event: 'factor.refused', outcome });
          return null;
        }
        const owner = { projectId, userId, session, origin };
        await changes.record(tx, { what: 'enrolled', methods: ['passkey'], owner });
        if (marks && !session.isMultiFactor)
          await sessions.markMultiFactor(tx, { session, method: 'passkey' });
        return passkey;
      });
      if (kept === null) throw new AuthError('passkey-refused', { isKey: judged.refused === 'key' });
      return kept;
    },

    async rename({ session, credentialId, name, origin }) {
      await storage.transaction(async (tx) => {
        const isTheirs = await keeper.rename(tx, { userId: session.userId, credentialId, name });
        if (!isTheirs) throw new AuthError('not-found', { what: 'passkey' });
        await record(tx, { session, origin }, { event: 'factor.renamed' });
      });
    },

    async remove({ session, credentialId, origin }) {
      const { projectId, userId } = session;
      await storage.transaction(async (tx) => {
        await holdUser(tx, userId);
        // Without a password and an address it is the only way in.
        if (
          session.passwordChangedAt === null &&
          session.email === null &&
          (await keeper.list(tx, userId)).length === 1
        )
          throw new AuthError('not-allowed');
        const isTheirs = await keeper.remove(tx, { userId, credentialId });
        if (!isTheirs) throw new AuthError('not-found', { what: 'passkey' });
        const owner = { projectId, userId, session, origin };
        await changes.record(tx, { what: 'removed', methods: ['passkey'], owner });
      });
    },
  };
}
