import { type Chance, DAY } from '../../chance.ts';
import { hasChecksum, newId, secretWithChecksum, tokenHash } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { createLastUse } from '../last-use.ts';
import {
  findLiveKey,
  insertKey,
  type KeyKind,
  type LiveKey,
  listKeys,
  type ProjectKey,
  replaceKey,
  revokeKey,
} from './key-store.ts';
import { findProject } from './project-store.ts';

/** The keys that select a project (Flux contract FX-01). Each is told once, when it is made. */
export interface ProjectKeys {
  /** Without `expiresAt` it works until somebody ends it. Throws `name-refused`, `not-found`. */
  create(wanted: {
    projectId: string;
    kind: KeyKind;
    name: string;
    expiresAt?: number | null;
    actor: Actor;
  }): Promise<{ key: ProjectKey; plain: string }>;
  /** The newest first; those that ended stay in it for a month. */
  list(projectId: string): Promise<ProjectKey[]>;
  /**
   * A new key of the same kind and name; the old one works for `overlapSeconds` more, and never longer than it was to.
   * Once for each key. Throws `not-found`.
   */
  rotate(wanted: {
    projectId: string;
    id: string;
    overlapSeconds: number;
    expiresAt?: number | null;
    actor: Actor;
  }): Promise<{ key: ProjectKey; plain: string }>;
  /** The key selects nothing at once on this node and within a second on every other. Throws `not-found`. */
  revoke(wanted: { projectId: string; id: string; actor: Actor }): Promise<void>;
  /** Which project a key selects, and what kind it is; null for anything that is no live key. */
  find(key: string): Promise<{ id: string; projectId: string; kind: KeyKind } | null>;
  /** Writes what is still unwritten and lets go of everything. */
  close(): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  onBackgroundError(error: unknown): void;
}

const PREFIXES: Record<KeyKind, string> = { secret: 'flux_sk_', publishable: 'flux_pk_' };
const MAX_NAME = 100;
/** The longest that a rotated key goes on working. */
export const MAX_OVERLAP_SECONDS = (30 * DAY) / 1000;
const TOPIC = 'project-key';

export function createProjectKeys(deps: Dependencies): ProjectKeys {
  const { storage, audit, clock, random } = deps;
  const cache = createRowCache<LiveKey>({
    channel: storage.channel,
    clock,
    topic: TOPIC,
    keyOf: ({ keyHash }) => keyHash,
  });
  const lastUse = createLastUse({ storage, table: 'project_key', onError: deps.onBackgroundError });

  function newKey(wanted: Pick<ProjectKey, 'projectId' | 'kind' | 'name' | 'expiresAt'> & { id?: string }) {
    const now = clock();
    const { id = newId('pkey', now, random), projectId, kind, name, expiresAt } = wanted;
    const plain = secretWithChecksum(PREFIXES[kind], random);
    const key: ProjectKey = {
      ...{ id, projectId, kind, name, expiresAt },
      preview: `${plain.slice(0, 12)}...${plain.slice(-4)}`,
      createdAt: now,
      lastUsedAt: null,
      revokedAt: null,
      replacedBy: null,
    };
    return { key, plain, keyHash: tokenHash(plain) };
  }

  async function tell(
    tx: Transaction,
    event: AuditEvent,
    { key, keyHash, actor }: { key: ProjectKey; keyHash: string; actor: Actor },
  ): Promise<void> {
    await storage.channel.publish(tx, { topic: TOPIC, key: keyHash });
    const details = { key: key.id, name: key.name, kind: key.kind };
    await audit.record(tx, { event, projectId: key.projectId, userId: null, actor, details });
  }

  async function fetch(hash: string): Promise<LiveKey | null> {
    const reading = cache.reading();
    const key = await findLiveKey(storage.db, hash);
    if (key) reading.keep(key);
    return key;
  }

  return {
    async create({ actor, expiresAt = null, ...wanted }) {
      const name = wanted.name.trim();
      if (name === '' || name.length > MAX_NAME) throw new AuthError('name-refused', { what: 'project-key' });
      const { key, plain, keyHash } = newKey({ ...wanted, name, expiresAt });
      await storage.transaction(async (tx) => {
        if (!(await findProject(tx, wanted.projectId))) throw new AuthError('not-found', { what: 'project' });
        await insertKey(tx, { ...key, keyHash });
        await tell(tx, 'project-key.created', { key, keyHash, actor });
      });
      return { key, plain };
    },
    list: (projectId) => listKeys(storage.db, projectId),
    async rotate({ projectId, id, overlapSeconds, expiresAt = null, actor }) {
      return await storage.transaction(async (tx) => {
        const now = clock();
        const endsAt = now + Math.min(Math.max(overlapSeconds, 0), MAX_OVERLAP_SECONDS) * 1000;
        const by = newId('pkey', now, random);
        const old = await replaceKey(tx, { projectId, id, by, now, endsAt });
        if (!old) throw new AuthError('not-found', { what: 'project-key' });
        const { key, plain, keyHash } = newKey({ ...old, id: by, expiresAt });
        await insertKey(tx, { ...key, keyHash });
        await tell(tx, 'project-key.rotated', { key: old, keyHash: old.keyHash, actor });
        return { key, plain };
      });
    },
    async revoke({ projectId, id, actor }) {
      await storage.transaction(async (tx) => {
        const key = await revokeKey(tx, { projectId, id, now: clock() });
        if (!key) throw new AuthError('not-found', { what: 'project-key' });
        await tell(tx, 'project-key.revoked', { key, keyHash: key.keyHash, actor });
      });
    },
    async find(text) {
      // What was never given out costs no look at the database.
      if (!Object.values(PREFIXES).some((prefix) => hasChecksum(prefix, text))) return null;
      const now = clock();
      const hash = tokenHash(text);
      const found = cache.get(hash) ?? (await fetch(hash));
      if (!found || (found.expiresAt !== null && now >= found.expiresAt)) return null;
      lastUse.note({ id: found.id, lastUsedAt: found.lastUsedAt ?? 0 }, now);
      const { id, projectId, kind } = found;
      return { id, projectId, kind };
    },
    async close() {
      cache.close();
      await lastUse.flush().catch(deps.onBackgroundError);
    },
  };
}
