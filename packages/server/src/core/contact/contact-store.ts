import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { normalEmail } from './email-address.ts';

export interface Contact {
  id: string;
  userId: string;
  address: string;
  verifiedAt: number | null;
  isPrimary: boolean;
}

/** Adds a user's first address; false when it is already someone's in the project. */
export async function insertEmail(
  tx: Transaction,
  { clock, random }: Chance,
  email: { projectId: string; userId: string; address: string; verified: boolean },
): Promise<boolean> {
  const now = clock();
  const row = await tx
    .insertInto('contact')
    .values({
      id: newId('con', now, random),
      project_id: email.projectId,
      user_id: email.userId,
      kind: 'email',
      address: email.address,
      address_normal: normalEmail(email.address),
      verified_at: email.verified ? now : null,
      is_primary: 1,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'kind', 'address_normal']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

const COLUMNS = ['id', 'user_id', 'address', 'verified_at', 'is_primary'] as const;

function contactFrom(row: {
  id: string;
  user_id: string;
  address: string;
  verified_at: number | null;
  is_primary: number;
}): Contact {
  return {
    id: row.id,
    userId: row.user_id,
    address: row.address,
    verifiedAt: row.verified_at,
    isPrimary: row.is_primary === 1,
  };
}

const findByAddress = prepared((db, { projectId, normal }: { projectId: string; normal: string }) =>
  db
    .selectFrom('contact')
    .select(COLUMNS)
    .where('project_id', '=', projectId)
    .where('kind', '=', 'email')
    .where('address_normal', '=', normal),
);

/** Whose address it is, in any spelling. */
export async function findContactByAddress(
  db: Queryable,
  projectId: string,
  address: string,
): Promise<Contact | null> {
  const [row] = (await findByAddress(db, { projectId, normal: normalEmail(address) })).rows;
  return row ? contactFrom(row) : null;
}

const listOf = prepared((db, { userId }: { userId: string }) =>
  db
    .selectFrom('contact')
    .select(COLUMNS)
    .where('user_id', '=', userId)
    .where('kind', '=', 'email')
    .orderBy('is_primary', 'desc')
    .orderBy('id'),
);

/** A user's e-mail addresses, the primary one first. */
export async function listContacts(db: Queryable, userId: string): Promise<Contact[]> {
  const { rows } = await listOf(db, { userId });
  return rows.map(contactFrom);
}

/** Marks an address as proved, if it still is this user's. */
export async function markVerified(
  tx: Transaction,
  proved: { userId: string; address: string; now: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('contact')
    .set({ verified_at: proved.now })
    .where('user_id', '=', proved.userId)
    .where('kind', '=', 'email')
    .where('address_normal', '=', normalEmail(proved.address))
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
