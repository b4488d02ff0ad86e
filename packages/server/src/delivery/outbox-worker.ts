import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../chance.ts';
import type { Sealer } from '../crypto/index.ts';
import type { Queryable, Storage, Transaction } from '../storage/index.ts';
import { UnknownMailboxError } from './mail/smtp.ts';
import { type MailItem, OUTBOX_SEAL, OUTBOX_TOPIC, type OutboxItem } from './outbox.ts';

interface OutboxHandlers {
  /** Hands one notice to a device's push service; at least once, as with mail. */
  push(item: OutboxItem): Promise<void>;
  /** Hands one mail over; may be called again for the same item after a crash (at least once). */
  mail(item: MailItem): Promise<void>;
  /** Does one noted task, in the transaction that also takes it off the list. */
  task(tx: Transaction, item: OutboxItem): Promise<void>;
}

interface OutboxWorker {
  start(): void;
  /** Looks at once for what is due; otherwise it looks when something is added or falls due. */
  wake(): void;
  /**
   * Resolves when no node has anything to send that it has not tried yet, or after two seconds: so that a reader
   * of the dev mailbox finds what was just asked for.
   */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  sealer: Sealer;
  clock: Clock;
  handlers: OutboxHandlers;
  /** What it works off. Channels that wait for strangers have a worker of their own, or they would hold up the others. */
  channels: readonly OutboxItem['channel'][];
  onFailure(failure: { id: string; kind: string; attempts: number; givenUp: boolean; error: unknown }): void;
  onBackgroundError(error: unknown): void;
}

interface Claimed {
  id: string;
  channel: OutboxItem['channel'];
  kind: string;
  payload: string;
  attempts: number;
}

const BATCH = 8;
/** A node that dies while sending keeps an item for this long; then another node sends it. */
const CLAIM_MS = 60_000;
/** 15 s, 30 s, 1 min … at most an hour apart; given up after about a day. */
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 3_600_000;
const MAX_ATTEMPTS = 30;
const DATABASE_RETRY_MS = 2_000;
const STOP_MS = 2_000;
const SETTLE_MS = 2_000;
const SETTLE_STEP_MS = 20;

/** Works the outbox off whenever something is due; sleeps until the next due time, or for good when it is empty. */
export function createOutboxWorker(deps: Dependencies): OutboxWorker {
  const { storage, sealer, clock, handlers, channels } = deps;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = true;
  let unsubscribe: (() => void) | null = null;

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run().finally(() => {
      running = null;
      if (again) wake();
    });
  }

  async function run(): Promise<void> {
    again = false;
    if (timer) clearTimeout(timer);
    timer = null;
    try {
      for (;;) {
        const claimed = await claim();
        await Promise.all(claimed.map(work));
        if (claimed.length === 0 || stopped) break;
      }
      await sleepUntilDue();
    } catch (error) {
      deps.onBackgroundError(error);
      sleep(DATABASE_RETRY_MS);
    }
  }

  function sleep(milliseconds: number): void {
    if (!stopped) timer = setTimeout(wake, Math.max(milliseconds, 10)).unref();
  }

  async function sleepUntilDue(): Promise<void> {
    const next = await storage.db
      .selectFrom('outbox')
      .select('due_at')
      .where('due_at', 'is not', null)
      .where('channel', 'in', channels)
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst();
    if (next?.due_at != null) sleep(Math.min(next.due_at - clock(), LONGEST_RETRY_MS));
  }

  /** Pushes the due time of what it takes ahead, so that no two nodes send the same mail at once. */
  async function claim(): Promise<Claimed[]> {
    const now = clock();
    const rows = await storage.db
      .updateTable('outbox')
      .set((eb) => ({ due_at: now + CLAIM_MS, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('outbox')
          .select('id')
          .where('due_at', '<=', now)
          .where('channel', 'in', channels)
          .orderBy('due_at')
          .limit(BATCH)
          .forUpdate()
          .skipLocked(),
      )
      .returning(['id', 'channel', 'kind', 'payload', 'attempts'])
      .execute();
    return rows;
  }

  async function hasUntried(): Promise<boolean> {
    const row = await storage.db
      .selectFrom('outbox')
      .select('id')
      .where('due_at', 'is not', null)
      .where('channel', 'in', channels)
      .where('last_error', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Throws for a payload that was sealed with another key: no later try can open it. */
  function opened({ channel, kind, payload }: Claimed): OutboxItem {
    const sealed = JSON.parse(sealer.open(OUTBOX_SEAL, payload)) as Omit<MailItem, 'channel' | 'kind'>;
    return channel === 'mail'
      ? { ...sealed, channel, kind, projectId: sealed.projectId ?? null }
      : { ...sealed, channel, kind };
  }

  async function forget(db: Queryable, id: string): Promise<void> {
    await db.deleteFrom('outbox').where('id', '=', id).execute();
  }

  async function work(claimed: Claimed): Promise<void> {
    const { id, kind, attempts } = claimed;
    let item: OutboxItem | null = null;
    try {
      const open = opened(claimed);
      item = open;
      if (open.channel === 'mail') await handlers.mail(open);
      if (open.channel === 'push') await handlers.push(open);
      if (open.channel === 'task')
        await storage.transaction(async (tx) => {
          await handlers.task(tx, open);
          await forget(tx, id);
        });
      // What has left must not wait for a transaction's turn: forgotten too late, it would leave again.
      else await forget(storage.db, id);
    } catch (error) {
      const givenUp = item === null || attempts >= MAX_ATTEMPTS || error instanceof UnknownMailboxError;
      const told = claimed.channel === 'push' ? `push:${kind}` : kind;
      deps.onFailure({ id, kind: told, attempts, givenUp, error });
      const delay = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
      await storage.db
        .updateTable('outbox')
        .set({ due_at: givenUp ? null : clock() + delay, last_error: kindOf(error) })
        .where('id', '=', id)
        .execute();
    }
  }

  return {
    start() {
      stopped = false;
      unsubscribe = storage.channel.subscribe({
        heard: ({ topic }) => {
          if (topic === OUTBOX_TOPIC) wake();
        },
        lost: wake,
      });
      wake();
    },
    wake,
    async settled() {
      for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
        while (running) await running;
        if (!(await hasUntried())) return;
        await wait(SETTLE_STEP_MS);
      }
    },
    async stop() {
      stopped = true;
      unsubscribe?.();
      if (timer) clearTimeout(timer);
      // A mail server that hangs must not hold up the stop; what it has is tried again by whoever comes next.
      await Promise.race([running, wait(STOP_MS, undefined, { ref: false })]);
    },
  };
}

/** What kind of failure it was. Its text goes to the log alone: mail servers like to repeat the address in it. */
function kindOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  return 'code' in error ? String(error.code) : error.constructor.name;
}
