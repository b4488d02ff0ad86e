import { sql } from 'kysely';
import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { normalEmail } from './email-address.ts';

/** Gives a user a login name; false when it is somebody's login name or e-mail address already, in any case. */
export async function insertLoginName(
  tx: Transaction,
  { clock, random }: Chance,
  wanted: { projectId: string; userId: string; loginName: string },
): Promise<boolean> {
  const now = clock();
  const row = await tx
    .insertInto('contact')
    .values({
      id: newId('con', now, random),
      project_id: wanted.projectId,
      user_id: wanted.userId,
      kind: 'login-name',
      address: wanted.loginName,
      address_normal: normalEmail(wanted.loginName),
      verified_at: null,
      is_primary: 0,
      bounced_at: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

const nameOf = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('contact').select('address').where('user_id', '=', userId).where('kind', '=', 'login-name'),
);

/** Null for whoever has none. */
export async function findLoginName(db: Queryable, userId: string): Promise<string | null> {
  const [row] = (await nameOf(db, { userId })).rows;
  return row?.address ?? null;
}

const findBy = prepared((db, { projectId, normal }: { projectId: string; normal: string }) =>
  db
    .selectFrom('contact')
    .select('user_id')
    .where('project_id', '=', projectId)
    .where('address_normal', '=', normal)
    // Written out, so that the planner sees that the index of identifiers will do.
    .where('kind', 'in', [sql.lit('email' as const), sql.lit('login-name' as const)]),
);

/** Whose login name or e-mail address, proved or not, this is in any spelling; null for nobody's. */
export async function findUserByIdentifier(
  db: Queryable,
  projectId: string,
  identifier: string,
): Promise<string | null> {
  const [row] = (await findBy(db, { projectId, normal: normalEmail(identifier) })).rows;
  return row?.user_id ?? null;
}
