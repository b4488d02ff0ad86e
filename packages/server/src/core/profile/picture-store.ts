import { createHash } from 'node:crypto';
import type { Queryable, Transaction } from '../../storage/index.ts';
import type { Picture } from './picture.ts';

export type PictureKind = 'avatar' | 'banner';

/**
 * The name a picture is served under: 32 hexadecimal digits, which change with the bytes, so that it may be cached for
 * ever; `a_` in front of what moves, as Fluxer's clients expect. The owner is in it: two accounts that show the same
 * picture cannot be told to be one person's by it.
 */
export function pictureHash(userId: string, { bytes, isAnimated }: Picture): string {
  const digest = createHash('sha256').update(`${userId}\n`).update(bytes).digest('hex').slice(0, 32);
  return isAnimated ? `a_${digest}` : digest;
}

/** Keeps a picture in place of the one there was. */
export async function savePicture(
  tx: Transaction,
  { userId, kind, hash, picture }: { userId: string; kind: PictureKind; hash: string; picture: Picture },
): Promise<void> {
  const { type, bytes } = picture;
  await tx
    .insertInto('picture')
    .values({ user_id: userId, kind, hash, type, bytes })
    .onConflict((conflict) => conflict.columns(['user_id', 'kind']).doUpdateSet({ hash, type, bytes }))
    .execute();
}

export async function deletePicture(tx: Transaction, userId: string, kind: PictureKind): Promise<void> {
  await tx.deleteFrom('picture').where('user_id', '=', userId).where('kind', '=', kind).execute();
}

/** The picture a user shows now, if it is the one that is named. */
export async function findPicture(
  db: Queryable,
  { userId, kind, hash }: { userId: string; kind: PictureKind; hash: string },
): Promise<Pick<Picture, 'type' | 'bytes'> | null> {
  const row = await db
    .selectFrom('picture')
    .select(['type', 'bytes'])
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return row ?? null;
}
