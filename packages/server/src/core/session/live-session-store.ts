import { sql } from 'kysely';
import { inOneLook, prepared, type Storage } from '../../storage/index.ts';
import { findLiveSession, type LiveSession, liveSessionFrom, selectLive } from './session-store.ts';

/** A list in one text: no hash has a comma in it. */
const findMany = prepared((db, { tokenHashes }: { tokenHashes: string }) =>
  selectLive(db).where('session.token_hash', '=', sql<string>`any(string_to_array(${tokenHashes}, ','))`),
);

/**
 * Finds sessions by the hash of their token. SQLite answers within the process, and at once; PostgreSQL is asked for all
 * that wait together (`docs/decisions/2026-11-22-sessions-in-one-look.md`).
 */
export function lookFrom({ db, dialect }: Storage): (tokenHash: string) => Promise<LiveSession | null> {
  if (dialect === 'sqlite') return (tokenHash) => findLiveSession(db, tokenHash);
  return inOneLook(
    ({ tokenHash }) => tokenHash,
    async (tokenHashes) => {
      const [first, ...others] = tokenHashes;
      if (first !== undefined && others.length === 0) {
        const found = await findLiveSession(db, first);
        return found ? [found] : [];
      }
      const { rows } = await findMany(db, { tokenHashes: tokenHashes.join(',') });
      return rows.map(liveSessionFrom);
    },
  );
}
