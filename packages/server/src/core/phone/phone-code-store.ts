import { sql } from 'kysely';
import { tokenHash } from '../../crypto/index.ts';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';

export interface PhoneCode {
  projectId: string;
  number: string;
  binding: string;
  reference: string;
  expiresAt: number;
}

/** The code that was last sent to a number and is still good, whoever asked for it. */
export async function findPhoneCode(
  db: Queryable,
  to: { projectId: string; number: string; now: number },
): Promise<PhoneCode | null> {
  const row = await db
    .selectFrom('phone_code')
    .select(['binding', 'reference', 'expires_at'])
    .where('project_id', '=', to.projectId)
    .where('number_hash', '=', tokenHash(to.number))
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', to.now)
    .executeTakeFirst();
  if (!row) return null;
  const { projectId, number } = to;
  return { projectId, number, binding: row.binding, reference: row.reference, expiresAt: row.expires_at };
}

/** A number has one code at a time: the newest. */
export async function savePhoneCode(tx: Transaction, code: PhoneCode): Promise<void> {
  const fresh = {
    binding: code.binding,
    reference: code.reference,
    expires_at: code.expiresAt,
    consumed_at: null,
  };
  await tx
    .insertInto('phone_code')
    .values({ project_id: code.projectId, number_hash: tokenHash(code.number), ...fresh })
    .onConflict((conflict) => conflict.columns(['project_id', 'number_hash']).doUpdateSet(fresh))
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendPhoneCode(tx: Transaction, code: PhoneCode, now: number): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('phone_code')
      .set({ consumed_at: now })
      .where('project_id', '=', code.projectId)
      .where('number_hash', '=', tokenHash(code.number))
      .where('binding', '=', code.binding)
      .where('reference', '=', code.reference)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredPhoneCodes(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'phone_code', key: 'number_hash', where: sql`expires_at <= ${now}` });
}
