import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { isEmailAddress, normalEmail } from './email-address.ts';

export interface Contact {
  id: string;
  userId: string;
  address: string;
  verifiedAt: number | null;
  isPrimary: boolean;
  /** When a mail server last said that there is no such mailbox. */
  bouncedAt: number | null;
}

/** Adds a user's first address; false when it is already someone's in the project, or a login name. */
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
      bounced_at: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

const COLUMNS = ['id', 'user_id', 'address', 'verified_at', 'is_primary', 'bounced_at'] as const;

function contactFrom(row: {
  id: string;
  user_id: string;
  address: string;
  verified_at: number | null;
  is_primary: number;
  bounced_at: number | null;
}): Contact {
  return {
    id: row.id,
    userId: row.user_id,
    address: row.address,
    verifiedAt: row.verified_at,
    isPrimary: row.is_primary === 1,
    bouncedAt: row.bounced_at,
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

/** Whose address it is, in any case of its letters; nobody's where the text is no address. */
export async function findContactByAddress(
  db: Queryable,
  projectId: string,
  address: string,
): Promise<Contact | null> {
  // Folded, a text that is none may read like somebody's address.
  if (!isEmailAddress(address)) return null;
  const [row] = (await findByAddress(db, { projectId, normal: normalEmail(address) })).rows;
  return row ? contactFrom(row) : null;
}

const listOf = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('contact').select(COLUMNS).where('user_id', '=', userId).where('kind', '=', 'email'),
);

/** There are a few at most: put in order here, they need no sorter in the database. */
function primaryFirst(a: Contact, b: Contact): number {
  return Number(b.isPrimary) - Number(a.isPrimary) || (a.id < b.id ? -1 : 1);
}

/** A user's e-mail addresses, the primary one first. */
export async function listContacts(db: Queryable, userId: string): Promise<Contact[]> {
  const { rows } = await listOf(db, { userId });
  return rows.map(contactFrom).sort(primaryFirst);
}

const holdOf = prepared((db, { userId }: { userId: string }) =>
  db
    .selectFrom('contact')
    .select(COLUMNS)
    .where('user_id', '=', userId)
    .where('kind', '=', 'email')
    .orderBy('id')
    .forUpdate(),
);

/**
 * The same, held until the transaction ends: for a decision that rests on whether an address was proved before. Read
 * without, it may be proved by somebody else while this waits to write that it is.
 */
export async function holdContacts(tx: Transaction, userId: string): Promise<Contact[]> {
  const { rows } = await holdOf(tx, { userId });
  return rows.map(contactFrom).sort(primaryFirst);
}

/** Marks an address as proved, if it still is this user's. */
export async function markVerified(
  tx: Transaction,
  proved: { userId: string; address: string; now: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('contact')
    .set({ verified_at: proved.now, bounced_at: null })
    .where('user_id', '=', proved.userId)
    .where('kind', '=', 'email')
    .where('address_normal', '=', normalEmail(proved.address))
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The address that mail to a user goes to. */
export async function findPrimaryEmail(db: Queryable, userId: string): Promise<Contact | null> {
  return (await listContacts(db, userId)).find((contact) => contact.isPrimary) ?? null;
}

/**
 * Puts another, proved address in the place of a user's primary one, as long as that is `from` (or anything, for
 * null) and the other is nobody else's, and no login name. The row waits for whoever else changes it, so of two at once the later finds another
 * address there than it was to replace.
 */
export async function replacePrimaryEmail(
  tx: Transaction,
  change: { projectId: string; userId: string; from: string | null; to: string; now: number },
): Promise<boolean> {
  const { projectId, userId, from, to, now } = change;
  const normal = normalEmail(to);
  let statement = tx
    .updateTable('contact')
    .set({ address: to, address_normal: normal, verified_at: now, bounced_at: null })
    .where('user_id', '=', userId)
    .where('kind', '=', 'email')
    .where('is_primary', '=', 1)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('contact as other')
            .select('other.id')
            .where('other.project_id', '=', projectId)
            .where('other.kind', 'in', ['email', 'login-name'])
            .where('other.address_normal', '=', normal)
            .where(({ or, eb }) =>
              or([eb('other.user_id', '!=', userId), eb('other.kind', '=', 'login-name')]),
            ),
        ),
      ),
    );
  if (from !== null) statement = statement.where('address_normal', '=', normalEmail(from));
  const row = await statement.returning('id').executeTakeFirst();
  return row !== undefined;
}

/**
 * Takes an address from whoever claims it without ever having proved it, for somebody who has. Returns whose it was.
 */
export async function releaseUnverified(
  tx: Transaction,
  claim: { projectId: string; address: string; exceptUserId: string },
): Promise<string | null> {
  const row = await tx
    .deleteFrom('contact')
    .where('project_id', '=', claim.projectId)
    .where('kind', '=', 'email')
    .where('address_normal', '=', normalEmail(claim.address))
    .where('user_id', '!=', claim.exceptUserId)
    .where('verified_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst();
  return row?.user_id ?? null;
}

/** A mail server has said that there is no such mailbox. Returns whose address it is; null for nobody's, or when it is known. */
export async function markBounced(
  tx: Transaction,
  bounced: { projectId: string; address: string; now: number },
): Promise<string | null> {
  const row = await tx
    .updateTable('contact')
    .set({ bounced_at: bounced.now })
    .where('bounced_at', 'is', null)
    .where('project_id', '=', bounced.projectId)
    .where('kind', '=', 'email')
    .where('address_normal', '=', normalEmail(bounced.address))
    .returning('user_id')
    .executeTakeFirst();
  return row?.user_id ?? null;
}
