import { z } from 'zod';
import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Events } from '../events/index.ts';
import {
  DEFAULT_SLUG,
  findProject,
  findProjectBySlug,
  holdProject,
  insertProject,
  listProjects,
  type Project,
  saveProject,
} from './project-store.ts';
import { type ProjectSettings, projectSettingsSchema } from './settings.ts';

/** Changes of settings: what is named replaces what was there, one level deep in each group. */
export type SettingsChange = { [group in keyof ProjectSettings]?: unknown };

export interface ProjectChange {
  id: string;
  name?: string | undefined;
  settings?: SettingsChange | undefined;
  actor: Actor;
}

export interface Projects {
  /**
   * The project as it is, or on another node than the one that changed it as it was a second ago at most; null for none.
   * The hot path of everything a project decides.
   */
  find(id: string): Promise<Project | null>;
  /** Null for none. */
  findBySlug(slug: string): Promise<Project | null>;
  /** Throws `not-found`. */
  read(by: { id: string } | { slug: string }): Promise<Project>;
  list(wanted: { after: string | null; limit: number }): Promise<Project[]>;
  /** Throws `name-refused`, `name-taken`. */
  create(wanted: { slug: string; name: string; actor: Actor }): Promise<Project>;
  /**
   * Holds at once on this node and within a second on every other. Throws `not-found`, `name-refused`, and a `ZodError` that
   * names each setting that is not right.
   */
  change(change: ProjectChange): Promise<Project>;
  /** The same as a part of the caller's transaction. */
  changeIn(tx: Transaction, change: ProjectChange): Promise<Project>;
  close(): void;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  events: Events;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/;
const MAX_NAME = 100;
const TOPIC = 'project';

export function createProjects({ storage, audit, events, clock, random }: Dependencies): Projects {
  const cache = createRowCache<Project>({
    channel: storage.channel,
    clock,
    topic: TOPIC,
    keyOf: ({ id }) => id,
  });

  function nameOf(text: string): string {
    const name = text.trim();
    if (name === '' || name.length > MAX_NAME) throw new AuthError('name-refused', { what: 'project' });
    return name;
  }

  async function read(by: { id: string } | { slug: string }): Promise<Project> {
    const found =
      'id' in by ? await findProject(storage.db, by.id) : await findProjectBySlug(storage.db, by.slug);
    if (!found) throw new AuthError('not-found', { what: 'project' });
    return found;
  }

  async function changeIn(
    tx: Transaction,
    { id, name, settings = {}, actor }: ProjectChange,
  ): Promise<Project> {
    const before = await holdProject(tx, id, clock());
    if (!before) throw new AuthError('not-found', { what: 'project' });
    const after = {
      ...before,
      name: name === undefined ? before.name : nameOf(name),
      settings: projectSettingsSchema.parse(merged(before.settings, settings)),
    };
    refuseForeignRelyingParty(after);
    await saveProject(tx, after);
    await storage.channel.publish(tx, { topic: TOPIC, key: id });
    await events.projectChanged(tx, id);
    const details = { settings: Object.keys(settings).join(',') };
    await audit.record(tx, { event: 'project.changed', projectId: id, userId: null, actor, details });
    return after;
  }

  return {
    read,
    async find(id) {
      const known = cache.get(id);
      if (known) return known;
      const reading = cache.reading();
      const found = await findProject(storage.db, id);
      if (found) reading.keep(found);
      return found;
    },
    findBySlug: (slug) => findProjectBySlug(storage.db, slug),
    list: (wanted) => listProjects(storage.db, wanted),
    async create({ slug, name, actor }) {
      if (!isSlug(slug)) throw new AuthError('name-refused', { what: 'project' });
      const now = clock();
      const project = {
        id: newId('proj', now, random),
        slug,
        name: nameOf(name),
        settings: projectSettingsSchema.parse({}),
        createdAt: now,
        updatedAt: now,
      };
      await storage.transaction(async (tx) => {
        if (!(await insertProject(tx, project))) throw new AuthError('name-taken', { what: 'project' });
        const details = { slug };
        await audit.record(tx, {
          event: 'project.created',
          projectId: project.id,
          userId: null,
          actor,
          details,
        });
      });
      return project;
    },
    change: (change) => storage.transaction((tx) => changeIn(tx, change)),
    changeIn,
    close: () => cache.close(),
  };
}

/** The default project's passkeys are Fluxer's clients' and the pages', too, and the operator's configuration names their host. */
function refuseForeignRelyingParty({ slug, settings }: Project): void {
  if (slug !== DEFAULT_SLUG || settings.passkeys.rp_id === null) return;
  const message = "The default project's is auth.passkeys.rp_id in the configuration.";
  throw new z.ZodError([{ code: 'custom', path: ['passkeys', 'rp_id'], message, input: undefined }]);
}

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}

/** Groups are changed key by key, lists and everything else as a whole; what is no setting stays in, to be refused. */
function merged(before: ProjectSettings, change: SettingsChange): Record<string, unknown> {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    const old = result[name];
    result[name] = isGroup(old) && isGroup(value) ? { ...old, ...value } : value;
  }
  return result;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
