import type { Chance } from '../../chance.ts';
import { newId, type Sealer, tokenHash } from '../../crypto/index.ts';
import type { OutboxItem } from '../../delivery/index.ts';
import type { PushSender, PushSubscription } from '../../delivery/push/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { type LiveSession, sessionExists } from '../session/index.ts';
import { holdUser } from '../user/index.ts';
import {
  deleteDevices,
  deleteTried,
  findSealed,
  listDevices,
  noteFailure,
  noteSuccess,
  type StoredDevice,
  saveDevice,
} from './push-store.ts';

interface Asking {
  session: LiveSession;
  origin: Origin;
}

/** Devices whose owners want notices there. */
export interface PushDevices {
  /** The server's key, which a browser subscribes with. */
  readonly publicKey: string;
  list(userId: string): Promise<StoredDevice[]>;
  /**
   * From now on this device is told; one that was somebody else's no longer tells them. Past twenty, the oldest goes.
   * Throws `push-refused`, and `not-signed-in` for a session that has ended meanwhile.
   */
  add(asking: Asking & { subscription: PushSubscription }): Promise<StoredDevice>;
  /** Nothing happens when there is none. */
  remove(asking: Asking & { id: string }): Promise<void>;
  /** Hands one notice over; rejects when the outbox shall try again. */
  deliver(item: OutboxItem): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  audit: Auditor;
  sender: PushSender;
}

const SEAL = 'push-subscription';
const MAX_DEVICES = 20;
/** In a row, over all notices: about half a day of one notice's tries. */
const MAX_FAILURES = 20;

export function createPushDevices(deps: Dependencies): PushDevices {
  const { storage, clock, random, sealer, audit, sender } = deps;

  return {
    publicKey: sender.publicKey,
    list: (userId) => listDevices(storage.db, userId),
    async add({ session, origin, subscription }) {
      if (!sender.accepts(subscription)) throw new AuthError('push-refused');
      const { projectId, userId } = session;
      const { endpoint, p256dh, auth } = subscription;
      const { userAgent } = origin;
      return await storage.transaction(async (tx) => {
        // Before the sessions, so that whatever ends them all waits for this, or is seen by it.
        await holdUser(tx, userId);
        if (!(await sessionExists(tx, session.id))) throw new AuthError('not-signed-in');
        const createdAt = clock();
        const id = await saveDevice(tx, {
          id: newId('push', createdAt, random),
          userId,
          endpointHash: tokenHash(endpoint),
          sealed: sealer.seal(SEAL, JSON.stringify({ endpoint, p256dh, auth })),
          userAgent,
          createdAt,
        });
        const others = (await listDevices(tx, userId)).filter((one) => one.id !== id);
        for (const oldest of others.slice(MAX_DEVICES - 1))
          await deleteDevices(tx, { userId, id: oldest.id });
        const actor = { userId, sessionId: session.id, origin };
        await audit.record(tx, { event: 'notice.device-added', projectId, userId, actor });
        return { id, userAgent, createdAt };
      });
    },
    async remove({ session, origin, id }) {
      const { projectId, userId } = session;
      await storage.transaction(async (tx) => {
        if ((await deleteDevices(tx, { userId, id })) === 0) return;
        const actor = { userId, sessionId: session.id, origin };
        await audit.record(tx, { event: 'notice.device-removed', projectId, userId, actor });
      });
    },
    async deliver({ to: id, values }) {
      const { userId = '', ...message } = values;
      // The device may have become somebody else's since, or have been taken off the list.
      const sealed = await findSealed(storage.db, { id, userId });
      if (sealed === null) return;
      const tried = { id, sealed };
      try {
        const subscription = JSON.parse(sealer.open(SEAL, sealed)) as PushSubscription;
        const outcome = await sender.send(subscription, JSON.stringify(message));
        if (outcome === 'gone') await deleteTried(storage.db, tried);
        else await noteSuccess(storage.db, tried);
      } catch (error) {
        if ((await noteFailure(storage.db, tried)) < MAX_FAILURES) throw error;
        await deleteTried(storage.db, tried);
      }
    },
  };
}
