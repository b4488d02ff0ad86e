import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResourceRow } from '../../core/access/index.ts';
import {
  agentRows,
  createSiteKit,
  createWorld,
  DIALECTS,
  FlectoCaller,
  PASSWORD,
  setRights,
  type World,
} from '../../testing/index.ts';

type Endpoint = 'version' | 'redirects' | 'pages' | 'agents' | 'hit';
const ENDPOINTS: readonly Endpoint[] = ['version', 'redirects', 'pages', 'agents', 'hit'];
const among = (word: string, ...words: string[]) => words.includes(word);

/** Contract A9's table of questions, in other words than the server puts them. */
function opens(row: ResourceRow, endpoint: Endpoint, own: { namespace: string; site: string }): boolean {
  if (!among(row.namespace, own.namespace, '*') || !among(row.site, own.site, '*')) return false;
  switch (endpoint) {
    case 'version':
      return among(row.action, 'read', '*');
    case 'redirects':
      return among(row.resource, 'redirect', '*') && among(row.action, 'read', '*');
    case 'pages':
      return among(row.resource, 'page', '*') && among(row.action, 'read', '*');
    default:
      return among(row.resource, 'agent', '*') && among(row.action, 'write', '*');
  }
}

describe.each(DIALECTS)("rights on Flecto's projects on %s", (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createSiteKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createSiteKit(world);
  });
  afterAll(() => world.close());

  type Site = Awaited<ReturnType<typeof kit.newSite>>;
  const caller = (site: Site, token: string) => new FlectoCaller(world, { ...site.path, token });

  async function statuses(asker: FlectoCaller): Promise<Record<Endpoint, number>> {
    const replies = await asker.everything();
    for (const { status, text, headers } of Object.values(replies)) {
      // A refusal by rights says nothing at all (contract A2).
      if (status === 403) expect([text, headers.get('content-type')]).toEqual(['', null]);
    }
    const entries = Object.entries(replies).map(([endpoint, { status }]) => [endpoint, status]);
    return Object.fromEntries(entries) as Record<Endpoint, number>;
  }

  const all = (status: number) => Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, status]));

  async function expectMatrix(site: Site, asker: FlectoCaller, give: (row: ResourceRow) => Promise<unknown>) {
    for (const namespace of [site.namespace, '*', 'elsewhere'])
      for (const named of [site.site, '*', 'elsewhere'])
        for (const resource of ['redirect', 'page', 'agent', '*'])
          for (const action of ['read', 'write', '*']) {
            const row = { namespace, site: named, resource, action };
            await give(row);
            const expected = ENDPOINTS.map((one) => [one, opens(row, one, site) ? 200 : 403]);
            expect(await statuses(asker), Object.values(row).join(' ')).toEqual(Object.fromEntries(expected));
          }
  }

  it('go by each single row of an API token, at its very next request (cases 19, 20, 22) [J02, J06]', async () => {
    const site = await kit.newSite(1);
    const token = await kit.newToken([]);
    const asker = caller(site, token.plain);
    expect(await statuses(asker)).toEqual(all(403));
    await expectMatrix(site, asker, (row) => token.replace([row]));
  }, 300_000);

  it('go by each single row of a user, whose access token stays the same (cases 19, 23) [J02, J06]', async () => {
    const site = await kit.newSite(1);
    const { email, userId } = await world.person();
    const login = await world.client().post('/auth/login', { username: email, password: PASSWORD });
    expect(login.status).toBe(200);
    const { tokens } = login.json as { tokens: { accessToken: string } };
    const asker = caller(site, tokens.accessToken);
    expect(await statuses(asker)).toEqual(all(403));
    await expectMatrix(site, asker, (row) => setRights(world, userId, { resources: [row] }));
  }, 300_000);

  it('of an agent, as the documents give them, open all five of its project (case 15)', async () => {
    const site = await kit.newSite(1);
    const { plain } = await kit.newToken(agentRows(site.namespace, site.site));
    expect(await statuses(caller(site, plain))).toEqual(all(200));
  });

  it('on one project open nothing of another project or namespace (case 16) [J04]', async () => {
    const [site, other] = [await kit.newSite(1), await kit.newSite(1)];
    const { plain } = await kit.newToken(agentRows(site.namespace, site.site));
    for (const path of [
      other.path,
      { ...site.path, site: other.site },
      { ...other.path, site: site.site },
      { ...site.path, site: 'nowhere' },
      { ...site.path, namespace: site.namespace.toUpperCase() },
      { ...site.path, site: '*' },
    ]) {
      const asker = new FlectoCaller(world, { ...path, token: plain });
      expect(await statuses(asker), Object.values(path).join(' ')).toEqual(all(403));
    }
  });

  it('lost one at a time close just what they opened (cases 17, 18)', async () => {
    const site = await kit.newSite(1);
    const rows = agentRows(site.namespace, site.site);
    const token = await kit.newToken(rows);
    const asker = caller(site, token.plain);
    const [redirects, pages, agents] = rows as [ResourceRow, ResourceRow, ResourceRow];
    const cases: [ResourceRow[], Partial<Record<Endpoint, number>>][] = [
      [[pages, agents], { redirects: 403 }],
      [[redirects, agents], { pages: 403 }],
      [[redirects, pages], { agents: 403, hit: 403 }],
      // The version is refused once there is no row to read anything by.
      [[agents], { redirects: 403, pages: 403, version: 403 }],
    ];
    for (const [left, closed] of cases) {
      await token.replace(left);
      expect(await statuses(asker)).toEqual({ ...all(200), ...closed });
    }
    await token.replace(rows);
    expect(await statuses(asker)).toEqual(all(200));
  });

  it('never come from two rows put together', async () => {
    const site = await kit.newSite(1);
    const { namespace, site: code } = site;
    const { plain } = await kit.newToken([
      { namespace, site: code, resource: 'redirect', action: 'write' },
      { namespace, site: 'elsewhere', resource: '*', action: 'read' },
      { namespace: 'elsewhere', site: code, resource: '*', action: '*' },
      { namespace, site: code, resource: 'agent', action: 'read' },
    ]);
    expect(await statuses(caller(site, plain))).toEqual({ ...all(403), version: 200 });
  });

  it('are asked about before the body and the project are looked at', async () => {
    const site = await kit.newSite();
    const { plain } = await kit.newToken([{ ...site.path, resource: 'page', action: 'read' }]);
    const asker = caller(site, plain);
    expect((await asker.report('{"broken')).status).toBe(403);
    expect((await asker.report({ name: '???' })).status).toBe(403);
    expect((await asker.list('redirects', '?limit=x&cursor=y')).status).toBe(403);
  });

  it('end with the token: expired, deleted, or with one character changed (case 21)', async () => {
    const site = await kit.newSite(1);
    const rows = agentRows(site.namespace, site.site);
    const expiring = await kit.newToken(rows, world.clock.now() + 60_000);
    const asker = caller(site, expiring.plain);
    expect(await statuses(asker)).toEqual(all(200));
    world.clock.advance(60_001);
    expect(await statuses(asker)).toEqual(all(401));

    const deleted = await kit.newToken(rows);
    const other = caller(site, deleted.plain);
    expect(await statuses(other)).toEqual(all(200));
    await deleted.delete();
    expect(await statuses(other)).toEqual(all(401));

    const { plain } = await kit.newToken(rows);
    for (const at of [7, 20, plain.length - 1]) {
      const letter = plain[at] === 'x' ? 'y' : 'x';
      const changed = plain.slice(0, at) + letter + plain.slice(at + 1);
      expect(await statuses(caller(site, changed)), String(at)).toEqual(all(401));
    }
    expect((await caller(site, `${plain}x`).version()).text).toBe('{"message":"invalid API token"}\n');
  });
});
