import type { Chance } from '../../chance.ts';
import { newId, tokenHash } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { createLastUse } from '../last-use.ts';
import { replaceRows } from './access-store.ts';
import {
  type ApiToken,
  deleteToken,
  findLiveToken,
  findToken,
  insertToken,
  type LiveToken,
  listTokens,
  type TokenCursor,
  type TokenSearch,
  touchToken,
} from './api-token-store.ts';
import { requireMayGrant } from './granting.ts';
import type { Permissions } from './is-allowed.ts';
import { tokenRoleId } from './migrations.ts';
import { checkedPermissions } from './permission-rows.ts';

/** Who asks, when an API token asks: nobody's account, and just the rows of the token. */
export interface TokenSubject {
  id: string;
  name: string;
  projectId: string;
  permissions: Permissions;
}

/** Flecto contract A7. Name and expiry never change; the token itself is told once, when it is made. */
export interface ApiTokens {
  /** Throws `name-refused`, `name-taken`, `permissions-refused`, `grant-exceeds-own`. */
  create(wanted: {
    projectId: string;
    name: string;
    expiresAt: number | null;
    permissions: Permissions;
    actor: Actor;
  }): Promise<{ token: ApiToken; plain: string }>;
  list(wanted: TokenSearch): Promise<{ tokens: ApiToken[]; next: TokenCursor | null }>;
  /** Throws `not-found`. */
  read(wanted: { projectId: string } & ({ id: string } | { name: string })): Promise<ApiToken>;
  /** In place of all rows there were; holds as deletion does. Throws as `create`, and `not-found`. */
  replacePermissions(change: {
    projectId: string;
    id: string;
    permissions: Permissions;
    actor: Actor;
  }): Promise<ApiToken>;
  /** The token opens nothing at once on this node and within a second on every other. Throws `not-found`. */
  delete(wanted: { projectId: string; id: string; actor: Actor }): Promise<void>;
  /** Whose token it is; null for an unknown, deleted or expired one, and for anything else. */
  find(token: string): Promise<TokenSubject | null>;
  /** Writes what is still unwritten and lets go of everything. */
  close(): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  onBackgroundError(error: unknown): void;
}

const TOKEN_PREFIX = 'flecto_';
/** 256 bits, 43 characters of base64url. */
const TOKEN_BYTES = 32;
const NAME = /^[A-Za-z0-9_-]{1,300}$/;
const TOPIC = 'api-token';

export function createApiTokens(deps: Dependencies): ApiTokens {
  const { storage, audit, clock, random } = deps;
  const cache = createRowCache<LiveToken>({
    channel: storage.channel,
    clock,
    topic: TOPIC,
    keyOf: ({ tokenHash: hash }) => hash,
  });
  const lastUse = createLastUse({ storage, table: 'api_token', onError: deps.onBackgroundError });

  async function fetch(hash: string): Promise<LiveToken | null> {
    const reading = cache.reading();
    const token = await findLiveToken(storage.db, hash);
    if (token) reading.keep(token);
    return token;
  }

  async function tell(
    tx: Transaction,
    event: AuditEvent,
    told: { projectId: string; actor: Actor; id: string; name: string; tokenHash: string; rows?: number },
  ): Promise<void> {
    const { projectId, actor, id, name, rows } = told;
    await storage.channel.publish(tx, { topic: TOPIC, key: told.tokenHash });
    const details = { token: id, name, ...(rows !== undefined && { rows }) };
    await audit.record(tx, { event, projectId, userId: null, actor, details });
  }

  async function read(
    wanted: { projectId: string } & ({ id: string } | { name: string }),
  ): Promise<ApiToken> {
    const token = await findToken(storage.db, wanted);
    if (!token) throw new AuthError('not-found', { what: 'token' });
    return token;
  }

  return {
    read,
    async create({ projectId, name, expiresAt, permissions: asked, actor }) {
      if (!NAME.test(name)) throw new AuthError('name-refused', { what: 'token' });
      const permissions = checkedPermissions(asked);
      const now = clock();
      const plain = TOKEN_PREFIX + Buffer.from(random(TOKEN_BYTES)).toString('base64url');
      const token = {
        id: newId('tok', now, random),
        ...{ projectId, name, expiresAt, permissions },
        preview: `${plain.slice(0, 11)}...${plain.slice(-4)}`,
        createdAt: now,
        updatedAt: now,
        lastUsedAt: null,
      };
      const hash = tokenHash(plain);
      await storage.transaction(async (tx) => {
        await requireMayGrant(tx, actor, permissions);
        if (!(await insertToken(tx, { ...token, tokenHash: hash })))
          throw new AuthError('name-taken', { what: 'token' });
        await tell(tx, 'token.created', { ...token, actor, tokenHash: hash, rows: countOf(permissions) });
      });
      return { token, plain };
    },
    async list(wanted) {
      const tokens = await listTokens(storage.db, wanted);
      const last = tokens.length === wanted.limit ? tokens.at(-1) : undefined;
      const key = wanted.sort === 'name' ? last?.name : last?.createdAt;
      const next = last && key !== undefined ? { sort: wanted.sort, key, id: last.id } : null;
      return { tokens, next };
    },
    async replacePermissions({ projectId, id, permissions: asked, actor }) {
      const permissions = checkedPermissions(asked);
      await storage.transaction(async (tx) => {
        const changed = await touchToken(tx, { projectId, id, now: clock() });
        if (!changed) throw new AuthError('not-found', { what: 'token' });
        await requireMayGrant(tx, actor, permissions);
        await replaceRows(tx, tokenRoleId(id), permissions);
        await tell(tx, 'token.changed', { projectId, id, ...changed, actor, rows: countOf(permissions) });
      });
      return await read({ projectId, id });
    },
    async delete({ projectId, id, actor }) {
      await storage.transaction(async (tx) => {
        const deleted = await deleteToken(tx, { projectId, id });
        if (!deleted) throw new AuthError('not-found', { what: 'token' });
        await tell(tx, 'token.deleted', { projectId, id, ...deleted, actor });
      });
    },
    async find(token) {
      const now = clock();
      const hash = tokenHash(token);
      const found = cache.get(hash) ?? (await fetch(hash));
      if (!found || (found.expiresAt !== null && now > found.expiresAt)) return null;
      lastUse.note({ id: found.id, lastUsedAt: found.lastUsedAt ?? 0 }, now);
      const { id, name, projectId, permissions } = found;
      return { id, name, projectId, permissions };
    },
    async close() {
      cache.close();
      await lastUse.flush().catch(deps.onBackgroundError);
    },
  };
}

function countOf({ admin, resources }: Permissions): number {
  return admin.length + resources.length;
}
