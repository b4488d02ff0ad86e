import { createECDH } from 'node:crypto';
import type { Chance } from '../../chance.ts';
import type { Sealer } from '../../crypto/index.ts';
import type { Database } from '../../storage/index.ts';

/** Both halves in base64url: 65 bytes, uncompressed, and 32. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

interface Dependencies extends Chance {
  db: Database;
  sealer: Sealer;
}

const ID = 'own';
const SEAL = 'vapid-key';
const PRIVATE_BYTES = 32;

/** The pair that all nodes share where the operator has set none: made by whoever starts first. */
export async function ensureVapidKeys({ db, sealer, clock, random }: Dependencies): Promise<VapidKeys> {
  const made = Buffer.from(random(PRIVATE_BYTES)).toString('base64url');
  const row = { id: ID, private_sealed: sealer.seal(SEAL, made), created_at: clock() };
  await db
    .insertInto('vapid_key')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const kept = await db
    .selectFrom('vapid_key')
    .select('private_sealed')
    .where('id', '=', ID)
    .executeTakeFirstOrThrow();
  const privateKey = sealer.open(SEAL, kept.private_sealed);
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(privateKey, 'base64url');
  return { publicKey: curve.getPublicKey('base64url'), privateKey };
}
