import type { Clock } from '../../chance.ts';
import type { Channel } from '../../storage/channel.ts';
import type { LiveSession } from './session-store.ts';

interface Entry {
  session: LiveSession;
  readAt: number;
}

const MAX_ENTRIES = 20_000;
/** Even a quiet entry is read again after this long. */
const MAX_AGE_MS = 60_000;

export interface SessionCache {
  /** What is known of a token, if the channel proves that nothing has changed. */
  get(tokenHash: string): LiveSession | null;
  /** To be called before the database is read; the result of that read may be kept only with its `keep`. */
  reading(): { keep(session: LiveSession): void };
  close(): void;
}

/**
 * Remembers live sessions of this node. It may only ever shorten the way to yes: entries fall at the first word
 * of a change, and none is believed while the channel that brings that word is not proven (design section 5).
 */
export function createSessionCache(channel: Channel, clock: Clock): SessionCache {
  const entries = new Map<string, Entry>();
  const byUser = new Map<string, Set<string>>();
  let changes = 0;

  function drop(tokenHash: string): void {
    const entry = entries.get(tokenHash);
    if (!entry) return;
    entries.delete(tokenHash);
    const tokens = byUser.get(entry.session.userId);
    tokens?.delete(tokenHash);
    if (tokens?.size === 0) byUser.delete(entry.session.userId);
  }

  const stop = channel.subscribe({
    heard({ topic, key }) {
      changes++;
      if (topic === 'session') drop(key);
      else if (topic === 'user') for (const tokenHash of [...(byUser.get(key) ?? [])]) drop(tokenHash);
    },
    lost() {
      changes++;
      entries.clear();
      byUser.clear();
    },
  });

  return {
    get(tokenHash) {
      if (!channel.isProven()) return null;
      const entry = entries.get(tokenHash);
      if (!entry) return null;
      if (Math.abs(clock() - entry.readAt) > MAX_AGE_MS) {
        drop(tokenHash);
        return null;
      }
      return entry.session;
    },
    reading() {
      const changesBefore = changes;
      return {
        keep(session) {
          // Asked first: the answer may be that something was missed. Whatever changed while the row was on its way
          // makes it the older truth.
          if (!channel.isProven() || changes !== changesBefore) return;
          if (entries.size >= MAX_ENTRIES)
            for (const oldest of entries.keys()) {
              drop(oldest);
              break;
            }
          entries.set(session.tokenHash, { session, readAt: clock() });
          const tokens = byUser.get(session.userId);
          if (tokens) tokens.add(session.tokenHash);
          else byUser.set(session.userId, new Set([session.tokenHash]));
        },
      };
    },
    close: stop,
  };
}
