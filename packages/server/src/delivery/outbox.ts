import type { Chance } from '../chance.ts';
import { newId, type Sealer } from '../crypto/index.ts';
import type { Storage, Transaction } from '../storage/index.ts';

export interface OutboxItem {
  /** `mail` leaves the server; a `task` is work noted in a request and done after it. */
  channel: 'mail' | 'task';
  kind: string;
  to: string;
  values: Record<string, string>;
}

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
    async add(tx, { channel, kind, to, values }) {
      const now = clock();
      await tx
        .insertInto('outbox')
        .values({
          id: newId('out', now, random),
          channel,
          kind,
          payload: sealer.seal(OUTBOX_SEAL, JSON.stringify({ to, values })),
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
