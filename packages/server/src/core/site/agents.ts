import type { Clock } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';
import { StorageError } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { type AgentRow, deleteAgent, hitAgent, listAgents, updateAgent, upsertAgent } from './agent-store.ts';
import { findSite, type SitePath } from './site-store.ts';

export interface Agent extends AgentRow {
  /** Not heard of for longer than the setting says. */
  isOffline: boolean;
}

/** What an agent says of its last load. */
export interface AgentReport {
  name: string;
  type: string;
  version: number;
  /** Null: as it was; an agent that is not known yet has to say. */
  status: 'success' | 'error' | null;
  /** Nanoseconds; an agent that is not known yet has to say more than 0. */
  loadDuration: number;
  error: string;
}

export interface Agents {
  /** Makes the agent known, or overwrites what it said before; it is heard of now. */
  report(path: SitePath, report: AgentReport): Promise<void>;
  /** The agent is still there and has nothing to say. */
  hit(path: SitePath, name: string): Promise<void>;
  list(search: SitePath & { query: string; after: string | null; limit: number }): Promise<Agent[]>;
  /** Forgets what an agent said; it is known again at its next report. */
  remove(path: SitePath, gone: { name: string; actor: Actor }): Promise<void>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  audit: Auditor;
  offlineAfterMs: number;
}

/** What the databases say when the site was deleted between finding it and writing to it. */
const PARENT_GONE = new Set(['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY']);

export function createAgents({ storage, clock, audit, offlineAfterMs }: Dependencies): Agents {
  const { db } = storage;

  async function siteIdOf(path: SitePath): Promise<string> {
    const site = await findSite(db, path);
    if (!site) throw new AuthError('site-unknown', { what: 'site' });
    return site.id;
  }

  return {
    async report(path, { status, ...report }) {
      const row = { ...report, siteId: await siteIdOf(path), now: clock() };
      if (status === null || row.loadDuration === 0) {
        if (await updateAgent(db, { ...row, status })) return;
        throw new AuthError('agent-report-incomplete', {
          missing: status === null ? 'status' : 'load_duration',
        });
      }
      await upsertAgent(db, { ...row, status }).catch((error: unknown) => {
        if (error instanceof StorageError && PARENT_GONE.has(error.code))
          throw new AuthError('site-unknown', { what: 'site' });
        throw error;
      });
    },
    async hit(path, name) {
      if (!(await hitAgent(db, { ...path, name, now: clock() })))
        throw new AuthError('site-unknown', { what: 'agent' });
    },
    async list({ query, after, limit, ...path }) {
      const found = await listAgents(db, { siteId: await siteIdOf(path), query, after, limit });
      const offlineBefore = clock() - offlineAfterMs;
      return found.map((agent) => ({ ...agent, isOffline: agent.lastHitAt < offlineBefore }));
    },
    async remove(path, { name, actor }) {
      const siteId = await siteIdOf(path);
      const { projectId, namespace, site } = path;
      await storage.transaction(async (tx) => {
        if (!(await deleteAgent(tx, { siteId, name })))
          throw new AuthError('site-unknown', { what: 'agent' });
        const details = { namespace, site, agent: name };
        await audit.record(tx, { event: 'site.agent-deleted', projectId, userId: null, actor, details });
      });
    },
  };
}
