import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import type { Queryable, Transaction } from '../../storage/index.ts';

/**
 * Gives a user a proved phone number in place of the one there was; false when it is somebody else's in the
 * project. The caller holds the user's row, so that two at once do not leave a user with two numbers.
 */
export async function replacePhone(
  tx: Transaction,
  { clock, random }: Chance,
  phone: { projectId: string; userId: string; number: string },
): Promise<boolean> {
  const now = clock();
  await deletePhone(tx, phone.userId);
  const row = await tx
    .insertInto('contact')
    .values({
      id: newId('con', now, random),
      project_id: phone.projectId,
      user_id: phone.userId,
      kind: 'phone',
      address: phone.number,
      address_normal: phone.number,
      verified_at: now,
      is_primary: 1,
      bounced_at: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'kind', 'address_normal']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A user's phone number in E.164; only proved ones are kept. */
export async function findPhone(db: Queryable, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('contact')
    .select('address')
    .where('user_id', '=', userId)
    .where('kind', '=', 'phone')
    .where('verified_at', 'is not', null)
    .executeTakeFirst();
  return row?.address ?? null;
}

export async function findPhoneOwner(
  db: Queryable,
  projectId: string,
  number: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('contact')
    .select('user_id')
    .where('project_id', '=', projectId)
    .where('kind', '=', 'phone')
    .where('address_normal', '=', number)
    .executeTakeFirst();
  return row?.user_id ?? null;
}

/** The number that was taken away; null when there was none. */
export async function deletePhone(tx: Transaction, userId: string): Promise<string | null> {
  const row = await tx
    .deleteFrom('contact')
    .where('user_id', '=', userId)
    .where('kind', '=', 'phone')
    .returning('address')
    .executeTakeFirst();
  return row?.address ?? null;
}
