import type { Chance } from '../../chance.ts';
import { newId, randomBase62, secretWithChecksum, tokenHash } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Events } from '../events/index.ts';
import { createLastUse } from '../last-use.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../surface.ts';
import { createAnnouncements } from './announcements.ts';
import { findLiveSessionById, type LiveSession, lookFrom } from './live-session-store.ts';
import { createProjectEndings, type ProjectEndings } from './project-endings.ts';
import {
  deleteSessions,
  hasSession,
  holdSessions,
  insertSession,
  listSessionsOf,
  replaceToken,
  type SessionListing,
  saveMultiFactor,
  sessionExists,
} from './session-store.ts';

/** How long a session of a surface lives; judged at every use, so that a tightened policy holds at once. */
interface SessionLife {
  /** Since the last use. */
  idleMs: number;
  /** Since it was made; null for no such end. */
  absoluteMs: number | null;
}

export interface IssuedSession {
  id: string;
  /** The only time the token is told. */
  token: string;
  tokenHash: string;
  userId: string;
  /** As of the `LiveSession`. */
  upstreamRoles: readonly string[] | null;
}

export type Renewal =
  | { state: 'renewed'; session: LiveSession; token: string }
  /** Not there, over, or of an account that is not open. */
  | { state: 'ended' }
  /** Ended just now, because a former token of it was shown. */
  | { state: 'reused' };

export interface Sessions extends ProjectEndings {
  /**
   * Only the gate calls this, and what the architecture test names. `replaces` is the token hash of the session that
   * the same transaction ended for it.
   */
  issue(
    tx: Transaction,
    session: {
      projectId: string;
      userId: string;
      surface: Surface;
      origin: Origin;
      replaces?: string;
      upstreamRoles?: readonly string[] | null;
      /** What was shown, first to last; nothing where the gate was not asked. */
      methods?: readonly string[];
      isMultiFactor?: boolean;
    },
  ): Promise<IssuedSession>;
  /** The live session of a token that was made for this surface, and its user; null for anything else. */
  find(token: string, surface: Surface): Promise<LiveSession | null>;
  /** The same by the session's id, for a token of the wire's own that names it; the caller has checked that token. */
  findById(id: string, surface: Surface): Promise<LiveSession | null>;
  /**
   * Spends a session's present token and hands out its next one, in one conditional statement. Any other token of a
   * live session was copied, or spent twice: nobody can say whose side is the owner's, so the session ends. One of
   * somebody else than `userId` is as good as none.
   */
  renew(asked: {
    id: string;
    userId: string;
    surface: Surface;
    token: string;
    origin: Origin;
  }): Promise<Renewal>;
  /** A new token for the same session, sensitive acts allowed until then; the old token is dead. */
  elevate(tx: Transaction, session: LiveSession, until: number): Promise<IssuedSession>;
  /**
   * Notes that a second factor was shown in this very session, in the transaction that spends the proof; all nodes and
   * everybody who listens hear of it. Throws `not-signed-in` when it has ended meanwhile.
   */
  markMultiFactor(
    tx: Transaction,
    shown: { session: Pick<LiveSession, 'id' | 'userId'>; method: string },
  ): Promise<void>;
  list(userId: string): Promise<SessionListing[]>;
  /** When a session that is used now will end if it is not used again. */
  endsAt(session: LiveSession): Promise<number>;
  /** Whether a session that opens nothing is past its time, rather than ended by somebody. */
  hasRunOut(id: string): Promise<boolean>;
  /** Ends the one session a token belongs to. */
  end(session: LiveSession, actor: Actor): Promise<void>;
  /** Ends those of a user's sessions that are named; unknown and foreign ones are passed over. Returns how many. */
  endNamed(named: {
    projectId: string;
    userId: string;
    tokenHashes?: readonly string[];
    ids?: readonly string[];
    actor: Actor;
  }): Promise<number>;
  /**
   * Ends one session in the caller's transaction; false when it has ended meanwhile. Only `issue` tells the outside
   * of one that is replaced: who hears of its end first would hang up on its owner.
   */
  endIn(
    tx: Transaction,
    session: Pick<LiveSession, 'id' | 'userId'>,
    why?: 'ended' | 'replaced',
  ): Promise<boolean>;
  /** Whether a session that was found before has not been ended since; for decisions that rest on it. */
  isThere(tx: Transaction, session: Pick<LiveSession, 'id' | 'userId'>): Promise<boolean>;
  /** Ends all of a user's sessions but this one. */
  endOthers(session: LiveSession, actor: Actor): Promise<void>;
  /** Takes all of a user's sessions, for whoever ends one of them before the others: everybody takes them by id. */
  hold(tx: Transaction, userId: string): Promise<void>;
  /** Ends all of a user's sessions, in the caller's transaction. */
  endAllOf(tx: Transaction, userId: string): Promise<number>;
  /** Writes the last uses that are noted and not yet written. */
  flush(): Promise<void>;
  /** Writes what is still unwritten and lets go of everything. */
  close(): Promise<void>;
}

