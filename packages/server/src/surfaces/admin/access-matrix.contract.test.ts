import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN_SECTIONS,
  createWorld,
  DIALECTS,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const ACTIONS = ['read', 'write', '*'];

/** What each route asks for, written down a second time. Those below `/flecto/` have a table of their own. */
const NEEDS: Record<string, string> = {
  'GET /me': 'anything:at all',
  'GET /users': 'users:read',
  'POST /users': 'users:write',
  'GET /users/{user_id}': 'users:read',
  'DELETE /users/{user_id}': 'users:write',
  'POST /users/{user_id}/suspend': 'users:write',
  'POST /users/{user_id}/restore': 'users:write',
  'PATCH /users/{user_id}/suspicious-flags': 'users:write',
  'POST /users/{user_id}/factors/remove': 'users:write',
  'PUT /users/{user_id}/password': 'users:write',
  'GET /users/{user_id}/permissions': 'users:read',
  'PUT /users/{user_id}/permissions': 'users:write',
  'GET /users/{user_id}/sessions': 'sessions:read',
  'DELETE /users/{user_id}/sessions': 'sessions:write',
  'DELETE /users/{user_id}/sessions/{session_id}': 'sessions:write',
  'GET /tokens': 'tokens:read',
  'POST /tokens': 'tokens:write',
  'GET /tokens/{token_id}': 'tokens:read',
  'PUT /tokens/{token_id}/permissions': 'tokens:write',
  'DELETE /tokens/{token_id}': 'tokens:write',
  'GET /roles': 'roles:read',
  'POST /roles': 'roles:write',
  'GET /roles/{code}': 'roles:read',
  'PUT /roles/{code}/permissions': 'roles:write',
  'DELETE /roles/{code}': 'roles:write',
  'GET /roles/{code}/members': 'roles:read',
  'PUT /roles/{code}/members/{user_id}': 'roles:write',
  'DELETE /roles/{code}/members/{user_id}': 'roles:write',
  'GET /audit': 'audit:read',
  'GET /flux/projects': 'auth-projects:read',
  'POST /flux/projects': 'auth-projects:write',
  'GET /flux/projects/{project_id}': 'auth-projects:read',
  'PATCH /flux/projects/{project_id}': 'auth-projects:write',
  'GET /flux/projects/{project_id}/keys': 'auth-projects:read',
  'POST /flux/projects/{project_id}/keys': 'auth-projects:write',
  'DELETE /flux/projects/{project_id}/keys/{key_id}': 'auth-projects:write',
  'POST /flux/projects/{project_id}/keys/{key_id}/rotate': 'auth-projects:write',
  'GET /flux/projects/{project_id}/users': 'auth-projects:read',
  'GET /flux/projects/{project_id}/users/{user_id}': 'auth-projects:read',
  'PATCH /flux/projects/{project_id}/users/{user_id}': 'auth-projects:write',
  'DELETE /flux/projects/{project_id}/users/{user_id}': 'auth-projects:write',
  'POST /flux/projects/{project_id}/users/{user_id}/suspend': 'auth-projects:write',
  'POST /flux/projects/{project_id}/users/{user_id}/restore': 'auth-projects:write',
  'GET /flux/projects/{project_id}/users/{user_id}/sessions': 'auth-projects:read',
  'POST /flux/projects/{project_id}/users/{user_id}/sessions/revoke': 'auth-projects:write',
  'POST /flux/projects/{project_id}/sessions/revoke': 'auth-projects:write',
  'DELETE /flux/projects/{project_id}/sessions/{session_id}': 'auth-projects:write',
  'GET /flux/projects/{project_id}/audit': 'auth-projects:read',
  'GET /flux/signing-keys': 'auth-projects:read',
  'POST /flux/signing-keys/rotate': 'auth-projects:write',
};
/** About the session of whoever calls, which a token has none of. */
const OF_SESSIONS = ['POST /sudo', 'POST /sudo/challenge', 'POST /logout'];
const SHAPES = ADMIN_SECTIONS.flatMap((section) => ACTIONS.map((action) => ({ section, action })));

function mayPass(route: string, held: readonly { section: string; action: string }[]): boolean {
  if (NEEDS[route] === 'anything:at all') return held.length > 0;
  const [section = '', action = ''] = (NEEDS[route] ?? '').split(':');
  return held.some((row) => ['*', section].includes(row.section) && ['*', action].includes(row.action));
}

