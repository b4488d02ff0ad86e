import { sql } from 'kysely';
import pg from 'pg';
import type { Transaction } from './database.ts';
import { connectionOptions, hangUp } from './postgres.ts';

/** What changed, by topic and key: never the change itself, which is a row (design section 9). */
export interface Message {
  topic: string;
  key: string;
}

/**
 * On which nodes tell each other what changed. A message leaves when its transaction commits and is heard at
 * once on the node that sent it, soon after on all others.
 */
export interface Channel {
  publish(tx: Transaction, message: Message): Promise<void>;
  /** Hears every message; also `lost()` whenever messages may have been missed. Returns the way to stop. */
  subscribe(listener: Listener): () => void;
  /**
   * Whether the last half second proved that messages arrive, so that a cache may be believed. Asking keeps the
   * proof going; a node whose caches nobody asks proves nothing and stays quiet.
   */
  isProven(): boolean;
}

export interface Listener {
  heard(message: Message): void;
  lost(): void;
}

/** Carries messages from a transaction to the listeners of this process once it has committed. */
export class LocalChannel {
  readonly #listeners = new Set<Listener>();
  readonly #held = new WeakMap<Transaction, Message[]>();

  hold(tx: Transaction, message: Message): void {
    const held = this.#held.get(tx);
    if (held) held.push(message);
    else this.#held.set(tx, [message]);
  }

  release(tx: Transaction): void {
    for (const message of this.#held.get(tx) ?? []) this.deliver(message);
    this.#held.delete(tx);
  }

  deliver(message: Message): void {
    for (const listener of this.#listeners) listener.heard(message);
  }

  lose(): void {
    for (const listener of this.#listeners) listener.lost();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * SQLite has no way to tell another process, but it counts what others commit: the command line may write beside
 * a running server. Whenever that count has moved, everything may have changed; as long as it has not, nothing has.
 */
export function localOnly(local: LocalChannel, othersCommits: () => number): Channel {
  let known = othersCommits();
  return {
    async publish(tx, message) {
      local.hold(tx, message);
    },
    subscribe: (listener) => local.subscribe(listener),
    isProven() {
      const count = othersCommits();
      if (count === known) return true;
      known = count;
      local.lose();
      return true;
    },
  };
}

const TOPICS = 'fluxgate';
/** A node proves its channel every quarter second and believes it for half a second (design section 5). */
const PROOF_EVERY_MS = 250;
const PROOF_GOOD_FOR_MS = 500;
/** The proof goes on this long after somebody last asked for it. */
const PROOF_WANTED_FOR_MS = 10_000;
const RECONNECT_AFTER_MS = 500;
/** A connection that does not answer a proof for this long is given up. */
const ANSWER_WITHIN_MS = 3_000;

interface PostgresChannelOptions {
  url: string;
  local: LocalChannel;
  /** Unguessable name of this node's process; its proofs go to itself alone. */
  nodeName: string;
  /** Milliseconds that never run backwards. */
  monotonicMs: () => number;
  onError(error: unknown): void;
}

/** Nodes over LISTEN/NOTIFY, on one connection of its own. */
export class PostgresChannel implements Channel {
  readonly #options: PostgresChannelOptions;
  readonly #sentAt = new Map<string, number>();
  #client: pg.Client | null = null;
  #provenAt = Number.NEGATIVE_INFINITY;
  #wantedUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #proofs = 0;
  #isAsking = false;
  #closed = false;

  constructor(options: PostgresChannelOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const client = new pg.Client({
      ...connectionOptions(this.#options.url),
      query_timeout: ANSWER_WITHIN_MS,
    });
    client.on('error', (error) => this.#broken(client, error));
    client.on('end', () => this.#broken(client, null));
    client.on('notification', (note) => this.#heard(note.channel, note.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${TOPICS}; listen ${this.#proofTopic}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed) await client.end();
    else this.#client = client;
  }

  async publish(tx: Transaction, message: Message): Promise<void> {
    this.#options.local.hold(tx, message);
    await sql`select pg_notify(${TOPICS}, ${JSON.stringify(message)})`.execute(tx);
  }

  subscribe(listener: Listener): () => void {
    return this.#options.local.subscribe(listener);
  }

  isProven(): boolean {
    const now = this.#options.monotonicMs();
    this.#wantedUntil = now + PROOF_WANTED_FOR_MS;
    if (!this.#timer && !this.#closed) this.#prove();
    return now - this.#provenAt < PROOF_GOOD_FOR_MS;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  get #proofTopic(): string {
    return `fluxgate_proof_${this.#options.nodeName}`;
  }

  #heard(topic: string, payload: string): void {
    if (topic === this.#proofTopic) {
      // The moment it was sent counts, not the moment it came back: nothing published before it is still on its way.
      this.#provenAt = Math.max(this.#provenAt, this.#sentAt.get(payload) ?? Number.NEGATIVE_INFINITY);
      this.#sentAt.delete(payload);
      return;
    }
    const message = messageFrom(payload);
    // Our own come back as well: heard twice does no harm, and it is the only word where a commit's answer was lost.
    if (message) this.#options.local.deliver(message);
    else
      this.#options.onError(new Error('Somebody else notifies on the channel "fluxgate" of this database.'));
  }

  #prove(): void {
    const now = this.#options.monotonicMs();
    if (this.#closed || now > this.#wantedUntil) {
      this.#timer = null;
      return;
    }
    this.#timer = setTimeout(() => this.#prove(), PROOF_EVERY_MS).unref();
    // One proof at a time: a connection that hangs must not gather them.
    const client = this.#client;
    if (!client || this.#isAsking) return;
    for (const [proof, sentAt] of this.#sentAt) if (now - sentAt > 10_000) this.#sentAt.delete(proof);
    const proof = String(this.#proofs++);
    this.#sentAt.set(proof, now);
    this.#isAsking = true;
    client
      .query('select pg_notify($1, $2)', [this.#proofTopic, proof])
      .catch((error: unknown) => {
        this.#broken(client, error);
        hangUp(client);
      })
      .finally(() => {
        this.#isAsking = false;
      });
  }

  #broken(client: pg.Client, error: unknown): void {
    if (this.#closed || (this.#client !== null && this.#client !== client)) return;
    if (error) this.#options.onError(error);
    if (this.#client === null) return;
    this.#client = null;
    this.#provenAt = Number.NEGATIVE_INFINITY;
    client.end().catch(() => undefined);
    this.#reconnect();
  }

  #reconnect(): void {
    setTimeout(() => {
      if (this.#closed) return;
      this.open().then(
        () => this.#options.local.lose(),
        (error: unknown) => {
          this.#options.onError(error);
          this.#reconnect();
        },
      );
    }, RECONNECT_AFTER_MS).unref();
  }
}

/** Null for what is not ours: anybody who may connect to the database may notify. */
function messageFrom(payload: string): Message | null {
  try {
    const { topic, key } = JSON.parse(payload) as Record<string, unknown>;
    return typeof topic === 'string' && typeof key === 'string' ? { topic, key } : null;
  } catch {
    return null;
  }
}
