import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import { type Sealer, tokenHash } from '../../crypto/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Place, Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import { keepUser, markSeen } from '../user/index.ts';
import { newCode, normalCode, shownCode } from './code.ts';
import {
  cancelHandoff,
  claimHandoff,
  deleteHandoffs,
  expireResults,
  findHandoff,
  hasExpiredResults,
  insertHandoff,
  keepResult,
  type StoredHandoff,
  takeResult,
} from './handoff-store.ts';

export type HandoffStatus =
  | { status: 'pending' }
  | { status: 'completed'; token: string; userId: string }
  /** Also of a code that is used, cancelled, or was never there. */
  | { status: 'expired' };

/** What somebody who is asked to approve must see first (D13): which device, where, and the code to compare. */
export type HandoffInfo =
  | {
      status: 'pending' | 'completed';
      /** As the app shows it. */
      code: string;
      initiator: Pick<Origin, 'userAgent' | 'isDesktop' | 'address'>;
      place: Place;
      expiresAt: number;
    }
  | { status: 'expired' };

/** A code as somebody sent it, and where from. */
interface Presented {
  code: string;
  origin: Origin;
}

/**
 * Every call that takes a code throws `invalid-handoff-code` for one that has not the form of a code, and
 * `rate-limited` for who has sent too many that were never there.
 */
export interface Handoffs {
  /** A new code for the app that asks, good for five minutes. */
  initiate(asked: { projectId: string; origin: Origin }): Promise<{ code: string; expiresAt: number }>;
  /** For the page of approval, whose person is the user where one is signed in; changes nothing. */
  describe(presented: Presented & { userId?: string | null }): Promise<HandoffInfo>;
  /**
   * The owner of this live session lets the app in: a fresh session, described by where the app is, waits under the
   * code. Throws `invalid-handoff-code`, and `not-signed-in` when the session has just ended. A session of any
   * surface will do, as none of them is made while a factor is owed.
   */
  complete(presented: Presented & { session: LiveSession }): Promise<void>;
  /** Tells the token exactly once. */
  fetch(presented: Presented): Promise<HandoffStatus>;
  /** Ends the code and a session that still waits under it; doing so again changes nothing. */
  cancel(presented: Presented & { userId?: string | null }): Promise<void>;
  /** Ends sessions that were never fetched, and keeps the table small. */
  clean(): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  counters: Counters;
  audit: Auditor;
  places: Places;
  sessions: Sessions;
}

/** Contract 1.15, of code and result together. */
const LIFE_MS = 5 * MINUTE;
/** An app that asks for its old code again is not guessing. */
const KEPT_MS = HOUR;
/** Codes are 1 of 31^8. */
const MAX_TRIES = 5;
const SEALED_FOR = 'handoff';
/**
 * Codes that were never there (D13; the contract's codes are short), by address, and by user where somebody is signed
 * in. All strangers together may try 20,000 in a quarter of an hour: were ten codes waiting at every moment, one
 * would be met in about 120 years. Who is signed in neither uses that up nor is stopped by it.
 */
const BY_ADDRESS = { name: 'handoff-unknown-address', limit: 100, windowMs: 15 * MINUTE } as const;
const BY_USER = { name: 'handoff-unknown-user', limit: 100, windowMs: 15 * MINUTE } as const;
const BY_ALL = { name: 'handoff-unknown', key: 'all', limit: 20_000, windowMs: 15 * MINUTE } as const;

