import { type Chance, DAY, MINUTE, SECOND } from '../../chance.ts';
import {
  createEs256,
  type Es256,
  newEs256Key,
  newId,
  type PublicJwk,
  type Sealer,
} from '../../crypto/index.ts';
import { type Storage, withLease } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import type { Events } from '../events/index.ts';
import { LONGEST_SESSION_SECONDS } from '../project/index.ts';
import { endSigningKeysBefore, insertSigningKey, listSigningKeys } from './signing-key-store.ts';

export interface SigningKeyListing {
  /** `kid` */
  id: string;
  /** `next`: published, and its turn has not come. `former`: kept for what it signed. */
  state: 'next' | 'signing' | 'former';
  createdAt: number;
  signsFrom: number;
}

export interface SigningKeys {
  /** Signs with the key whose turn it is. */
  sign(claims: object): Promise<string>;
  /** The payload's text of a token that one of our keys signed; null for everything else. */
  open(token: string): Promise<string | null>;
  /** What others check our tokens by: also the key whose turn has not come. */
  published(): Promise<PublicJwk[]>;
  /** All of them, the newest first. */
  list(): Promise<SigningKeyListing[]>;
  /** Publishes the next key; it signs ten minutes later, and none before it does any more. Returns its id. */
  rotate(actor: Actor): Promise<string>;
  /** Rotates when the newest key is old; does nothing on all nodes but one. */
  rotateIfDue(): Promise<void>;
  close(): void;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  audit: Auditor;
  events: Events;
  /** In whose trail it stands that there is a new key; the keys serve all projects. */
  projectId: string;
}

interface Held {
  key: Es256;
  number: number;
  signsFrom: number;
  createdAt: number;
}

const TYP = 'session+jwt';
const PURPOSE = 'signing-key';
const TOPIC = 'signing-key';
/** Longer than anybody may keep the published set: nobody meets a token of a key he could not know. */
const PUBLISHED_BEFORE_MS = 10 * MINUTE;
const ROTATED_AFTER_MS = 90 * DAY;
/** The longest life a project may give a token, and a day for nodes that heard late of their key's successor. */
const KEPT_AFTER_MS = LONGEST_SESSION_SECONDS * SECOND + DAY;
const READ_AGAIN_AFTER_MS = MINUTE;
const LEASE_MS = 30 * SECOND;
const SYSTEM: Actor = { userId: null, sessionId: null, origin: null };

export function createSigningKeys(deps: Dependencies): SigningKeys {
  const { storage, sealer, clock, random } = deps;
  const held = new Map<string, Held>();
  let newestFirst: Held[] = [];
  let byHeader = new Map<string, Held>();
  let readAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | null = null;
  let changes = 0;
  const forget = () => {
    changes++;
    readAt = Number.NEGATIVE_INFINITY;
  };
  const stop = storage.channel.subscribe({
    heard: ({ topic }) => topic === TOPIC && forget(),
    lost: forget,
  });

  async function load(): Promise<void> {
    const now = clock();
    const changesBefore = changes;
    const rows = await listSigningKeys(storage.db, now);
    const found = rows.map((row) => {
      // Opening and importing a key costs more than a signature; a key never changes.
      const known = held.get(row.id);
      if (known) return known;
      const key = createEs256({ kid: row.id, typ: TYP, privateKey: sealer.open(PURPOSE, row.sealed) });
      return { key, number: row.number, signsFrom: row.signs_from, createdAt: row.created_at };
    });
    held.clear();
    for (const one of found) held.set(one.key.publicJwk.kid, one);
    newestFirst = found;
    byHeader = new Map(found.map((one) => [one.key.header, one]));
    // Only now, so that whoever asks meanwhile waits; and not if there was word of a change on the way.
    if (changes === changesBefore) readAt = now;
  }

  async function read(): Promise<void> {
    // One that is under way may have begun before what the caller wants to see.
    await loading?.catch(() => undefined);
    await join();
  }

  async function join(): Promise<void> {
    loading ??= load().finally(() => {
      loading = null;
    });
    await loading;
  }

  /** The keys as they are now; the first of all is made by whoever needs it first. */
  async function current(): Promise<void> {
    // Asked for its effect: where other processes cannot be heard, it finds out what they have written.
    storage.channel.isProven();
    if (Math.abs(clock() - readAt) > READ_AGAIN_AFTER_MS) await join();
    if (newestFirst.length > 0) return;
    await make({ number: 1, signsFrom: clock(), actor: SYSTEM });
    await read();
  }

  /** Null when another node has just made the key of this number. */
  async function make(next: { number: number; signsFrom: number; actor: Actor }): Promise<string | null> {
    const { number, signsFrom, actor } = next;
    const now = clock();
    const id = newId('sig', now, random);
    const sealed = sealer.seal(PURPOSE, newEs256Key());
    return await storage.transaction(async (tx) => {
      const row = { id, number, sealed, created_at: now, signs_from: signsFrom, ends_at: null };
      if (!(await insertSigningKey(tx, row))) return null;
      await endSigningKeysBefore(tx, { number, at: signsFrom + KEPT_AFTER_MS });
      await storage.channel.publish(tx, { topic: TOPIC, key: id });
      await deps.events.keysRotated(tx);
      const event = 'signing-key.made';
      await deps.audit.record(tx, {
        event,
        projectId: deps.projectId,
        userId: null,
        actor,
        details: { key: id },
      });
      return id;
    });
  }

  async function rotate(actor: Actor): Promise<string> {
    await current();
    const number = (newestFirst[0]?.number ?? 0) + 1;
    const id = await make({ number, signsFrom: clock() + PUBLISHED_BEFORE_MS, actor });
    await read();
    return id ?? newestFirst[0]?.key.publicJwk.kid ?? '';
  }

  function signingAt(now: number): Held | undefined {
    return newestFirst.find(({ signsFrom }) => signsFrom <= now) ?? newestFirst.at(-1);
  }

  return {
    async sign(claims) {
      await current();
      const signing = signingAt(clock());
      if (!signing) throw new Error('There is no signing key.');
      return signing.key.sign(claims);
    },
    async open(token) {
      await current();
      const header = token.slice(0, Math.max(0, token.indexOf('.')));
      return byHeader.get(header)?.key.open(token) ?? null;
    },
    async published() {
      await current();
      return newestFirst.map(({ key }) => key.publicJwk);
    },
    async list() {
      await current();
      const number = signingAt(clock())?.number ?? 0;
      return newestFirst.map((held) => ({
        id: held.key.publicJwk.kid,
        state: held.number === number ? 'signing' : held.number > number ? 'next' : 'former',
        createdAt: held.createdAt,
        signsFrom: held.signsFrom,
      }));
    },
    rotate,
    async rotateIfDue() {
      const lease = { name: 'signing-keys', holder: storage.nodeName, milliseconds: LEASE_MS, now: clock };
      await withLease(storage.db, lease, async () => {
        await read();
        const newest = newestFirst[0];
        if (newest && clock() - newest.createdAt >= ROTATED_AFTER_MS) await rotate(SYSTEM);
      });
    },
    close: stop,
  };
}
