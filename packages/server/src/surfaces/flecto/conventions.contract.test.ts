import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, flectoSteps, setRights, type World } from '../../testing/index.ts';

describe.each(DIALECTS)("Flecto's conventions on %s", (dialect) => {
  let world: World;
  let count = 0;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  /** A credential that holds no rights. */
  async function anybody(): Promise<{ authorization: string }> {
    const { project, apiTokens } = world.instance;
    const { plain } = await apiTokens.create({
      projectId: project.id,
      name: `anybody-${++count}`,
      expiresAt: null,
      permissions: { admin: [], resources: [] },
      actor: { userId: null, sessionId: null, origin: null },
    });
    return { authorization: `Bearer ${plain}` };
  }

  it('answers a ping with nothing (case 1)', async () => {
    const reply = await world.client().get('/health/ping');
    expect([reply.status, reply.text]).toEqual([204, '']);
  });

  it('tells nobody without a credential what there is below /api, and others that it is not there', async () => {
    const stranger = await world.client().get('/api/none/of/this');
    expect([stranger.status, stranger.text]).toEqual([
      401,
      '{"message":"missing or invalid Authorization header"}\n',
    ]);
    expect(stranger.headers.get('content-type')).toBe('application/json');
    expect(stranger.headers.get('www-authenticate')).toBeNull();
    const known = await world.client().get('/api/none/of/this', await anybody());
    expect([known.status, known.text]).toEqual([404, '{"message":"Not Found"}\n']);
  });

  it.each(['/health/none', '/auth/none'])('says of %s that it is not there, and no more', async (path) => {
    const reply = await world.client().post(path, {});
    expect([reply.status, reply.text]).toEqual([404, '{"message":"Not Found"}\n']);
  });

  it.each([
    ['POST', '/health/ping', 'GET, HEAD'],
    ['GET', '/auth/login?username=ada', 'POST'],
    ['HEAD', '/auth/refresh', 'POST'],
    ['DELETE', '/auth/openid', 'GET'],
    ['POST', '/api/namespace/a/project/b/version', 'GET, HEAD'],
    ['GET', '/api/namespace/a/project/b/agents', 'POST'],
    ['PUT', '/api/namespace/a/project/b/agents/edge/hit', 'PATCH'],
  ])('says of %s %s that it is there for %s', async (method, path, allowed) => {
    const ask = (headers = {}) => world.client().send(path, { method, headers });
    if (path.startsWith('/api')) {
      const stranger = await ask();
      expect([stranger.status, stranger.headers.get('allow')]).toEqual([401, null]);
    }
    const reply = await ask(await anybody());
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, allowed]);
    expect(reply.text).toBe(method === 'HEAD' ? '' : '{"message":"Method Not Allowed"}\n');
  });

  it('lets an account under suspicion leave, and do nothing else until its owner has settled it', async () => {
    const steps = flectoSteps(world);
    const { email, userId: id } = await world.person();
    await setRights(world, id, { resources: [{ namespace: '*', site: '*', resource: '*', action: '*' }] });
    const { tokens } = await steps.signIn(email);
    const version = () =>
      world.client().get('/api/namespace/a/project/b/version', steps.bearer(tokens.accessToken));
    expect((await version()).status).toBe(404);
    const { users, project } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    await users.suspect({ projectId: project.id, id, flags: ['REQUIRE_VERIFIED_EMAIL'], actor });
    const refused = await version();
    expect([refused.status, refused.text]).toEqual([403, '']);
    expect((await steps.logout(tokens.accessToken)).status).toBe(204);
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const [path, status] of [
      ['/health/ping', 204],
      ['/api/namespace/a/project/b/version', 401],
    ] as const) {
      const reply = await world.client().send(path, { method: 'HEAD' });
      expect([reply.status, reply.text]).toEqual([status, '']);
    }
  });

  it('lets pages of any origin ask, without cookies (case 31)', async () => {
    for (const path of ['/auth/login', '/api/namespace/a/project/b/version', '/health/ping']) {
      const reply = await world.client().send(path, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
      });
      expect(reply.status).toBe(204);
      expect(reply.headers.get('access-control-allow-origin')).toBe('*');
      expect(reply.headers.get('access-control-allow-methods')).toBe('GET, POST, PATCH, OPTIONS');
      expect(reply.headers.get('access-control-allow-headers')).toBe(
        'Origin, Content-Type, Accept, Authorization',
      );
      expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});
