import { createHash, randomBytes } from 'node:crypto';
import type { ProviderId } from '../core/project/index.ts';
import type { Client, Reply } from './client.ts';
import { createFluxProject, type FluxProject, handed } from './flux-kit.ts';
import type { World } from './world.ts';

/** Where the app of a test is; its projects allow it. */
export const APP_BACK = 'https://app.example.com/back';

/** Every provider of a test is on this machine, and so at an address that the project names itself. */
export function callbackPathOf(projectId: string, provider: ProviderId): string {
  return `/flux/v1/projects/${projectId}/oauth/${provider}/callback`;
}

/** What such a provider has registered: any project's. */
export function anyCallbackOf(world: () => World, provider: ProviderId): (address: string) => boolean {
  return (address) =>
    address.replace(/\/projects\/[^/]+\//, '/projects/any/') ===
    `${world().baseUrl}${callbackPathOf('any', provider)}`;
}

/** What a browser was led back to the app with; `url` is where, without the query. */
export interface LedBack {
  status: number;
  url: string;
  query: Record<string, string>;
}

/** A browser on its way through a provider: it keeps the cookie that the way needs, and what the app's page keeps. */
export function socialBrowser(world: World, flux: FluxProject, address?: string) {
  const client: Client = world.client(address);
  let cookie: string | null = null;
  let cookieName = 'flux_oauth';

  function keep(reply: Reply): Reply {
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^((?:__Host-)?flux_oauth)=([^;]*)/.exec(line) ?? [];
      cookieName = name;
      cookie = value === '' ? null : value;
    }
    return reply;
  }

  const headers = (): Record<string, string> =>
    cookie === null ? {} : { cookie: `${cookieName}=${cookie}` };

  return {
    client,
    get cookie() {
      return cookie;
    },
    set cookie(value: string | null) {
      cookie = value;
    },
    /** What the app's page does: `query` replaces or adds to what it would send. */
    async begin(provider: ProviderId, query: Record<string, string> = {}) {
      const verifier = randomBytes(32).toString('base64url');
      const state = randomBytes(8).toString('base64url');
      const sent = new URLSearchParams({
        key: flux.keys.publishable.plain,
        redirect_url: APP_BACK,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        state,
        ...query,
      });
      const reply = keep(await client.get(`/flux/v1/oauth/${provider}/start?${sent}`, headers()));
      return { reply, verifier, state, url: reply.headers.get('location') ?? '' };
    },
    comeBack: async (provider: ProviderId, query: string, path = callbackPathOf(flux.id, provider)) =>
      keep(await client.get(`${path}${query}`, headers())),
  };
}

export function ledBack(reply: Reply): LedBack {
  const location = new URL(reply.headers.get('location') ?? 'about:blank');
  return {
    status: reply.status,
    url: `${location.origin}${location.pathname}`,
    query: Object.fromEntries(location.searchParams),
  };
}

/** A project whose users may sign in at these providers, and the whole way through one of them. */
export async function createSocialKit(
  world: World,
  providers: Partial<Record<ProviderId, { settings: Record<string, unknown> }>>,
) {
  const names = Object.keys(providers) as ProviderId[];
  const methods = Object.fromEntries(names.map((name) => [name, true]));
  const flux = await createFluxProject(world, { settings: { methods, redirect_urls: [APP_BACK] } });
  const actor = { userId: null, sessionId: null, origin: null };
  const { projectProviders, storage } = world.instance;
  const set = (provider: ProviderId, settings: unknown) =>
    projectProviders.save({ projectId: flux.id, provider, settings, actor });
  for (const name of names) await set(name, providers[name]?.settings);
  const usersNow = async () => {
    const users = storage.db.selectFrom('user').select('id').where('project_id', '=', flux.id);
    return (await users.orderBy('id').execute()).map(({ id }) => id);
  };

  return {
    flux,
    set,
    usersNow,
    identities: () =>
      storage.db.selectFrom('external_identity').selectAll().where('project_id', '=', flux.id),
    trail: (event: string) =>
      storage.db
        .selectFrom('audit_record')
        .select(['user_id', 'method', 'outcome'])
        .where('project_id', '=', flux.id)
        .where('event', '=', event)
        .orderBy('id')
        .execute(),
    verify: (userId: string) =>
      storage.db.updateTable('contact').set({ verified_at: 1 }).where('user_id', '=', userId).execute(),
    /** Through a provider and back; `visit` is what happens there. */
    async through(
      provider: ProviderId,
      visit: (url: string) => string | Promise<string>,
      browser = socialBrowser(world, flux),
    ) {
      const begun = await browser.begin(provider);
      const back = ledBack(await browser.comeBack(provider, await visit(begun.url)));
      if (back.query['state'] !== begun.state) throw new Error(`Another state: ${JSON.stringify(back)}`);
      return { ...back, begun, browser };
    },
    /** The same, and what the code at its end is exchanged for. */
    async signIn(provider: ProviderId, visit: (url: string) => string | Promise<string>) {
      const { query, begun } = await this.through(provider, visit);
      if (query['code'] === undefined) throw new Error(`Nobody was signed in: ${JSON.stringify(query)}`);
      const body = { code: query['code'], code_verifier: begun.verifier, redirect_url: APP_BACK };
      return handed(await flux.page('/sessions/exchange', body));
    },
  };
}
