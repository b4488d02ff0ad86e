import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN_ROUTES,
  createFluxProject,
  createWorld,
  DIALECTS,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

interface User {
  id: string;
  username: string;
  status: string;
  emails: { address: string }[];
}
interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Somebody with the cookie of the hosted pages, which each answer may replace. */
class Caller {
  readonly world: World;
  cookie: string;

  constructor(world: World, cookie: string) {
    this.world = world;
    this.cookie = cookie;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const reply = await this.world.client().send(`/admin/v1${path}`, {
      method,
      ...(body !== undefined && { body }),
      headers: { origin: this.world.baseUrl, cookie: this.cookie, ...headers },
    });
    this.cookie = cookieIn(reply) ?? this.cookie;
    return reply;
  }

  get = (path: string) => this.send('GET', path);
  sudo = (password = PASSWORD) => this.send('POST', '/sudo', { password });
}

function cookieIn(reply: Reply): string | undefined {
  return reply.headers.getSetCookie()[0]?.split(';')[0];
}

function expectProblem(reply: Reply, status: number, code: string): void {
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = reply.json as Record<string, unknown>;
  expect(problem).toMatchObject({ type: 'about:blank', status, code });
  for (const text of ['title', 'detail', 'request_id']) expect(problem[text]).toMatch(/./);
  expect(problem['request_id']).toBe(reply.headers.get('x-request-id'));
  const allowed = ['type', 'title', 'status', 'detail', 'code', 'errors', 'request_id'];
  expect(allowed).toEqual(expect.arrayContaining(Object.keys(problem)));
}

