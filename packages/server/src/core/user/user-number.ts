import { sql } from 'kysely';
import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';

const find = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('user_number').select('number').where('user_id', '=', userId),
);

export async function findUserNumber(db: Queryable, userId: string): Promise<number | null> {
  return (await find(db, { userId })).rows[0]?.number ?? null;
}

/** Whose number it is; null also for that of somebody deleted, which nobody else is ever given. */
export async function findUserIdByNumber(
  db: Queryable,
  asked: { projectId: string; number: number },
): Promise<string | null> {
  const row = await db
    .selectFrom('user_number')
    .select('user_id')
    .where('project_id', '=', asked.projectId)
    .where('number', '=', asked.number)
    .executeTakeFirst();
  return row?.user_id ?? null;
}

/** The project's next number, from 1 up; the caller holds the user, so that nobody is given two. */
export async function drawUserNumber(
  tx: Transaction,
  of: { projectId: string; userId: string },
): Promise<number> {
  const { last } = await tx
    .insertInto('user_number_counter')
    .values({ project_id: of.projectId, last: 1 })
    .onConflict((conflict) =>
      conflict.column('project_id').doUpdateSet({ last: sql<number>`user_number_counter.last + 1` }),
    )
    .returning('last')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('user_number')
    .values({ user_id: of.userId, project_id: of.projectId, number: last })
    .execute();
  return last;
}