/** What tells when a session ends. */
type Aging = Pick<LiveSession, 'surface' | 'projectId' | 'createdAt' | 'lastUsedAt'>;

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  events: Events;
  lives: Record<Exclude<Surface, 'flux'>, SessionLife>;
  /** Of Flux's sessions, which each project sets for itself. */
  fluxLifeOf(projectId: string): Promise<SessionLife>;
  onBackgroundError(error: unknown): void;
}

/** Contract 6.2: `flx_` and 36 characters of base62, about 214 bits. */
const FLUXER_TOKEN_LENGTH = 36;
/**
 * About 256 bits; stands as `jti` in a refresh token of Flecto's that is signed besides. Of Flux's sessions nobody is
 * told it: their tokens name the session.
 */
const HIDDEN_TOKEN_LENGTH = 43;

export function createSessions(deps: Dependencies): Sessions {
  const { storage, audit, events, clock, random, lives, fluxLifeOf } = deps;
  const cache = createRowCache<LiveSession>({
    channel: storage.channel,
    clock,
    topic: 'session',
    keyOf: ({ tokenHash: hash }) => hash,
    aliasOf: ({ id }) => id,
    owner: { topic: 'user', keyOf: ({ userId }) => userId },
  });
  const { forget, tell, announce } = createAnnouncements({ storage, events });
  const lookFor = lookFrom(storage);
  const lastUse = createLastUse({ storage, table: 'session', onError: deps.onBackgroundError });

  function newToken(surface: Surface): string {
    switch (surface) {
      case 'fluxer':
        return `flx_${randomBase62(random, FLUXER_TOKEN_LENGTH)}`;
      case 'flecto':
      case 'flux':
        return randomBase62(random, HIDDEN_TOKEN_LENGTH);
      case 'pages':
        return secretWithChecksum('fluxgate_session_', random);
    }
  }

  /** When a session ends if it is not used again. */
  async function endOf(session: Aging): Promise<number> {
    const { surface, projectId } = session;
    const { idleMs, absoluteMs } = surface === 'flux' ? await fluxLifeOf(projectId) : lives[surface];
    const idleEnd = session.lastUsedAt + idleMs;
    return absoluteMs === null ? idleEnd : Math.min(idleEnd, session.createdAt + absoluteMs);
  }

  async function isLive(session: Aging, now: number): Promise<boolean> {
    return now < (await endOf(session));
  }

  async function remember(look: () => Promise<LiveSession | null>): Promise<LiveSession | null> {
    const reading = cache.reading();
    const session = await look();
    if (session) reading.keep(session);
    return session;
  }

  async function isOpen(session: LiveSession, surface: Surface, now: number): Promise<boolean> {
    return session.surface === surface && session.userStatus === 'active' && (await isLive(session, now));
  }

  /** A live session, from what is remembered or else from its row, and its use noted. */
  async function findIn(
    known: LiveSession | null,
    surface: Surface,
    look: () => Promise<LiveSession | null>,
  ): Promise<LiveSession | null> {
    const now = clock();
    let session = known ?? (await remember(look));
    // Another node may have noted a later use than the one remembered here.
    if (session && !(await isLive(session, now))) session = await remember(look);
    if (!session || !(await isOpen(session, surface, now))) return null;
    lastUse.note(session, now);
    return session;
  }

  return {
    async issue(tx, session) {
      const { projectId, userId, surface, origin, replaces, upstreamRoles = null } = session;
      const { methods = [], isMultiFactor = false } = session;
      const now = clock();
      const token = newToken(surface);
      const id = newId('sess', now, random);
      const issued = { id, token, tokenHash: tokenHash(token), userId, upstreamRoles };
      await insertSession(tx, { ...issued, projectId, surface, at: now, origin, methods, isMultiFactor });
      // Only Fluxer's wire can tell a client of its new token; to all others the old one has merely ended.
      if (replaces !== undefined && surface === 'fluxer') {
        const { tokenHash: newHash } = issued;
        await events.sessionReplaced(tx, { projectId, userId, oldHash: replaces, newHash, newToken: token });
      } else if (replaces !== undefined)
        await events.sessionsEnded(tx, { projectId, userId, tokenHashes: [replaces], sessionIds: [] });
      return issued;
    },
    async find(token, surface) {
      const hash = tokenHash(token);
      return await findIn(cache.get(hash), surface, () => lookFor(hash));
    },
    async findById(id, surface) {
      return await findIn(cache.getByAlias(id), surface, () => findLiveSessionById(storage.db, id));
    },
    async renew({ id, userId, surface, token, origin }) {
      const now = clock();
      const session = await findLiveSessionById(storage.db, id);
      if (session?.userId !== userId || !(await isOpen(session, surface, now))) return { state: 'ended' };
      const { projectId, elevatedUntil } = session;
      const next = newToken(surface);
      const [from, to] = [tokenHash(token), tokenHash(next)];
      return await storage.transaction(async (tx): Promise<Renewal> => {
        if (await replaceToken(tx, { id, from, tokenHash: to, elevatedUntil, now })) {
          await forget(tx, [{ token_hash: from }]);
          return { state: 'renewed', session: { ...session, tokenHash: to, lastUsedAt: now }, token: next };
        }
        const ended = await deleteSessions(tx, { userId, ids: [id] });
        if (ended.length === 0) return { state: 'ended' };
        await announce(tx, userId, ended);
        const actor = { userId: null, sessionId: id, origin };
        await audit.record(tx, { event: 'session.reused', projectId, userId, actor });
        return { state: 'reused' };
      });
    },
    async elevate(tx, session, until) {
      const token = newToken(session.surface);
      const hash = tokenHash(token);
      const replaced = await replaceToken(tx, {
        id: session.id,
        from: session.tokenHash,
        tokenHash: hash,
        elevatedUntil: until,
        now: clock(),
      });
      if (!replaced) throw new AuthError('not-signed-in');
      const { id, projectId, userId, upstreamRoles, tokenHash: former } = session;
      await events.sessionsEnded(tx, { projectId, userId, tokenHashes: [former], sessionIds: [] });
      await forget(tx, [{ token_hash: former }]);
      return { id, token, tokenHash: hash, userId, upstreamRoles };
    },
    async markMultiFactor(tx, { session: { id, userId }, method }) {
      if (!(await saveMultiFactor(tx, { id, userId, method }))) throw new AuthError('not-signed-in');
      await storage.channel.publish(tx, { topic: 'user', key: userId });
    },
    async list(userId) {
      const now = clock();
      const stored = await listSessionsOf(storage.db, userId);
      const listed = await Promise.all(
        stored.map(async (session) => ({ ...session, expiresAt: await endOf(session) })),
      );
      return listed.filter(({ expiresAt }) => now < expiresAt);
    },
    endsAt: (session) => endOf({ ...session, lastUsedAt: clock() }),
    hasRunOut: (id) => sessionExists(storage.db, id),
    async end(session, actor) {
      await storage.transaction(async (tx) => {
        const ended = await deleteSessions(tx, { userId: session.userId, ids: [session.id] });
        if (ended.length === 0) return;
        await announce(tx, session.userId, ended);
        await audit.record(tx, {
          event: 'session.ended',
          projectId: session.projectId,
          userId: session.userId,
          actor,
          details: { count: 1 },
        });
      });
    },
    async endNamed({ projectId, userId, tokenHashes, ids, actor }) {
      return await storage.transaction(async (tx) => {
        const ended = await deleteSessions(tx, {
          userId,
          ...(tokenHashes && { tokenHashes }),
          ...(ids && { ids }),
        });
        if (ended.length === 0) return 0;
        await audit.record(tx, {
          event: 'session.ended',
          projectId,
          userId,
          actor,
          details: { count: ended.length },
        });
        return await announce(tx, userId, ended);
      });
    },
    ...createProjectEndings({ storage, clock, audit, announce }),
    async endIn(tx, { userId, id }, why = 'ended') {
      const ended = await deleteSessions(tx, { userId, ids: [id] });
      return (why === 'ended' ? await announce(tx, userId, ended) : await forget(tx, ended)) > 0;
    },
    isThere: hasSession,
    hold: (tx, userId) => holdSessions(tx, [userId]),
    async endOthers({ id, userId, projectId }, actor) {
      await storage.transaction(async (tx) => {
        const ended = await deleteSessions(tx, { userId, except: id });
        await announce(tx, userId, ended);
        await audit.record(tx, {
          event: 'session.ended',
          projectId,
          userId,
          actor,
          details: { count: ended.length },
        });
      });
    },
    async endAllOf(tx, userId) {
      const ended = await deleteSessions(tx, { userId });
      await tell(tx, userId, ended);
      // One word for all of them; the user's other facts may have changed with it.
      await storage.channel.publish(tx, { topic: 'user', key: userId });
      return ended.length;
    },
    flush: () => lastUse.flush(),
    async close() {
      cache.close();
      await lastUse.flush().catch(deps.onBackgroundError);
    },
  };
}
