import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permissions } from '../../core/access/index.ts';
import {
  ADMIN_SECTIONS,
  AdminClient,
  createWorld,
  DIALECTS,
  setRights,
  type World,
} from '../../testing/index.ts';

const REDIRECT = { type: 'BASIC', source: '/old', target: '/new', status: 'FOUND' };
const PAGE = { type: 'BASIC', path: '/robots.txt', content: 'User-agent: *\n', content_type: 'TEXT_PLAIN' };

type Row = readonly string[];
type Opens = (row: Row) => boolean;
const isOneOf = (word: string | undefined, ...words: string[]) => words.includes(word ?? '');

/** What opens a route, said in other words than the server says it. */
const section =
  (name: string, action: string): Opens =>
  (row) =>
    row.length === 2 && isOneOf(row[0], name, '*') && isOneOf(row[1], action, '*');
const inSite =
  (resource: string, action: string): Opens =>
  ([namespace, site, kind, verb]) =>
    isOneOf(namespace, 'ns', '*') &&
    isOneOf(site, 'site', '*') &&
    (resource === 'any' ? kind !== undefined : isOneOf(kind, resource, '*')) &&
    isOneOf(verb, action, '*');
const readsIn =
  (...namespaces: string[]): Opens =>
  (row) =>
    row.length === 4 && isOneOf(row[3], 'read', '*') && isOneOf(row[0], ...namespaces);
const either =
  (...ways: Opens[]): Opens =>
  (row) =>
    ways.some((way) => way(row));

const ONE = '/flecto/namespaces/{namespace}/projects/{project}';
/** What each route takes to be opened, and what it answers when it is. */
const routes: Record<string, { by: Opens; body?: unknown; answers: number }> = {
  'GET /flecto/namespaces': {
    by: either(section('namespaces', 'read'), readsIn('ns', '*', 'elsewhere')),
    answers: 200,
  },
  'POST /flecto/namespaces': {
    by: section('namespaces', 'write'),
    body: { code: 'ns', name: 'N' },
    answers: 409,
  },
  'GET /flecto/namespaces/{namespace}': {
    by: either(section('namespaces', 'read'), readsIn('ns', '*')),
    answers: 200,
  },
  'PATCH /flecto/namespaces/{namespace}': {
    by: section('namespaces', 'write'),
    body: { name: 'M' },
    answers: 200,
  },
  'DELETE /flecto/namespaces/{namespace}': { by: section('namespaces', 'write'), answers: 204 },
  'GET /flecto/namespaces/{namespace}/projects': {
    by: either(section('projects', 'read'), readsIn('ns', '*')),
    answers: 200,
  },
  'POST /flecto/namespaces/{namespace}/projects': {
    by: section('projects', 'write'),
    body: { code: 'site', name: 'S' },
    answers: 409,
  },
  [`GET ${ONE}`]: { by: either(section('projects', 'read'), inSite('any', 'read')), answers: 200 },
  [`PATCH ${ONE}`]: { by: section('projects', 'write'), body: { name: 'T' }, answers: 200 },
  [`DELETE ${ONE}`]: { by: section('projects', 'write'), answers: 204 },
  [`POST ${ONE}/publish`]: { by: inSite('any', 'write'), answers: 200 },
  [`GET ${ONE}/agents`]: { by: inSite('agent', 'read'), answers: 200 },
  [`DELETE ${ONE}/agents/{name}`]: { by: inSite('agent', 'write'), answers: 404 },
  [`GET ${ONE}/redirects`]: { by: inSite('redirect', 'read'), answers: 200 },
  [`POST ${ONE}/redirects`]: {
    by: inSite('redirect', 'write'),
    body: { ...REDIRECT, type: 'NONE' },
    answers: 400,
  },
  [`GET ${ONE}/redirects/{id}`]: { by: inSite('redirect', 'read'), answers: 404 },
  [`PATCH ${ONE}/redirects/{id}`]: { by: inSite('redirect', 'write'), body: {}, answers: 404 },
  [`DELETE ${ONE}/redirects/{id}`]: { by: inSite('redirect', 'write'), answers: 404 },
  [`GET ${ONE}/pages`]: { by: inSite('page', 'read'), answers: 200 },
  [`POST ${ONE}/pages`]: { by: inSite('page', 'write'), body: { ...PAGE, type: 'REGEX' }, answers: 400 },
  [`GET ${ONE}/pages/{id}`]: { by: inSite('page', 'read'), answers: 404 },
  [`PATCH ${ONE}/pages/{id}`]: { by: inSite('page', 'write'), body: {}, answers: 404 },
  [`DELETE ${ONE}/pages/{id}`]: { by: inSite('page', 'write'), answers: 404 },
};

