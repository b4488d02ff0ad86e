import type { Selectable } from 'kysely';
import { consumed, type Queryable, type Tables, type Transaction } from '../../storage/index.ts';

export interface Passkey {
  /** Base64url, as the browser names it. */
  credentialId: string;
  projectId: string;
  userId: string;
  /** Null: the instance's own. */
  rpId: string | null;
  name: string;
  /** COSE key. */
  publicKey: Uint8Array<ArrayBuffer>;
  counter: number;
  transports: readonly string[];
  deviceType: 'singleDevice' | 'multiDevice';
  isBackedUp: boolean;
  createdAt: number;
  lastUsedAt: number | null;
}

function passkeyFrom(row: Selectable<Tables['passkey']>): Passkey {
  return {
    credentialId: row.credential_id,
    projectId: row.project_id,
    userId: row.user_id,
    rpId: row.rp_id,
    name: row.name,
    publicKey: new Uint8Array(Buffer.from(row.public_key, 'base64url')),
    counter: row.counter,
    transports: row.transports === '' ? [] : row.transports.split(','),
    deviceType: row.device_type,
    isBackedUp: row.backed_up === 1,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Stores a new one; false when anybody has one of the same id. */
export async function insertPasskey(tx: Transaction, passkey: Passkey): Promise<boolean> {
  const row = await tx
    .insertInto('passkey')
    .values({
      credential_id: passkey.credentialId,
      project_id: passkey.projectId,
      user_id: passkey.userId,
      rp_id: passkey.rpId,
      name: passkey.name,
      public_key: Buffer.from(passkey.publicKey).toString('base64url'),
      counter: passkey.counter,
      transports: passkey.transports.join(','),
      device_type: passkey.deviceType,
      backed_up: passkey.isBackedUp ? 1 : 0,
      created_at: passkey.createdAt,
      last_used_at: passkey.lastUsedAt,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning('credential_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function findPasskey(
  db: Queryable,
  projectId: string,
  credentialId: string,
): Promise<Passkey | null> {
  const row = await db
    .selectFrom('passkey')
    .selectAll()
    .where('credential_id', '=', credentialId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ? passkeyFrom(row) : null;
}

/** Oldest first. */
export async function listPasskeysOf(db: Queryable, userId: string): Promise<Passkey[]> {
  const rows = await db
    .selectFrom('passkey')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('credential_id')
    .execute();
  return rows.map(passkeyFrom);
}

/** Those that a browser can use now: a passkey lives and dies with the relying party that it was made for. */
export async function listUsablePasskeysOf(db: Queryable, userId: string, rpId: string): Promise<Passkey[]> {
  const passkeys = await listPasskeysOf(db, userId);
  return passkeys.filter((passkey) => passkey.rpId === null || passkey.rpId === rpId);
}

export async function hasPasskey(db: Queryable, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('passkey')
    .select('credential_id')
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Notes a use that was judged against a counter; false when the passkey is gone or was used meanwhile with a
 * higher one.
 */
export async function notePasskeyUse(
  tx: Transaction,
  use: { passkey: Passkey; counter: number; isBackedUp: boolean; at: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('passkey')
      .set({ counter: use.counter, backed_up: use.isBackedUp ? 1 : 0, last_used_at: use.at })
      .where('credential_id', '=', use.passkey.credentialId)
      .where('user_id', '=', use.passkey.userId)
      .where('counter', '=', use.passkey.counter),
  );
}

/** False where the user has no such passkey. */
export async function renamePasskey(
  tx: Transaction,
  { userId, credentialId, name }: { userId: string; credentialId: string; name: string },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('passkey')
      .set({ name })
      .where('credential_id', '=', credentialId)
      .where('user_id', '=', userId),
  );
}

/** False where the user has no such passkey. */
export async function deletePasskey(
  tx: Transaction,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<boolean> {
  const row = await tx
    .deleteFrom('passkey')
    .where('credential_id', '=', credentialId)
    .where('user_id', '=', userId)
    .returning('credential_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deletePasskeysOf(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('passkey').where('user_id', '=', userId).execute();
}
