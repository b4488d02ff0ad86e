import { Worker } from 'node:worker_threads';
import { type HashCost, type HashJob, type HashReply, TOGETHER } from './password-job.ts';

/** No place in the queue: the caller answers 503 and nothing was spent. */
export class HasherFullError extends Error {
  override readonly name = 'HasherFullError';
}

/** A place in the queue, good for one hash; give it back whatever happens. */
export interface HashPlace {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
  release(): void;
}

export interface PasswordHasher {
  /** Throws `HasherFullError` when the queue is full. Asked before an attempt is spent (design rule 7). */
  reserve(): HashPlace;
  /** Whether a stored hash is weaker than what would be made today. */
  isOutdated(hash: string): boolean;
  /** What a stranger's password is compared with, so that strangers cost the same time. */
  readonly decoy: Promise<string>;
  readonly waiting: number;
  close(): Promise<void>;
}

interface HasherOptions {
  cost: HashCost;
  /** Worker threads; as many as cores. */
  threads: number;
  /** Places altogether, those at work included. */
  places: number;
}

interface Pending {
  job: HashJob;
  done(reply: HashReply): void;
  fail(error: Error): void;
}

const ARGON2ID = 2;
const LOST: HashReply = { failure: 'the thread gave fewer answers than it was asked for' };
/** What is at work and what comes next, so that no thread waits while the main one is busy. */
const HANDED_AT_ONCE = 2 * TOGETHER.atMost;
/** A thread that cannot even start must not be started again in a tight loop. */
const RESTART_AFTER_MS = 500;

/**
 * Runs one after the other, whoever brought them, each in a turn of the loop of its own: session checks are answered in
 * between. Immediates that are asked for together would all run in the same turn.
 */
function createTurns(): (more: readonly (() => void)[]) => void {
  const waiting: (() => void)[] = [];
  let isRunning = false;

  function runOne(): void {
    const first = waiting.shift();
    isRunning = waiting.length > 0;
    if (isRunning) setImmediate(runOne);
    first?.();
  }

  return (more) => {
    waiting.push(...more);
    if (isRunning || waiting.length === 0) return;
    isRunning = true;
    setImmediate(runOne);
  };
}

/**
 * Hashes on worker threads of lowest priority. The synchronous hash in our own threads leaves libuv's pool to
 * files and DNS, and the bound keeps a flood of sign-ins from growing a queue nobody waits for.
 */
export function createPasswordHasher({ cost, threads, places }: HasherOptions): PasswordHasher {
  const queue: Pending[] = [];
  /** What each thread has been handed, the one at work first: replies come in that order. */
  const handed = new Map<Worker, Pending[]>();
  const inTurn = createTurns();
  let reserved = 0;
  let closed = false;

  function start(): void {
    // Under a test runner the sources run as they are; built, they are JavaScript.
    const file = import.meta.url.endsWith('.ts') ? './password-worker.ts' : './password-worker.js';
    const worker = new Worker(new URL(file, import.meta.url));
    worker.unref();
    handed.set(worker, []);
    worker.on('message', (replies: HashReply[]) => {
      const answered = handed.get(worker)?.splice(0, replies.length) ?? [];
      next();
      inTurn(
        answered.map(
          ({ done }, place) =>
            () =>
              done(replies[place] ?? LOST),
        ),
      );
    });
    // An error is followed by the exit; a worker may also end without one.
    worker.on('error', (error) => giveUp(worker, error));
    worker.on('exit', () => {
      giveUp(worker, new Error('A password hashing thread ended.'));
      if (!closed && queue.length > 0) setTimeout(startMissing, RESTART_AFTER_MS).unref();
    });
    next();
  }

  function giveUp(worker: Worker, error: unknown): void {
    const jobs = handed.get(worker) ?? [];
    handed.delete(worker);
    for (const { fail } of jobs) fail(error instanceof Error ? error : new Error(String(error)));
  }

  function startMissing(): void {
    if (!closed && handed.size < threads) start();
  }

  /** Hands out jobs, to the thread that has the fewest first. */
  function next(): void {
    while (queue.length > 0) {
      const [least] = [...handed].sort(([, a], [, b]) => a.length - b.length);
      if (!least || least[1].length >= HANDED_AT_ONCE) return;
      const [worker, jobs] = least;
      const pending = queue.shift();
      if (!pending) return;
      jobs.push(pending);
      worker.postMessage(pending.job);
    }
  }

  function run(job: HashJob): Promise<HashReply> {
    return new Promise<HashReply>((done, fail) => {
      queue.push({ job, done, fail });
      startMissing();
      next();
    }).then((reply) => {
      if ('failure' in reply) throw new Error(`Password hashing failed: ${reply.failure}`);
      return reply;
    });
  }

  async function hash(password: string): Promise<string> {
    const reply = await run({ kind: 'hash', password, cost: { ...cost, algorithm: ARGON2ID } });
    return 'hash' in reply ? reply.hash : '';
  }

  let decoy: Promise<string> | null = null;

  return {
    reserve() {
      if (reserved >= places) throw new HasherFullError('The password hashing queue is full.');
      reserved++;
      let held = true;
      return {
        hash,
        async verify(password, stored) {
          const reply = await run({ kind: 'verify', password, hash: stored });
          return 'matches' in reply && reply.matches;
        },
        release() {
          if (held) reserved--;
          held = false;
        },
      };
    },
    isOutdated(stored) {
      const [, memory, time, lanes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(stored) ?? [];
      return (
        Number(memory) !== cost.memoryCost ||
        Number(time) !== cost.timeCost ||
        Number(lanes) !== cost.parallelism
      );
    },
    get decoy() {
      decoy ??= hash('a password nobody has');
      return decoy;
    },
    get waiting() {
      return queue.length + [...handed.values()].flatMap((jobs) => jobs.slice(1)).length;
    },
    async close() {
      closed = true;
      await Promise.all([...handed.keys()].map((worker) => worker.terminate()));
    },
  };
}