describe.each(DIALECTS)('who may call what on %s', (dialect) => {
  let world: World;
  let projectId: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    projectId = world.instance.project.id;
  });
  afterAll(() => world.close());

  /** Of things that are not there, and with bodies that are none: whoever may is told 200, 400 or 404, and nothing happens. */
  async function call(route: string, headers: Record<string, string>) {
    const [method = '', template = ''] = route.split(' ');
    const path = template.replace(/{\w+}/g, 'none');
    const isWrite = method !== 'GET';
    return await world.client().send(`/admin/v1${path}`, {
      method,
      ...(isWrite && { body: { flags: 7, reason: 7, permissions: 7, admin: 7, password: 7 } }),
      headers,
    });
  }

  async function tokenOf(admin: { section: string; action: string }[], stars = false) {
    const star = { namespace: '*', site: '*', resource: '*', action: '*' };
    const { token, plain } = await world.instance.apiTokens.create({
      ...{ projectId, expiresAt: null, actor: OPERATOR },
      name: newEmail().replace(/[@.]/g, '-'),
      permissions: { admin, resources: stars ? [star] : [] },
    });
    return { id: token.id, headers: { authorization: `Bearer ${plain}` } };
  }

  it('knows every route there is [J01]', async () => {
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(paths)
      .filter(([path]) => path.startsWith('/admin/v1/') && !path.startsWith('/admin/v1/flecto/'))
      .flatMap(([path, verbs]) =>
        Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replace('/admin/v1', '')}`),
      );
    expect(routes.sort()).toEqual([...Object.keys(NEEDS), ...OF_SESSIONS].sort());
  });

  it.each(SHAPES)(
    'opens to an API token with $section:$action just what that names [J01, J02, bug 76]',
    async (row) => {
      const { headers } = await tokenOf([row]);
      for (const route of Object.keys(NEEDS)) {
        const { status } = await call(route, headers);
        // Even a token of an administrator is no user: `/me` is for people.
        if (mayPass(route, [row]) && route !== 'GET /me') expect([200, 400, 404], route).toContain(status);
        else expect(status, route).toBe(403);
      }
      for (const route of OF_SESSIONS) expect((await call(route, headers)).status, route).toBe(403);
    },
  );

  it('opens to an API token without a row of administration nothing at all', async () => {
    for (const { headers } of [await tokenOf([]), await tokenOf([], true)])
      for (const route of [...Object.keys(NEEDS), ...OF_SESSIONS, 'GET /flecto/namespaces'])
        expect((await call(route, headers)).status, route).toBe(403);
  });

  it('never puts two rows together to one', async () => {
    const rows = [
      { section: 'users', action: 'read' },
      { section: 'tokens', action: 'write' },
    ];
    const { headers } = await tokenOf(rows);
    for (const route of Object.keys(NEEDS).filter((one) => one !== 'GET /me')) {
      const { status } = await call(route, headers);
      if (mayPass(route, rows)) expect([200, 400, 404], route).toContain(status);
      else expect(status, route).toBe(403);
    }
  });

  it('opens to a person just what their rows name, their own and of their roles, at the next request [J02, J06]', async () => {
    const { email, userId } = await world.person();
    const cookieOf = (reply: Awaited<ReturnType<typeof call>>) =>
      reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const signedIn = await world.client().form('/login', { email, password: PASSWORD });
    const sudo = await world
      .client()
      .post('/admin/v1/sudo', { password: PASSWORD }, { origin: world.baseUrl, cookie: cookieOf(signedIn) });
    const headers = { origin: world.baseUrl, cookie: cookieOf(sudo) };
    const none = { admin: [], resources: [] };
    const role = { projectId, code: 'role-of-matrix', actor: OPERATOR };
    await world.instance.roles.create({ ...role, permissions: none });
    for (const [at, row] of SHAPES.entries()) {
      const held = { admin: [row], resources: [] };
      const isByRole = at % 2 === 1;
      await world.instance.roles.replacePermissions({ ...role, permissions: isByRole ? held : none });
      await world.instance.userRights.replace({
        ...{ projectId, userId, actor: OPERATOR },
        permissions: isByRole ? none : held,
        roles: [role.code],
      });
      const replies = Object.keys(NEEDS).map(async (route) => {
        const { status } = await call(route, headers);
        if (mayPass(route, [row])) expect([200, 400, 404], route).toContain(status);
        else expect(status, `${row.section}:${row.action} ${route}`).toBe(403);
      });
      await Promise.all(replies);
    }
  });

  it('is open to no other credential, wherever it is put [E05]', async () => {
    const { client, email, userId } = await world.person();
    await world.instance.userRights.replace({
      ...{ projectId, userId, actor: OPERATOR, roles: [] },
      permissions: { admin: [{ section: '*', action: '*' }], resources: [] },
    });
    const flecto = await world.client().post('/auth/login', { username: email, password: PASSWORD });
    const { tokens } = flecto.json as { tokens: { accessToken: string; refreshToken: string } };
    const { headers } = await tokenOf([{ section: '*', action: '*' }]);
    const plain = headers.authorization.slice('Bearer '.length);
    const session = client.token ?? '';
    const wrong: Record<string, string>[] = [
      { authorization: session },
      { authorization: `Bearer ${session}` },
      { authorization: `Bearer ${tokens.accessToken}` },
      { authorization: `Bearer ${tokens.refreshToken}` },
      { cookie: `fluxgate=${tokens.accessToken}` },
      { authorization: plain },
      { authorization: `bearer ${plain}` },
      { authorization: `Bearer  ${plain}` },
      { authorization: `Basic ${plain}` },
      { authorization: `Bearer ${plain}x` },
      { authorization: `Bearer ${plain.slice(0, -1)}` },
      { authorization: 'Bearer flecto_' },
      { cookie: `fluxgate=${plain}` },
      { cookie: `fluxgate=${session}` },
      { 'x-api-key': plain },
    ];
    for (const given of wrong)
      for (const route of ['GET /users', 'POST /tokens', 'DELETE /users/{user_id}'])
        expect((await call(route, given)).status, JSON.stringify(Object.keys(given))).toBe(401);
    expect((await world.client().get(`/admin/v1/users?token=${plain}`)).status).toBe(401);
  });

  it('knows whose project it is by who asks, never by what they say [J04, J05, bug 75]', async () => {
    const { db } = world.instance.storage;
    const other = {
      ...(await db.selectFrom('project').selectAll().executeTakeFirstOrThrow()),
      ...{ id: 'proj_other', slug: 'other' },
    };
    await db.insertInto('project').values(other).execute();
    const make = async (inProject: string) => {
      const { token, plain } = await world.instance.apiTokens.create({
        ...{ projectId: inProject, name: 'same-name', expiresAt: null, actor: OPERATOR },
        permissions: { admin: [{ section: '*', action: '*' }], resources: [] },
      });
      return { id: token.id, headers: { authorization: `Bearer ${plain}` } };
    };
    const [here, there] = [await make(projectId), await make(other.id)];
    const role = { projectId: other.id, code: 'there', actor: OPERATOR };
    await world.instance.roles.create({ ...role, permissions: { admin: [], resources: [] } });
    for (const route of Object.keys(NEEDS)) {
      expect((await call(route, there.headers)).status, route).toBe(401);
      const said = { ...there.headers, 'x-project-id': projectId, 'x-tenant-id': projectId };
      expect((await call(route, said)).status, route).toBe(401);
    }
    // Nor is anything of another project to be seen or touched from here.
    const api = (method: string, path: string, body?: unknown) =>
      world.client().send(`/admin/v1${path}`, {
        method,
        ...(body !== undefined && { body }),
        headers: { ...here.headers, 'x-project-id': other.id },
      });
    for (const [method, path, body] of [
      ['GET', `/tokens/${there.id}`],
      ['PUT', `/tokens/${there.id}/permissions`, {}],
      ['DELETE', `/tokens/${there.id}`],
      ['GET', '/roles/there'],
      ['PUT', '/roles/there/permissions', {}],
      ['DELETE', '/roles/there'],
    ] as const)
      expect((await api(method, path, body)).status, path).toBe(404);
    expect((await api('GET', '/tokens?limit=100')).text).not.toContain(there.id);
    expect((await api('GET', '/roles?limit=100')).text).not.toContain('"there"');
    expect(await world.instance.apiTokens.read({ projectId: other.id, id: there.id })).toBeDefined();
  });

  it('lets a token in whatever page asks, and heeds no cookie beside it [I03]', async () => {
    const { headers } = await tokenOf([{ section: 'roles', action: '*' }]);
    const foreign = { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await call('GET /roles', foreign)).status).toBe(200);
    expect((await call('POST /roles', foreign)).status).toBe(400);
    const { email, userId } = await world.person();
    await world.instance.userRights.replace({
      ...{ projectId, userId, actor: OPERATOR, roles: [] },
      permissions: { admin: [{ section: '*', action: '*' }], resources: [] },
    });
    const signedIn = await world.client().form('/login', { email, password: PASSWORD });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await call('GET /users', { ...headers, cookie })).status).toBe(403);
    expect((await call('GET /users', { authorization: 'Bearer flecto_x', cookie })).status).toBe(401);
    expect((await call('GET /users', { cookie })).status).toBe(200);
  });

  it('limits each token by itself [N10]', async () => {
    const strict = await createWorld({ dialect });
    const make = async (name: string) => {
      const { plain } = await strict.instance.apiTokens.create({
        ...{ projectId: strict.instance.project.id, name, expiresAt: null, actor: OPERATOR },
        permissions: { admin: [{ section: 'roles', action: 'read' }], resources: [] },
      });
      return { authorization: `Bearer ${plain}` };
    };
    const [one, two] = [await make('one'), await make('two')];
    const statuses = new Set<number>();
    for (let at = 0; at < 10; at++) {
      const replies = await Promise.all(
        Array.from({ length: 80 }, () => strict.client().get('/admin/v1/roles', one)),
      );
      for (const { status } of replies) statuses.add(status);
    }
    expect(statuses).toEqual(new Set([200, 429]));
    expect((await strict.client().get('/admin/v1/roles', two)).status).toBe(200);
    await strict.close();
  });
});