describe.each(DIALECTS)('the admin API on %s', (dialect) => {
  let world: World;
  let adminEmail: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    adminEmail = newEmail();
    const token = (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';
    const made = await world.client().form('/setup', { token, email: adminEmail, password: PASSWORD });
    expect(made.status).toBe(303);
  });
  afterAll(() => world.close());

  async function signIn(email: string): Promise<Caller> {
    const reply = await world.client().form('/login', { email, password: PASSWORD });
    return new Caller(world, cookieIn(reply) ?? '');
  }

  async function raised(): Promise<Caller> {
    const admin = await signIn(adminEmail);
    expect((await admin.sudo()).status).toBe(204);
    return admin;
  }

  const operated = () => ({
    ...{ projectId: world.instance.project.id, permissions: { admin: [], resources: [] } },
    actor: { userId: null, sessionId: null, origin: null },
  });
  async function someToken(): Promise<string> {
    const wanted = { ...operated(), name: newEmail().replace(/[@.]/g, '-'), expiresAt: null };
    return (await world.instance.apiTokens.create(wanted)).token.id;
  }
  async function someRole(userId: string): Promise<string> {
    const role = { ...operated(), code: newEmail().replace(/[@.]/g, '-') };
    await world.instance.roles.create(role);
    await world.instance.roles.addMember({ ...role, userId });
    return role.code;
  }

  async function someProject() {
    const flux = await createFluxProject(world);
    const { user, session } = await flux.signUp();
    const { key } = flux.keys.secret;
    return { project_id: flux.id, key_id: key.id, user_id: user.id, session_id: session.id };
  }

  /** A fresh person for each try, because some of them do as they are told. */
  async function target(route: string) {
    const person = await world.person();
    const [method = '', template = ''] = route.split(' ');
    const { items } = (await (await signIn(adminEmail)).get(`/users/${person.userId}/sessions`))
      .json as Listed<{ id: string }>;
    const ids = {
      ...{ user_id: person.userId, session_id: items[0]?.id ?? '' },
      ...(template.includes('{token_id}') && { token_id: await someToken() }),
      ...(template.includes('{project_id}') && (await someProject())),
      ...(template.includes('{code}') && { code: await someRole(person.userId) }),
    };
    const path = template.replace(/{(\w+)}/g, (_, name: keyof typeof ids) => ids[name] ?? '');
    return { method, path, person };
  }

  it('has just the routes of the table', async () => {
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(paths)
      // Those of Flecto's projects have rules and a table of their own: `site-rights.contract.test.ts`.
      .filter(([path]) => path.startsWith('/admin/v1/') && !path.startsWith('/admin/v1/flecto/'))
      .flatMap(([path, verbs]) =>
        Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replace('/admin/v1', '')}`),
      );
    expect(routes.sort()).toEqual(Object.keys(ADMIN_ROUTES).sort());
  });

  it.each(Object.keys(ADMIN_ROUTES))(
    'answers %s by who asks, and by sudo [J01, bug 69, bug 77]',
    async (route) => {
      const { plain, sudo, body, open } = ADMIN_ROUTES[route] ?? { plain: 0, sudo: 0 };
      const { method, path, person } = await target(route);

      expectProblem(await new Caller(world, '').send(method, path, body), 401, 'unauthenticated');
      const made = new Caller(world, `fluxgate=fluxgate_session_${'A'.repeat(43)}`);
      expectProblem(await made.send(method, path, body), 401, 'unauthenticated');
      const token = person.client.token ?? '';
      for (const authorization of [token, `Bearer ${token}`])
        expectProblem(
          await new Caller(world, '').send(method, path, body, { authorization }),
          401,
          'unauthenticated',
        );
      expectProblem(
        await new Caller(world, `fluxgate=${token}`).send(method, path, body),
        401,
        'unauthenticated',
      );
      // The right token in the wrong place: no other credential than the cookie opens this API.
      const inHeader = (await raised()).cookie.replace('fluxgate=', '');
      const borrowed = await new Caller(world, '').send(method, path, body, {
        authorization: `Bearer ${inHeader}`,
      });
      expectProblem(borrowed, 401, 'unauthenticated');

      const ordinary = await signIn((await world.person()).email);
      const refused = await ordinary.send(method, path, body);
      if (open) expect(refused.status).toBe(plain);
      else expectProblem(refused, 403, 'forbidden');
      if (open !== true) {
        // Sudo proves who somebody is, and gives no right.
        await ordinary.sudo();
        expectProblem(await ordinary.send(method, path, body), 403, 'forbidden');
      }

      const unproved = await (await signIn(adminEmail)).send(method, path, body);
      if (plain === 403) expectProblem(unproved, 403, 'sudo_required');
      else expect(unproved.status).toBe(plain);
      expect((await person.client.get('/v1/users/@me')).status).toBe(200);

      expect((await (await raised()).send(method, path, body)).status).toBe(sudo);
    },
  );

  it.each(Object.keys(ADMIN_ROUTES).filter((route) => !route.startsWith('GET')))(
    'does nothing of %s for a page of another site [I03]',
    async (route) => {
      const { method, path, person } = await target(route);
      const admin = await raised();
      const foreign = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'http://localhost:1' },
      ] as Record<string, string>[];
      for (const headers of foreign)
        expectProblem(await admin.send(method, path, ADMIN_ROUTES[route]?.body, headers), 403, 'cross_site');
      const reply = await world.client().send(`/admin/v1${path}`, {
        method,
        body: ADMIN_ROUTES[route]?.body ?? {},
        headers: { cookie: admin.cookie, 'sec-fetch-site': 'cross-site' },
      });
      expectProblem(reply, 403, 'cross_site');
      expect((await admin.get('/me')).status).toBe(200);
      expect((await person.client.get('/v1/users/@me')).status).toBe(200);
    },
  );

  it('takes no form for JSON [I03]', async () => {
    const admin = await raised();
    const { userId, client } = await world.person();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      const reply = await admin.send('POST', `/users/${userId}/suspend`, '{"reason":"x"}', {
        'content-type': type,
      });
      expectProblem(reply, 415, 'invalid_request');
    }
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });

  it('answers what it cannot read as problems, and what is not there', async () => {
    const admin = await raised();
    expectProblem(await admin.send('POST', '/sudo', '{"password":'), 400, 'invalid_request');
    expectProblem(await admin.send('POST', '/sudo', { password: 7 }), 400, 'invalid_request');
    expectProblem(await admin.get('/users?limit=0'), 400, 'invalid_request');
    expectProblem(await admin.get('/users?limit=101'), 400, 'invalid_request');
    expectProblem(await admin.get('/users/1'), 404, 'not_found');
    expectProblem(await admin.get('/nothing'), 404, 'not_found');
    const me = ((await admin.get('/me')).json as { user: User }).user;
    expectProblem(await admin.send('DELETE', `/users/${me.id}/sessions/sess_none`), 404, 'not_found');
  });

  describe('sudo', () => {
    it('is refused for a wrong password and then opens nothing [D08]', async () => {
      const admin = await signIn(adminEmail);
      const before = admin.cookie;
      expectProblem(await admin.sudo('wrong'), 403, 'invalid_credentials');
      expect(admin.cookie).toBe(before);
      const { userId } = await world.person();
      expectProblem(await admin.send('POST', `/users/${userId}/suspend`, {}), 403, 'sudo_required');
    });

    it('is not given by a sign-in, however fresh [D09, bug 20]', async () => {
      const admin = await signIn(adminEmail);
      expect((await admin.get('/me')).json).toMatchObject({ elevated_until: null });
      const { userId } = await world.person();
      expectProblem(await admin.send('DELETE', `/users/${userId}/sessions`), 403, 'sudo_required');
    });

    it('is nothing to an administrator of another project, though the cookie is one of ours [J04, bug 75]', async () => {
      const admin = await raised();
      const { storage, sessions, projects, project } = world.instance;
      const actor = { userId: null, sessionId: null, origin: null };
      const other = await projects.create({ slug: 'elsewhere', name: 'Elsewhere', actor });
      const session = await sessions.find(admin.cookie.split('=')[1] ?? '', 'pages');
      const move = async (to: string) => {
        await storage.db
          .updateTable('session')
          .set({ project_id: to })
          .where('id', '=', session?.id ?? '')
          .execute();
        // What is remembered of rows that are moved by hand is believed for a minute.
        world.clock.advance(61_000);
      };
      await move(other.id);
      for (const path of ['/me', '/users', '/tokens'])
        expectProblem(await admin.get(path), 401, 'unauthenticated');
      await move(project.id);
      expect((await admin.get('/users')).status).toBe(200);
    });

    it('gives a new cookie and kills the old one [D01]', async () => {
      const admin = await signIn(adminEmail);
      const old = new Caller(world, admin.cookie);
      await admin.sudo();
      expect(admin.cookie).not.toBe(old.cookie);
      expectProblem(await old.get('/me'), 401, 'unauthenticated');
    });

    it('belongs to one session of its administrator [D10]', async () => {
      const other = await signIn(adminEmail);
      await raised();
      const { userId } = await world.person();
      expectProblem(await other.send('POST', `/users/${userId}/suspend`, {}), 403, 'sudo_required');
    });

    it('ends after 15 minutes [D08]', async () => {
      const admin = await raised();
      const { userId } = await world.person();
      world.clock.advance(15 * 60_000 - 1);
      expect((await admin.send('POST', `/users/${userId}/suspend`, {})).status).toBe(200);
      world.clock.advance(1);
      expectProblem(await admin.send('POST', `/users/${userId}/restore`), 403, 'sudo_required');
      expect((await admin.get('/me')).json).toMatchObject({ elevated_until: null });
    });
  });

  it('takes what no database can hold for a mistake of the caller, never for an outage [N06]', async () => {
    const admin = await raised();
    const { userId } = await world.person();
    const replies = [
      await admin.get('/users/%00'),
      await admin.get('/users?query=%00'),
      await admin.get('/users/%00/sessions'),
      await admin.get('/audit?user_id=%00'),
      await admin.get('/audit?event=a%00'),
      await admin.send('POST', `/users/${userId}/suspend`, { reason: 'a\u0000b' }),
      await admin.send('DELETE', `/users/${userId}/sessions/%00`),
    ];
    for (const reply of replies) expectProblem(reply, 400, 'invalid_request');
  });

  describe('suspending', () => {
    it('ends every session at once and lets nobody in until restored [D05, bug 33]', async () => {
      const { email, userId, client } = await world.person();
      const pages = await signIn(email);
      const admin = await raised();
      const reply = await admin.send('POST', `/users/${userId}/suspend`, { reason: ' Spam ' });
      expect(reply.json).toMatchObject({ id: userId, status: 'suspended', suspended_reason: 'Spam' });

      expect((await client.get('/v1/users/@me')).status).toBe(401);
      expectProblem(await pages.send('POST', '/sudo', { password: PASSWORD }), 401, 'unauthenticated');
      expect((await admin.get(`/users/${userId}/sessions`)).json).toEqual({ items: [] });
      const tried = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
      expect(tried.status).toBe(403);
      const form = await world.client().form('/login', { email, password: PASSWORD });
      expect(form.status).toBe(403);
      expect(form.headers.getSetCookie()).toEqual([]);
      // Nor by way of a new password.
      await world.client().form('/forgot', { email });
      expect((await world.mails(email)).map(({ kind }) => kind)).not.toContain('password_reset');

      expect((await admin.send('POST', `/users/${userId}/restore`)).json).toMatchObject({
        status: 'active',
        suspended_reason: null,
      });
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      expect((await world.client().form('/login', { email, password: PASSWORD })).status).toBe(303);
    });

    it('is told to nobody who does not know the password [A09]', async () => {
      const { email, userId } = await world.person();
      await (await raised()).send('POST', `/users/${userId}/suspend`, {});
      const form = await world.client().form('/login', { email, password: 'wrong' });
      expect(form.status).toBe(400);
      expect(form.text).not.toContain('suspended');
    });

    it("cannot be turned against the administrator's own account", async () => {
      const admin = await raised();
      const { user } = (await admin.get('/me')).json as { user: User };
      expectProblem(await admin.send('POST', `/users/${user.id}/suspend`, {}), 403, 'forbidden');
      expect((await admin.get('/me')).status).toBe(200);
    });

    it('stands in the audit trail with who did it to whom, and without a secret [M04]', async () => {
      const { userId } = await world.person();
      const admin = await raised();
      const { user } = (await admin.get('/me')).json as { user: User };
      await admin.send('POST', `/users/${userId}/suspend`, { reason: 'Spam' });
      const trail = await admin.get(`/audit?user_id=${userId}&event=user.suspended`);
      expect((trail.json as Listed<object>).items).toMatchObject([
        { event: 'user.suspended', user_id: userId, actor_id: user.id },
      ]);
      const all = (await admin.get('/audit?limit=100')).text;
      for (const secret of [PASSWORD, admin.cookie.replace('fluxgate=', '')])
        expect(all).not.toContain(secret);
    });
  });
});
