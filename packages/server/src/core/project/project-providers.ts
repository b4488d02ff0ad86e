import { z } from 'zod';
import type { Clock } from '../../chance.ts';
import type { Sealer } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import type { Events } from '../events/index.ts';
import { holdProject, type Project } from './project-store.ts';
import { PROVIDERS, type ProviderId, type ProviderOptions, parseProvider } from './provider-settings.ts';
import { deleteProvider, listProviders, type StoredProvider, saveProvider } from './provider-store.ts';

/** What may be told of a provider: everything but its secret. In snake case, as it is set. */
type ShownProvider = ProviderOptions & { client_id: string; has_secret: boolean };

/** What the provider itself is asked with. */
export interface ProviderCredentials {
  clientId: string;
  clientSecret: string;
  options: ProviderOptions;
}

type Methods = Project['settings']['methods'];

interface Of {
  projectId: string;
  provider: ProviderId;
  actor: Actor;
}

/** What a project's providers know it by. The secrets can be written and used, and never be read again. */
export interface ProjectProviders {
  list(projectId: string): Promise<Partial<Record<ProviderId, ShownProvider>>>;
  /**
   * Sets up one provider, or changes it: `settings` is `{ client_id, client_secret?, … }` and replaces what was there, save a
   * secret that it leaves out. Holds at once on this node and within a second on every other. Throws `not-found`, and a
   * `ZodError` that names each setting that is not right.
   */
  save(change: Of & { settings: unknown }): Promise<ShownProvider>;
  /** The same as a part of the caller's transaction. */
  saveIn(tx: Transaction, change: Of & { settings: unknown }): Promise<ShownProvider>;
  /** Nothing is to be done where there is none. Throws `not-found` for a project that is not there. */
  remove(of: Of): Promise<void>;
  removeIn(tx: Transaction, of: Of): Promise<void>;
  /** Null while it is not set up whole. */
  find(projectId: string, provider: ProviderId): Promise<ProviderCredentials | null>;
  /** The ways to sign in that are on: switched on, and with all that they need. */
  methodsOf(project: Pick<Project, 'id' | 'settings'>): Promise<Methods>;
  close(): void;
}

interface Dependencies {
  storage: Storage;
  sealer: Sealer;
  audit: Auditor;
  events: Events;
  clock: Clock;
}

const SEAL = 'project-provider';
/** A project's own: whoever remembers anything of it forgets it. */
const TOPIC = 'project';

export function createProjectProviders(deps: Dependencies): ProjectProviders {
  const { storage, sealer, audit, events, clock } = deps;
  const cache = createRowCache<{ projectId: string; providers: StoredProvider[] }>({
    channel: storage.channel,
    clock,
    topic: TOPIC,
    keyOf: ({ projectId }) => projectId,
  });

  async function providersOf(projectId: string): Promise<StoredProvider[]> {
    const known = cache.get(projectId);
    if (known) return known.providers;
    const reading = cache.reading();
    const providers = await listProviders(storage.db, projectId);
    reading.keep({ projectId, providers });
    return providers;
  }

  /** One change of one project at a time; told to everybody who remembers the project. */
  async function changing<T>(
    tx: Transaction,
    event: AuditEvent,
    { of, change }: { of: Of; change: () => Promise<T> },
  ): Promise<T> {
    const { projectId, provider, actor } = of;
    if (!(await holdProject(tx, projectId, clock()))) throw new AuthError('not-found', { what: 'project' });
    const done = await change();
    await storage.channel.publish(tx, { topic: TOPIC, key: projectId });
    await events.projectChanged(tx, projectId);
    await audit.record(tx, { event, projectId, userId: null, actor, details: { provider } });
    return done;
  }

  async function saveIn(
    tx: Transaction,
    { settings, ...of }: Of & { settings: unknown },
  ): Promise<ShownProvider> {
    const { projectId, provider: id } = of;
    const { clientId, clientSecret, options } = parseProvider(id, settings);
    const change = async () => {
      const before = (await listProviders(tx, projectId)).find((one) => one.id === id);
      if (before?.sealedSecret && clientSecret === null && asksElsewhere(before.options, options))
        throw secretNeeded();
      const sealedSecret =
        clientSecret === null ? (before?.sealedSecret ?? null) : sealer.seal(SEAL, clientSecret);
      const after = { id, clientId, sealedSecret, options };
      await saveProvider(tx, { ...after, projectId, at: clock() });
      return shown(after);
    };
    return await changing(tx, 'project-provider.changed', { of, change });
  }

  async function removeIn(tx: Transaction, of: Of): Promise<void> {
    const change = () => deleteProvider(tx, of.projectId, of.provider);
    await changing(tx, 'project-provider.removed', { of, change });
  }

  return {
    async list(projectId) {
      const providers = await listProviders(storage.db, projectId);
      return Object.fromEntries(providers.map((provider) => [provider.id, shown(provider)]));
    },
    saveIn,
    save: (change) => storage.transaction((tx) => saveIn(tx, change)),
    removeIn,
    remove: (of) => storage.transaction((tx) => removeIn(tx, of)),
    async find(projectId, id) {
      const found = (await providersOf(projectId)).find((one) => one.id === id);
      if (!found?.sealedSecret) return null;
      const { clientId, options, sealedSecret } = found;
      return { clientId, options, clientSecret: sealer.open(SEAL, sealedSecret) };
    },
    async methodsOf({ id, settings: { methods } }) {
      if (!PROVIDERS.some((one) => methods[one])) return methods;
      const whole = (await providersOf(id)).filter(({ sealedSecret }) => sealedSecret !== null);
      const on = Object.fromEntries(
        PROVIDERS.map((one) => [one, methods[one] && whole.some((provider) => provider.id === one)]),
      );
      return { ...methods, ...on };
    },
    close: () => cache.close(),
  };
}

function shown({ clientId, sealedSecret, options }: StoredProvider): ShownProvider {
  return { client_id: clientId, has_secret: sealedSecret !== null, ...options };
}

/** A secret that may not be read must not be sent to wherever somebody next says, either. */
function asksElsewhere(before: ProviderOptions, after: ProviderOptions): boolean {
  return (['issuer', 'web_url', 'api_url'] as const).some((name) => before[name] !== after[name]);
}

function secretNeeded(): z.ZodError {
  const message = 'The secret has to be given again with another address.';
  return new z.ZodError([{ code: 'custom', path: ['client_secret'], message, input: undefined }]);
}
