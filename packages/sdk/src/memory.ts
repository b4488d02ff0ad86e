import { createRecent } from './recent.ts';
import type { WireSession, WireUser } from './wire.ts';

/** What was learned of a session from the server, and may be believed while the stream is fresh. */
export interface Known {
  user: WireUser;
  session: WireSession;
  /** Monotonic; after it the server must be asked, so that it knows that the session is in use. */
  askAgainAt: number;
}

export interface Memory {
  /** From here on a gapless stream is heard; what was learned before does not count. */
  begin(): void;
  find(sessionId: string): Known | null;
  /** Keeps an answer to a question asked at `askedAt` (monotonic), unless something happened that it may not know of. */
  keep(answer: { user: WireUser; session: WireSession; askedAt: number }): void;
  isRevoked(sessionId: string): boolean;
  revoke(sessionId: string): void;
  forgetUser(userId: string): void;
  /** Drops all that was learned; nothing counts until `begin`. */
  end(): void;
}

/** Something that nobody else may rely on: a session whose end was heard is refused without a question. */
const REVOKED = 20_000;
/** Beyond these all are asked about once more: rarer than it is worth to know which was used last. */
const MAX_KNOWN = 100_000;
const MAX_CHANGED = 10_000;
/** The longest that any session goes on being answered for without a question. */
const OLDEST_MS = 600_000;
/**
 * A node may answer from what was true half a second ago (it proves its channel every 250 ms and distrusts it at 500), while another has told us of
 * a change already. So answers to questions of the second after a change are used, but not kept.
 */
const SETTLE_MS = 1_000;

export function createMemory(monotonicMs: () => number): Memory {
  const known = new Map<string, Known>();
  const sessionsOf = new Map<string, Set<string>>();
  const revoked = createRecent<true>(REVOKED);
  const changedAt = new Map<string, number>();
  let beganAt = Number.POSITIVE_INFINITY;

  function drop(sessionId: string): void {
    const entry = known.get(sessionId);
    if (!entry) return;
    known.delete(sessionId);
    const others = sessionsOf.get(entry.user.id);
    others?.delete(sessionId);
    if (others?.size === 0) sessionsOf.delete(entry.user.id);
  }

  function dropAll(): void {
    known.clear();
    sessionsOf.clear();
  }

  return {
    begin() {
      dropAll();
      beganAt = monotonicMs();
    },
    end() {
      dropAll();
      beganAt = Number.POSITIVE_INFINITY;
    },
    find(sessionId) {
      const entry = known.get(sessionId);
      return entry && monotonicMs() < entry.askAgainAt ? entry : null;
    },
    keep({ user, session, askedAt }) {
      if (revoked.get(session.id) || askedAt < beganAt + SETTLE_MS) return;
      const changed = changedAt.get(user.id);
      if (changed !== undefined && askedAt < changed + SETTLE_MS) return;
      // Half of what the session has left without a use: a quarter would ask more often, all of it would let it run out.
      const idleMs = Date.parse(session.expires_at) - Date.parse(session.last_active_at);
      if (!(idleMs > 0)) return;
      drop(session.id);
      if (known.size >= MAX_KNOWN) dropAll();
      known.set(session.id, { user, session, askAgainAt: askedAt + Math.min(idleMs / 2, OLDEST_MS) });
      const others = sessionsOf.get(user.id) ?? new Set();
      sessionsOf.set(user.id, others.add(session.id));
    },
    isRevoked: (sessionId) => revoked.get(sessionId) === true,
    revoke(sessionId) {
      drop(sessionId);
      // Whoever falls out here is refused by the server, which is asked about sessions that are not known.
      revoked.set(sessionId, true);
    },
    forgetUser(userId) {
      for (const sessionId of sessionsOf.get(userId) ?? []) drop(sessionId);
      // What falls out must not be what still settles: with so many changes in a second, all is unsettled.
      if (changedAt.size >= MAX_CHANGED) {
        changedAt.clear();
        dropAll();
        beganAt = Math.max(beganAt, monotonicMs());
      }
      changedAt.set(userId, monotonicMs());
    },
  };
}
