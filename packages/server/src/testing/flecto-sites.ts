import type { ResourceRow } from '../core/access/index.ts';
import { Client, type Reply } from './client.ts';
import type { World } from './world.ts';

const NOBODY = { userId: null, sessionId: null, origin: null };
let count = 0;

/** What the rows of an agent are, as Flecto's documents give them. */
export function agentRows(namespace: string, site: string): ResourceRow[] {
  return [
    { namespace, site, resource: 'redirect', action: 'read' },
    { namespace, site, resource: 'page', action: 'read' },
    { namespace, site, resource: 'agent', action: 'write' },
  ];
}

/** Somebody who calls one project as an agent does, with an API token or an access token. */
export class FlectoCaller extends Client {
  readonly path: string;

  constructor(world: World, { namespace, site, token }: { namespace: string; site: string; token: string }) {
    super(world.baseUrl);
    this.token = `Bearer ${token}`;
    this.path = `/api/namespace/${namespace}/project/${site}`;
  }

  version = () => this.get(`${this.path}/version`);
  list = (kind: 'redirects' | 'pages', query = '') => this.get(`${this.path}/${kind}${query}`);
  report = (body: unknown = REPORT) => this.post(`${this.path}/agents`, body);
  hit = (name = 'edge') => this.patch(`${this.path}/agents/${name}/hit`, null);

  /** Each of the five endpoints once, by the last word of its path. */
  async everything(): Promise<Record<'version' | 'redirects' | 'pages' | 'agents' | 'hit', Reply>> {
    return {
      version: await this.version(),
      redirects: await this.list('redirects'),
      pages: await this.list('pages'),
      agents: await this.report(),
      hit: await this.hit(),
    };
  }
}

const REPORT = {
  ...{ name: 'edge', type: 'default', status: 'success', version: 1, load_duration: 10_000_000, error: '' },
};

/** Projects as an operator makes them, and tokens for them, past the admin API, which has tests of its own. */
export function createSiteKit(world: World) {
  const { sites, contents, agents, apiTokens, project } = world.instance;
  const projectId = project.id;
  const actor = NOBODY;

  return {
    /** A project with an agent `edge` and the given number of published redirects. */
    async newSite(redirects = 0) {
      const path = { projectId, namespace: `ns-${count}`, site: `site-${count++}` };
      await sites.createNamespace({ ...path, name: 'Namespace', actor });
      await sites.create({ ...path, name: 'Site', actor });
      const add = (source: string) =>
        contents.add({
          ...path,
          ...{ kind: 'redirect', actor },
          fields: { type: 'BASIC', address: source, value: '/new', label: 'FOUND' },
        });
      for (let number = 0; number < redirects; number++) await add(`/old/${number}`);
      await agents.report(path, {
        ...{ name: 'edge', type: 'default', version: 1, status: 'success', loadDuration: 1, error: '' },
      });
      const publish = () => sites.publish({ ...path, actor });
      if (redirects > 0) await publish();
      const edge = async () =>
        (await agents.list({ ...path, query: 'edge', after: null, limit: 1 }))[0] ?? null;
      return { ...path, path, add, publish, edge };
    },
    async newToken(resources: ResourceRow[], expiresAt: number | null = null) {
      const name = `token-${count++}`;
      const permissions = { admin: [], resources };
      const { token, plain } = await apiTokens.create({ projectId, name, expiresAt, permissions, actor });
      return {
        plain,
        replace: (rows: ResourceRow[]) =>
          apiTokens.replacePermissions({
            ...{ projectId, id: token.id, actor },
            permissions: { admin: [], resources: rows },
          }),
        delete: () => apiTokens.delete({ projectId, id: token.id, actor }),
      };
    },
  };
}
