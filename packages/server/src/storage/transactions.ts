import { setImmediate as nextTurn } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import type { LocalChannel } from './channel.ts';
import type { Database, Storage, Transaction } from './database.ts';
import { StorageError } from './errors.ts';
import { CHANGED_SHAPE, CONNECT_WITHIN_MS } from './postgres.ts';
import { run } from './prepared.ts';
import { createSemaphore } from './semaphore.ts';

type Transact = Storage['transaction'];

/**
 * What PostgreSQL asks to be tried again: a deadlock, a conflict of versions, a plan that a migration has made
 * stale, or a row that somebody else made in the meantime, which the next look will find. A decision touches nothing but the database, so it can be repeated.
 */
const REPEATABLE = new Set(['40P01', '40001', '23505', CHANGED_SHAPE]);
const MAX_TRIES = 4;

const SHARE_OF_TRANSACTIONS = 0.8;

function repeating(once: Transact): Transact {
  return async (decide) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(decide);
      } catch (error) {
        if (attempt === MAX_TRIES || !(error instanceof StorageError) || !REPEATABLE.has(error.code))
          throw error;
      }
    }
  };
}

/**
 * Every decision in a transaction and on a connection of its own; of `connections` some are kept free of them, because a
 * commit waits for the disk, and who only looks something up should not.
 */
export function ownCommits({
  db,
  local,
  connections,
}: {
  db: Database;
  local: LocalChannel;
  connections: number;
}): Transact {
  const oneOfFew = createSemaphore({
    count: Math.max(1, Math.floor(connections * SHARE_OF_TRANSACTIONS)),
    patienceMs: CONNECT_WITHIN_MS,
  });
  return repeating(async (decide) => {
    let decidedIn: Transaction | null = null;
    try {
      return await oneOfFew(() =>
        db.transaction().execute(async (tx) => {
          const decided = await decide(tx);
          decidedIn = tx;
          return decided;
        }),
      );
    } finally {
      // Also where the commit failed: its answer may be all that was lost. Who hears it for nothing reads once more.
      if (decidedIn) local.release(decidedIn);
    }
  });
}

/** More would keep whatever is asked outside of them waiting for too long. */
const AT_MOST_TOGETHER = 16;

const SAVEPOINT = CompiledQuery.raw('savepoint decision');
const UNDO = CompiledQuery.raw('rollback to decision');
const RELEASE = CompiledQuery.raw('release decision');

interface Decision {
  /** Rejects where it has to be undone. */
  decide(tx: Transaction): Promise<void>;
  undone(error: unknown): void;
  /** Answers who asked, once everything is committed. */
  tell(): void;
  /** The answer where nothing is. */
  fail(error: unknown): void;
}

function decisionOf<T>(decide: (tx: Transaction) => Promise<T>): { decision: Decision; result: Promise<T> } {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>();
  let tell = (): void => undefined;
  const decision: Decision = {
    async decide(tx) {
      const decided = await decide(tx);
      tell = () => resolve(decided);
    },
    undone(error) {
      tell = () => reject(error);
    },
    tell: () => tell(),
    fail: reject,
  };
  return { decision, result };
}

/**
 * For one connection that is the only writer. A decision waits until a turn of the event loop has brought no other; then all
 * are taken one after the other, without a turn in between, and share a commit and with it the wait for the disk. One that
 * throws is undone alone. Nobody hears of any, good or bad, before all of them are on the disk.
 */
export function sharedCommits(db: Database, local: LocalChannel): Transact {
  const waiting: Decision[] = [];
  let isRunning = false;

  async function decideOrUndo(tx: Transaction, decision: Decision): Promise<boolean> {
    await run(tx, SAVEPOINT);
    let isKept = true;
    try {
      await decision.decide(tx);
    } catch (error) {
      isKept = false;
      // After some errors, a full disk for one, SQLite has undone everything by itself: then this one is everybody's.
      await run(tx, UNDO).catch(() => Promise.reject(error));
      decision.undone(error);
    }
    await run(tx, RELEASE);
    return isKept;
  }

  async function decideTogether(members: Decision[], first: Decision): Promise<void> {
    const decidedIn: Transaction[] = [];
    try {
      await db.transaction().execute(async (tx) => {
        // Undoing the first undoes all there is, for which it needs no savepoint.
        await first.decide(tx);
        decidedIn.push(tx);
        while (members.length < AT_MOST_TOGETHER) {
          const next = waiting.shift();
          if (!next) break;
          members.push(next);
          // The same under a name of its own: what a decision leaves by its transaction is no other's.
          const own = tx.withoutPlugins();
          if (await decideOrUndo(own, next)) decidedIn.push(own);
        }
      });
    } finally {
      for (const tx of decidedIn) local.release(tx);
    }
  }

  /** Before anything is begun: while a transaction is open, another process that writes stands still. */
  async function gather(): Promise<void> {
    for (let known = 0; known < waiting.length && known < AT_MOST_TOGETHER; ) {
      known = waiting.length;
      await nextTurn();
    }
  }

  async function decideAll(): Promise<void> {
    for (;;) {
      await gather();
      const first = waiting.shift();
      if (!first) break;
      const members = [first];
      try {
        await decideTogether(members, first);
        for (const member of members) member.tell();
      } catch (error) {
        for (const member of members) member.fail(error);
      }
    }
    isRunning = false;
  }

  return (decide) => {
    const { decision, result } = decisionOf(decide);
    waiting.push(decision);
    if (!isRunning) {
      isRunning = true;
      void decideAll();
    }
    return result;
  };
}
