import type { Storage, Transaction } from '../../storage/index.ts';
import type { Events } from '../events/index.ts';
import type { Ended } from './session-store.ts';

/** Telling that sessions have ended, in the transaction that ends them. */
export function createAnnouncements({
  storage,
  events,
}: {
  storage: Pick<Storage, 'channel'>;
  events: Pick<Events, 'sessionsEnded'>;
}) {
  /** The caches of all nodes. */
  async function forget(tx: Transaction, ended: readonly Pick<Ended, 'token_hash'>[]): Promise<number> {
    for (const { token_hash } of ended)
      await storage.channel.publish(tx, { topic: 'session', key: token_hash });
    return ended.length;
  }

  /** Everybody who listens. */
  async function tell(tx: Transaction, userId: string, ended: readonly Ended[]): Promise<void> {
    const [first] = ended;
    if (!first) return;
    await events.sessionsEnded(tx, {
      projectId: first.project_id,
      userId,
      tokenHashes: ended.map(({ token_hash }) => token_hash),
      sessionIds: ended.map(({ id }) => id),
    });
  }

  return {
    forget,
    tell,
    /** Both; returns how many. */
    async announce(tx: Transaction, userId: string, ended: readonly Ended[]): Promise<number> {
      await tell(tx, userId, ended);
      return await forget(tx, ended);
    },
  };
}
