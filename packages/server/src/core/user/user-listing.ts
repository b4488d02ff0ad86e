import { sql } from 'kysely';
import type { Database } from '../../storage/index.ts';
import { isSnowflake } from './snowflake.ts';

/** Where a list of users goes on: which of the ways to match, and the last place in that way's index. */
export interface UserCursor {
  by: 'age' | 'address' | 'name';
  key: string | number;
  id: string;
}

interface UserSearch {
  projectId: string;
  /** Beginning of an e-mail address, login name or username in any case, or a whole id; empty for everybody, newest first. */
  query: string;
  after: UserCursor | null;
  limit: number;
}

interface Found {
  id: string;
  key: string | number;
}

/** Ends every prefix range: no character sorts above it. */
const ABOVE_ALL = '\u{10ffff}';

/**
 * Ids of the users that match. Each way to match is one range of an index read in the index's own order, and
 * the ways follow one another, so a page costs the same however many users there are.
 */
export async function listUsers(
  db: Database,
  { projectId, query, after, limit }: UserSearch,
): Promise<{ ids: string[]; next: UserCursor | null }> {
  const text = query.normalize('NFKC').toLowerCase();
  if (text === '') return page('age', await byAge(db, { projectId, after, limit }), limit);
  if (isSnowflake(text) && after === null) {
    const exact = await byId(db, projectId, text);
    if (exact) return { ids: [exact], next: null };
  }
  const search = { projectId, text, limit };
  const found =
    after?.by === 'name'
      ? []
      : await byAddress(db, { ...search, after: after?.by === 'address' ? after : null });
  if (found.length === limit) return page('address', found, limit);
  const named = await byName(db, {
    ...search,
    limit: limit - found.length,
    after: after?.by === 'name' ? after : null,
  });
  const { next } = page('name', named, limit - found.length);
  return { ids: [...found, ...named].map(({ id }) => id), next };
}

function page(
  by: UserCursor['by'],
  found: Found[],
  limit: number,
): { ids: string[]; next: UserCursor | null } {
  const last = found.at(-1);
  return { ids: found.map(({ id }) => id), next: last && found.length === limit ? { by, ...last } : null };
}

async function byId(db: Database, projectId: string, id: string): Promise<string | null> {
  const row = await db
    .selectFrom('user')
    .select('id')
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.id ?? null;
}

async function byAge(
  db: Database,
  { projectId, after, limit }: Pick<UserSearch, 'projectId' | 'after' | 'limit'>,
): Promise<Found[]> {
  let select = db
    .selectFrom('user')
    .select(['id', 'created_at as key'])
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  if (after) {
    const { key, id } = { key: Number(after.key), id: after.id };
    select = select.where(({ or, and, eb }) =>
      or([eb('created_at', '<', key), and([eb('created_at', '=', key), eb('id', '<', id)])]),
    );
  }
  return await select.execute();
}

interface PrefixSearch {
  projectId: string;
  text: string;
  after: UserCursor | null;
  limit: number;
}

/**
 * Addresses and login names are unique together, so the text alone is the place in the index. Whoever matches by both
 * is listed by the address.
 */
async function byAddress(db: Database, { projectId, text, after, limit }: PrefixSearch): Promise<Found[]> {
  let select = db
    .selectFrom('contact')
    .select(['user_id as id', 'address_normal as key'])
    .where('project_id', '=', projectId)
    .where('kind', 'in', [sql.lit('email' as const), sql.lit('login-name' as const)])
    .where('address_normal', '>=', text)
    .where('address_normal', '<', text + ABOVE_ALL)
    .where(({ or, eb, not, exists, selectFrom }) =>
      or([
        eb('kind', '=', 'email'),
        not(
          exists(
            selectFrom('contact as also')
              .select('also.id')
              .whereRef('also.user_id', '=', 'contact.user_id')
              .where('also.kind', '=', 'email')
              .where('also.address_normal', '>=', text)
              .where('also.address_normal', '<', text + ABOVE_ALL),
          ),
        ),
      ]),
    )
    .orderBy('address_normal')
    .limit(limit);
  if (after) select = select.where('address_normal', '>', String(after.key));
  return await select.execute();
}

/** Those found by address already are left out. */
async function byName(db: Database, { projectId, text, after, limit }: PrefixSearch): Promise<Found[]> {
  let select = db
    .selectFrom('profile')
    .select(['user_id as id', 'username_normal as key'])
    .where('project_id', '=', projectId)
    .where('username_normal', '>=', text)
    .where('username_normal', '<', text + ABOVE_ALL)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('contact')
            .select('contact.id')
            .whereRef('contact.user_id', '=', 'profile.user_id')
            .where('contact.kind', '!=', 'phone')
            .where('contact.address_normal', '>=', text)
            .where('contact.address_normal', '<', text + ABOVE_ALL),
        ),
      ),
    )
    .orderBy('username_normal')
    .orderBy('user_id')
    .limit(limit);
  if (after) {
    const { key, id } = { key: String(after.key), id: after.id };
    select = select.where(({ or, and, eb }) =>
      or([eb('username_normal', '>', key), and([eb('username_normal', '=', key), eb('user_id', '>', id)])]),
    );
  }
  return await select.execute();
}
