import { sql } from 'kysely';
import { HOUR } from '../../chance.ts';
import { consumed, type Database, deleteInBatches, type Transaction } from '../../storage/index.ts';

interface NewCode {
  id: string;
  userId: string;
  address: string;
  codeHash: string;
  sentAt: number;
  expiresAt: number;
}

export interface StoredCode {
  codeHash: string | null;
  sentAt: number;
  wrong: number;
}

/**
 * Puts a code in the place of the one before it, whose wrong tries stay counted. Not while the one before is
 * younger than the wait, unless it went to another address, and not once the tries are used up.
 */
export async function putCode(
  tx: Transaction,
  code: NewCode,
  { sentBefore, maxWrong }: { sentBefore: number; maxWrong: number },
): Promise<boolean> {
  const { id, userId, address, codeHash, sentAt, expiresAt } = code;
  const row = await tx
    .insertInto('mailed_code')
    .values({
      id,
      user_id: userId,
      address,
      code_hash: codeHash,
      sent_at: sentAt,
      expires_at: expiresAt,
      wrong: 0,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ address, code_hash: codeHash, sent_at: sentAt, expires_at: expiresAt })
        .where('mailed_code.wrong', '<', maxWrong)
        .where(({ or, eb }) =>
          or([eb('mailed_code.sent_at', '<=', sentBefore), eb('mailed_code.address', '!=', address)]),
        ),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function findCode(tx: Transaction, id: string): Promise<StoredCode | null> {
  const row = await tx
    .selectFrom('mailed_code')
    .select(['code_hash', 'sent_at', 'wrong'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { codeHash: row.code_hash, sentAt: row.sent_at, wrong: row.wrong } : null;
}

/** Counts one wrong try and tells the hash to compare with; null when there is no code to be typed now. */
export async function spendTry(
  tx: Transaction,
  { id, now, maxWrong }: { id: string; now: number; maxWrong: number },
): Promise<string | null> {
  const row = await tx
    .updateTable('mailed_code')
    .set(({ eb }) => ({ wrong: eb('wrong', '+', 1) }))
    .where('id', '=', id)
    .where('code_hash', 'is not', null)
    .where('expires_at', '>', now)
    .where('wrong', '<', maxWrong)
    .returning('code_hash')
    .executeTakeFirst();
  return row?.code_hash ?? null;
}

/** The try was none: the code was right. `spend` makes it the last time that it is. */
export async function settleTry(
  tx: Transaction,
  { id, codeHash, spend }: { id: string; codeHash: string; spend: boolean },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('mailed_code')
      .set(({ eb }) => ({ wrong: eb('wrong', '-', 1), ...(spend && { code_hash: null }) }))
      .where('id', '=', id)
      .where('code_hash', '=', codeHash),
  );
}

/** Long after every ticket of theirs, whose wrong tries must not be forgotten while it lives. */
export async function deleteOldCodes(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'mailed_code', key: 'id', where: sql`expires_at <= ${now - 2 * HOUR}` });
}
