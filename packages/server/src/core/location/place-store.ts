import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';

interface PlaceRow {
  key: string;
  label: string | null;
  createdAt: number;
  lastUsedAt: number;
}

const findEither = prepared(
  (db, { userId, key, network }: { userId: string; key: string; network: string }) =>
    db
      .selectFrom('authorised_place')
      .select('place_key')
      .where('user_id', '=', userId)
      .where('place_key', 'in', [key, network])
      .limit(1),
);

/** Whether a place is authorised under either of its keys; one look at the primary key. */
export async function hasPlace(
  db: Queryable,
  place: { userId: string; key: string; network: string },
): Promise<boolean> {
  return (await findEither(db, place)).rows.length > 0;
}

/** Adds the place; one that is there already was used again. */
export async function savePlace(
  tx: Transaction,
  place: { userId: string; key: string; label: string | null; at: number },
): Promise<void> {
  await tx
    .insertInto('authorised_place')
    .values({
      user_id: place.userId,
      place_key: place.key,
      label: place.label,
      created_at: place.at,
      last_used_at: place.at,
    })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'place_key']).doUpdateSet({ label: place.label, last_used_at: place.at }),
    )
    .execute();
}

/** A user's places, newest use first. */
export async function listPlaces(db: Queryable, userId: string): Promise<PlaceRow[]> {
  const rows = await db
    .selectFrom('authorised_place')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .orderBy('place_key')
    .limit(1_000)
    .execute();
  return rows.map((row) => ({
    key: row.place_key,
    label: row.label,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

/** Returns how many there were. */
export async function deletePlaces(tx: Transaction, userId: string, key?: string): Promise<number> {
  let statement = tx.deleteFrom('authorised_place').where('user_id', '=', userId);
  if (key !== undefined) statement = statement.where('place_key', '=', key);
  const { numDeletedRows } = await statement.executeTakeFirst();
  return Number(numDeletedRows);
}