export function createHandoffs(deps: Dependencies): Handoffs {
  const { storage, clock, random, sealer, counters, audit, places, sessions } = deps;
  const unknown = () => new AuthError('invalid-handoff-code', { reason: 'unknown' });

  function hashOf(text: string): { code: string; codeHash: string } {
    const code = normalCode(text);
    if (code === null) throw unknown();
    return { code, codeHash: tokenHash(code) };
  }

  /**
   * What stands under a code. Nothing is told of it before the try is spent; a code that is there gives the try
   * back. Where it began nobody is guessing, and who is signed in guesses in their own name, so that a flood of
   * strangers' guesses keeps neither an app from its own code nor a person from approving it.
   */
  async function look(
    codeHash: string,
    { origin, userId = null }: { origin: Origin; userId?: string | null },
  ): Promise<StoredHandoff | null> {
    const found = await findHandoff(storage.db, codeHash);
    if (found?.origin.network === origin.network) return found;
    const ceiling = userId === null ? BY_ALL : { ...BY_USER, key: userId };
    const spent = await counters.spend([{ ...BY_ADDRESS, key: origin.source }, ceiling]);
    if (found) await spent.giveBack();
    return found;
  }

  async function endUnfetched(): Promise<void> {
    if (!(await hasExpiredResults(storage.db, clock()))) return;
    await storage.transaction(async (tx) => {
      for (const { userId, sessionId } of await expireResults(tx, clock()))
        await sessions.endIn(tx, { userId, id: sessionId });
    });
  }

  /** Null when the session may complete it. */
  function refusalOf(found: StoredHandoff | null, session: LiveSession): 'unknown' | 'expired' | null {
    if (found?.state !== 'pending' || found.projectId !== session.projectId) return 'unknown';
    return clock() < found.expiresAt ? null : 'expired';
  }

  async function refuse(
    reason: 'unknown' | 'expired',
    { session, origin }: { session: LiveSession; origin: Origin },
  ): Promise<never> {
    const { projectId, userId, id } = session;
    const actor = { userId, sessionId: id, origin };
    await storage.transaction(async (tx) => {
      if (!(await keepUser(tx, userId))) throw new AuthError('not-signed-in');
      await audit.record(tx, { event: 'handoff.refused', projectId, userId, actor, outcome: reason });
    });
    throw new AuthError('invalid-handoff-code', { reason });
  }

  return {
    async initiate({ projectId, origin }) {
      await endUnfetched();
      for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
        const at = clock();
        const code = newCode(random);
        const expiresAt = at + LIFE_MS;
        const handoff = { codeHash: tokenHash(code), projectId, origin, at, expiresAt };
        if (await insertHandoff(storage.db, handoff)) return { code: shownCode(code), expiresAt };
      }
      throw new Error('No free hand-off code was found.');
    },
    async describe({ code: text, origin, userId = null }) {
      const { code, codeHash } = hashOf(text);
      const found = await look(codeHash, { origin, userId });
      if (!found || clock() >= found.expiresAt) return { status: 'expired' };
      const { state, origin: initiator, expiresAt } = found;
      if (state !== 'pending' && state !== 'completed') return { status: 'expired' };
      return {
        status: state,
        code: shownCode(code),
        initiator,
        place: places.placeOf(initiator),
        expiresAt,
      };
    },
    async complete({ code, session, origin }) {
      const { codeHash } = hashOf(code);
      const { projectId, userId } = session;
      const found = await look(codeHash, { origin, userId });
      const reason = refusalOf(found, session);
      if (!found || reason) return await refuse(reason ?? 'unknown', { session, origin });
      const initiator = found.origin;
      const isClaimed = await storage.transaction(async (tx) => {
        const now = clock();
        // The user's row first: whoever ends all sessions of a user has written it before. Either that sees the
        // session made here, or this sees that the approving one is gone.
        await markSeen(tx, userId, now);
        if (!(await sessions.isThere(tx, session))) throw new AuthError('not-signed-in');
        // The code before the session (contract appendix D): a used one must not leave a session behind.
        if (!(await claimHandoff(tx, { codeHash, userId, now }))) return false;
        const issued = await sessions.issue(tx, { projectId, userId, surface: 'fluxer', origin: initiator });
        const sealedToken = sealer.seal(SEALED_FOR, issued.token);
        await keepResult(tx, { codeHash, sessionId: issued.id, sealedToken });
        await audit.record(tx, {
          event: 'handoff.completed',
          projectId,
          userId,
          actor: { userId, sessionId: session.id, origin },
          details: { session: issued.id, address: initiator.address },
        });
        return true;
      });
      if (!isClaimed) await refuse('unknown', { session, origin });
    },
    async fetch({ code, origin }) {
      const { codeHash } = hashOf(code);
      const found = await look(codeHash, { origin });
      const now = clock();
      if (!found) return { status: 'expired' };
      if (now >= found.expiresAt) {
        if (found.state === 'completed') await endUnfetched();
        return { status: 'expired' };
      }
      if (found.state === 'pending') return { status: 'pending' };
      const { projectId, userId, sealedToken } = found;
      if (userId === null || sealedToken === null) return { status: 'expired' };
      const isTaken = await storage.transaction(async (tx) => {
        if (!(await takeResult(tx, codeHash, now))) return false;
        const actor = { userId, sessionId: null, origin };
        await audit.record(tx, { event: 'handoff.fetched', projectId, userId, actor });
        return true;
      });
      if (!isTaken) return { status: 'expired' };
      const token = sealer.open(SEALED_FOR, sealedToken);
      // Its user may have ended it while it waited.
      if (!(await sessions.find(token, 'fluxer'))) return { status: 'expired' };
      return { status: 'completed', token, userId };
    },
    async cancel({ code, origin, userId = null }) {
      const { codeHash } = hashOf(code);
      if (!(await look(codeHash, { origin, userId }))) return;
      await storage.transaction(async (tx) => {
        const unfetched = await cancelHandoff(tx, codeHash);
        if (!unfetched) return;
        const { projectId, userId, sessionId } = unfetched;
        await sessions.endIn(tx, { userId, id: sessionId });
        const actor = { userId: null, sessionId: null, origin };
        await audit.record(tx, { event: 'handoff.cancelled', projectId, userId, actor });
      });
    },
    async clean() {
      await endUnfetched();
      await deleteHandoffs(storage.db, clock() - KEPT_MS);
    },
  };
}