/** One row of every shape; `elsewhere` is another namespace or project. */
const everyRow: readonly Row[] = [
  ...ADMIN_SECTIONS.flatMap((section) => ['read', 'write', '*'].map((action) => [section, action])),
  ...['ns', '*', 'elsewhere'].flatMap((namespace) =>
    ['site', '*', 'elsewhere'].flatMap((site) =>
      ['redirect', 'page', 'agent', '*'].flatMap((resource) =>
        ['read', 'write', '*'].map((action) => [namespace, site, resource, action]),
      ),
    ),
  ),
];

function rightsOf(row: Row): Partial<Permissions> {
  const [first = '', second = '', resource = '', action = ''] = row;
  return row.length === 2
    ? { admin: [{ section: first, action: second }] }
    : { resources: [{ namespace: first, site: second, resource, action }] };
}

describe.each(DIALECTS)("rights on Flecto's projects at the admin API on %s", (dialect) => {
  let world: World;
  let admin: AdminClient;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    admin = await AdminClient.ofSetup(world);
    await admin.post('/flecto/namespaces', { code: 'ns', name: 'N' });
    await admin.post('/flecto/namespaces/ns/projects', { code: 'site', name: 'S' });
  });
  afterAll(() => world.close());

  it('has just the routes of the table', async () => {
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, unknown>>;
    };
    const there = Object.entries(paths)
      .filter(([path]) => path.startsWith('/admin/v1/flecto/'))
      .flatMap(([path, verbs]) =>
        Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replace('/admin/v1', '')}`),
      );
    expect(there.sort()).toEqual(Object.keys(routes).sort());
  });

  it('opens each route to each row that is meant for it, and to no other [J01, J02]', async () => {
    const { caller, userId } = await AdminClient.withRights(world, {});
    const wrong: string[] = [];
    for (const row of everyRow) {
      await setRights(world, userId, rightsOf(row));
      for (const [route, { by, body, answers }] of Object.entries(routes)) {
        const [method = '', template = ''] = route.split(' ');
        const isDelete = method === 'DELETE' && answers === 204;
        const path = template
          .replace('{namespace}', 'ns')
          .replace('{project}', 'site')
          .replace('{name}', 'nobody')
          .replace('{id}', '999');
        // What deletes is aimed past the goal where it would hit.
        const aimed = isDelete ? path.replace(/(ns|site)$/, 'gone') : path;
        const expected = by(row) ? (isDelete ? 404 : answers) : 403;
        const { status } = await caller.send(method, aimed, body);
        if (status !== expected) wrong.push(`${row.join(' ')}: ${route} is ${status}, not ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 300_000);

  it('lets a token publish that holds the rights, and a row of administration besides [J01]', async () => {
    const path = '/admin/v1/flecto/namespaces/ns/projects/site';
    const writes = ['redirect', 'page'].map((resource) => ({
      ...{ namespace: 'ns', site: 'site', resource, action: 'write' },
    }));
    const { apiTokens, project } = world.instance;
    const statusesWith = async (name: string, permissions: Permissions) => {
      const actor = { userId: null, sessionId: null, origin: null };
      const made = await apiTokens.create({
        projectId: project.id,
        name,
        expiresAt: null,
        permissions,
        actor,
      });
      const headers = { authorization: `Bearer ${made.plain}` };
      const redirect = { type: 'BASIC', source: `/${name}`, target: '/to', status: 'FOUND' };
      const replies = [
        await world.direct.post(`${path}/redirects`, redirect, headers),
        await world.direct.post(`${path}/publish`, {}, headers),
        await world.direct.get(`${path}/redirects`, headers),
        await world.direct.send(path, { method: 'DELETE', headers }),
      ];
      return replies.map(({ status }) => status);
    };
    const admin = [{ section: 'projects', action: 'read' }];
    expect(await statusesWith('deploy', { admin, resources: writes })).toEqual([200, 200, 403, 403]);
    expect(await statusesWith('agent', { admin: [], resources: writes })).toEqual([403, 403, 403, 403]);
  });

  it('asks for sudo before anything is changed, and lets nobody in without a session [J01]', async () => {
    const fresh = await AdminClient.withRights(world, {
      admin: [{ section: '*', action: '*' }],
      resources: [{ namespace: '*', site: '*', resource: '*', action: '*' }],
    });
    world.clock.advance(16 * 60_000);
    for (const [route, { body }] of Object.entries(routes)) {
      const [method = '', template = ''] = route.split(' ');
      const path = template.replace('{namespace}', 'ns').replace('{project}', 'site').replace('{id}', '1');
      const stranger = await world.direct.send(`/admin/v1${path}`, { method, body });
      expect(stranger.json, route).toMatchObject({ status: 401, code: 'unauthenticated' });
      if (method === 'GET') continue;
      const reply = await fresh.caller.send(method, path, body);
      expect(reply.json, route).toMatchObject({ status: 403, code: 'sudo_required' });
    }
    expect((await fresh.caller.get('/flecto/namespaces/ns/projects/site')).status).toBe(200);
  });
});
