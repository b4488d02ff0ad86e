import { sql } from 'kysely';
import { type Chance, DAY } from '../chance.ts';
import { newId, type Sealer } from '../crypto/index.ts';
import { type Database, deleteInBatches, type Storage, type Transaction } from '../storage/index.ts';

interface Leaving {
  kind: string;
  to: string;
  values: Record<string, string>;
}

export interface MailItem extends Leaving {
  channel: 'mail';
  /** In whose name it speaks; null in what an earlier version noted, which knew the default project alone. */
  projectId: string | null;
  /** The app's own page that its link opens, without a fragment; ours, when there is none. */
  linkTo?: string | null;
}

/** `mail` and `push` leave the server; a `task` is work noted in a request and done after it. */
export type OutboxItem = MailItem | (Leaving & { channel: 'push' | 'task' });

export interface Outbox {
  /** Notes what is to leave, in the transaction of the decision it belongs to. */
  add(tx: Transaction, item: OutboxItem): Promise<void>;
}

export const OUTBOX_TOPIC = 'outbox';
export const OUTBOX_SEAL = 'outbox';

export function createOutbox({
  storage,
  sealer,
  clock,
  random,
}: Chance & { storage: Storage; sealer: Sealer }): Outbox {
  return {
    async add(tx, item) {
      const { channel, kind, ...sealed } = item;
      const now = clock();
      await tx
        .insertInto('outbox')
        .values({
          id: newId('out', now, random),
          channel,
          kind,
          payload: sealer.seal(OUTBOX_SEAL, JSON.stringify(sealed)),
          attempts: 0,
          due_at: now,
          last_error: null,
          created_at: now,
        })
        .execute();
      await storage.channel.publish(tx, { topic: OUTBOX_TOPIC, key: '' });
    },
  };
}

const KEPT_GIVEN_UP_MS = 7 * DAY;

/** What was given up stays for a week to be looked into, and then goes with the address in it. */
export async function deleteGivenUp(db: Database, now: number): Promise<void> {
  const where = sql`due_at is null and created_at < ${now - KEPT_GIVEN_UP_MS}`;
  await deleteInBatches(db, { from: 'outbox', key: 'id', where });
}
