import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  createAdminKit,
  createWorld,
  DIALECTS,
  EVERYTHING,
  expectRefused,
  newCode,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

interface User {
  id: string;
  login_name: string | null;
}
interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}
const READERS = { admin: [{ section: 'users', action: 'read' }] };

describe.each(DIALECTS)('roles and accounts over the admin API on %s', (dialect) => {
  let world: World;
  let root: AdminApi;
  let kit: Awaited<ReturnType<typeof createAdminKit>>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = await createAdminKit(world);
    ({ root } = kit);
    await kit.person({ admin: [EVERYTHING] });
  });
  afterAll(() => world.close());

  const signIn = (identifier: string, password = PASSWORD) =>
    world.client().form('/login', { email: identifier, password });
  async function createUser(fields: object): Promise<User> {
    const reply = await root('POST', '/users', fields);
    expect(reply.status, reply.text).toBe(200);
    return reply.json as User;
  }

  describe('roles', () => {
    it('are made, read, changed and deleted; members follow at their next request [J06]', async () => {
      const code = newCode();
      const created = await root('POST', '/roles', { code, permissions: READERS });
      expect(created.json).toMatchObject({ code, permissions: { ...READERS, resources: [] } });
      expectRefused(await root('POST', '/roles', { code, permissions: {} }), 409, 'name_taken');
      expect((await root('GET', `/roles/${code}`)).json).toEqual(created.json);

      const member = await kit.person({});
      const path = `/roles/${code}/members/${member.userId}`;
      expectRefused(await member('GET', '/users'), 403, 'forbidden');
      expect((await root('PUT', path)).status).toBe(204);
      expect((await root('PUT', path)).status).toBe(204);
      expect((await member('GET', '/users')).status).toBe(200);
      expect((await root('PUT', `/roles/${code}/permissions`, {})).status).toBe(200);
      expectRefused(await member('GET', '/users'), 403, 'forbidden');
      await root('PUT', `/roles/${code}/permissions`, READERS);
      expect((await member('GET', '/users')).status).toBe(200);
      expect((await root('DELETE', path)).status).toBe(204);
      expectRefused(await root('DELETE', path), 404, 'not_found');
      expectRefused(await member('GET', '/users'), 403, 'forbidden');
      await root('PUT', path);
      expect((await root('DELETE', `/roles/${code}`)).status).toBe(204);
      expectRefused(await member('GET', '/users'), 403, 'forbidden');
      for (const [method, at] of [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/members'],
        ['PUT', `/members/${member.userId}`],
        ['PUT', '/permissions'],
      ] as const)
        expectRefused(await root(method, `/roles/${code}${at}`), 404, 'not_found');
      expectRefused(await root('PUT', '/roles/none/members/1'), 404, 'not_found');
    });

    it('and their members are paged, each once; members show no more than a name', async () => {
      const prefix = newCode();
      const codes = Array.from({ length: 12 }, (_, at) => `${prefix}-${String.fromCharCode(65 + at)}`);
      for (const code of codes) await root('POST', '/roles', { code, permissions: {} });
      async function walk<Item>(path: string): Promise<Item[]> {
        const items: Item[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const reply = await root('GET', `${path}limit=5&cursor=${encodeURIComponent(cursor)}`);
          const page = reply.json as Listed<Item>;
          items.push(...page.items);
          cursor = page.next_cursor;
        }
        return items;
      }
      const listed = await walk<{ code: string }>(`/roles?query=${prefix.toUpperCase()}&`);
      expect(listed.map(({ code }) => code)).toEqual(codes);

      const [role = ''] = codes;
      const ids: string[] = [];
      for (let at = 0; at < 11; at++) {
        const { id } = await createUser({ login_name: newCode(), email: newEmail(), roles: [role] });
        ids.push(id);
      }
      const members = await walk<object>(`/roles/${role}/members?`);
      expect(members.map((member) => (member as User).id).sort()).toEqual(ids.sort());
      for (const member of members)
        expect(Object.keys(member).sort()).toEqual([
          'discriminator',
          'global_name',
          'id',
          'login_name',
          'username',
        ]);
      const { next_cursor: cursor } = (await root('GET', '/roles?limit=1')).json as Listed<object>;
      const foreign = `/roles/${role}/members?cursor=${encodeURIComponent(cursor ?? '')}`;
      expect((await root('GET', foreign)).status).toBe(400);
    });
  });

  describe('accounts', () => {
    it('are made with a login name, an address or both, and sign in by it', async () => {
      const [loginName, email] = [newCode(), newEmail()];
      const user = await createUser({
        ...{ login_name: loginName, email, password: PASSWORD, global_name: 'Ada Lovelace' },
      });
      expect(user).toMatchObject({
        login_name: loginName,
        global_name: 'Ada Lovelace',
        emails: [{ address: email, verified: false }],
        status: 'active',
        is_administrator: false,
      });
      expect((await signIn(loginName.toUpperCase())).status).toBe(303);
      expect((await signIn(email)).status).toBe(403);
      expect(((await root('GET', `/users?query=${loginName}`)).json as Listed<User>).items).toMatchObject([
        { id: user.id },
      ]);
    });

    it('without a password get a mail in which their owner chooses one [B11]', async () => {
      const email = newEmail();
      const reply = await root('POST', '/users', { email });
      const { token } = await world.newestMail(email, 'password_reset');
      expect(reply.text).not.toContain(token);
      expect((await world.client().post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(200);
      expect((await signIn(email)).status).toBe(303);
    });

    it('are refused with what is taken, malformed or weak, and nothing is left of them', async () => {
      const { email } = await world.person();
      const { login_name: taken } = await createUser({ login_name: newCode() });
      const count = async () => {
        const rows = await world.instance.storage.db.selectFrom('user').select('id').execute();
        return rows.length;
      };
      const before = await count();
      const login_name = newCode();
      const cases: [object, number, string][] = [
        [{ email }, 409, 'email_taken'],
        [{ login_name: email }, 409, 'name_taken'],
        [{ login_name: taken }, 409, 'name_taken'],
        [{ login_name: newCode(), email }, 409, 'email_taken'],
        [{ login_name, password: 'password1' }, 400, 'password_refused'],
        [{ login_name, password: 'short' }, 400, 'password_refused'],
        [{ login_name, roles: ['none'] }, 404, 'not_found'],
        [{ login_name: 'a b' }, 400, 'invalid_request'],
        [{ login_name: 'x'.repeat(101) }, 400, 'invalid_request'],
        [{ email: 'nobody' }, 400, 'invalid_request'],
        [{ password: PASSWORD }, 400, 'invalid_request'],
        [{}, 400, 'invalid_request'],
      ];
      for (const [fields, status, code] of cases)
        expectRefused(await root('POST', '/users', fields), status, code);
      expect(await count()).toBe(before);
    });

    it("are made with nothing that is not the maker's to say [J03, bug 78]", async () => {
      const address = newEmail();
      const given = {
        ...{ id: '1', status: 'suspended', is_administrator: true, emails: [{ address, verified: true }] },
        ...{ email_verified: true, emailVerified: true, verified_at: 1, verified: true, factors: ['totp'] },
        ...{ permissions: { admin: [EVERYTHING] }, project_id: 'other' },
      };
      const user = await createUser({ ...given, login_name: newCode(), email: address });
      expect(user).toMatchObject({
        ...{ status: 'active', is_administrator: false, factors: [] },
        emails: [{ address, verified: false }],
      });
      expect(user.id).not.toBe('1');
    });

    it('get another password, which ends every session and is told to their owner [D05, A12]', async () => {
      const { client, email, userId } = await world.person();
      const path = `/users/${userId}/password`;
      expectRefused(await root('PUT', path, { password: 'password1' }), 400, 'password_refused');
      expect((await client.get('/v1/users/@me')).status).toBe(200);
      const next = `${PASSWORD} next`;
      const reply = await root('PUT', path, { password: next });
      expect([reply.status, reply.text]).toEqual([204, '']);
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      expect((await signIn(email)).status).toBe(400);
      expect((await signIn(email, next)).status).toBe(303);
      expect((await world.mails(email)).map(({ kind }) => kind)).toContain('password_changed');
      expect((await root('GET', `/audit?user_id=${userId}`)).text).not.toContain(next);
      expect(world.logLines.join('\n')).not.toContain(next);
      expectRefused(await root('PUT', '/users/1/password', { password: next }), 404, 'not_found');
    });

    it('are deleted with all that hangs on them, and their names are free [M08, bug 31]', async () => {
      const [loginName, email] = [newCode(), newEmail()];
      const { id } = await createUser({ login_name: loginName, email, password: PASSWORD });
      const { client, email: other, userId } = await world.person();
      await signIn(loginName);
      await root('PUT', `/users/${id}/permissions`, { permissions: READERS, roles: [] });
      for (const gone of [id, userId]) expect((await root('DELETE', `/users/${gone}`)).status).toBe(204);
      expect((await client.get('/v1/users/@me')).status).toBe(401);
      for (const name of [loginName, email, other]) expect((await signIn(name)).status).toBe(400);
      for (const path of ['', '/permissions', '/sessions'])
        expectRefused(await root('GET', `/users/${id}${path}`), 404, 'not_found');
      expectRefused(await root('DELETE', `/users/${id}`), 404, 'not_found');
      const { db } = world.instance.storage;
      for (const table of ['session', 'contact', 'profile', 'password_credential', 'user_role'] as const)
        expect(await db.selectFrom(table).selectAll().where('user_id', 'in', [id, userId]).execute()).toEqual(
          [],
        );
      const roles = await db.selectFrom('role').select('id').where('user_id', '=', id).execute();
      expect(roles).toEqual([]);
      expect((await createUser({ login_name: loginName, email })).id).not.toBe(id);
    });

    it('of their own, people cannot delete, suspend or give a password here', async () => {
      const admin = await kit.person({ admin: [EVERYTHING] });
      const path = `/users/${admin.userId}`;
      for (const reply of [
        await admin('DELETE', path),
        await admin('PUT', `${path}/password`, { password: `${PASSWORD} new` }),
        await admin('POST', `${path}/suspend`, {}),
      ])
        expectRefused(reply, 403, 'forbidden');
      expect((await admin('GET', '/me')).status).toBe(200);
    });

    it('have rows of their own and roles, replaced together', async () => {
      const { userId } = await world.person();
      const path = `/users/${userId}/permissions`;
      const [one, two] = [newCode(), newCode()];
      const row = { namespace: 'ns', project: '*', resource: 'page', action: 'read' };
      await root('POST', '/roles', { code: one, permissions: READERS });
      await root('POST', '/roles', { code: two, permissions: { resources: [row] } });
      const own = { admin: [...READERS.admin, ...READERS.admin], resources: [] };
      const reply = await root('PUT', path, { permissions: own, roles: [two, one, two] });
      const expected = {
        permissions: { ...READERS, resources: [] },
        roles: [one, two].sort(),
        effective: { ...READERS, resources: [row] },
      };
      expect(reply.json).toEqual(expected);
      expect((await root('GET', path)).json).toEqual(expected);
      expectRefused(await root('PUT', path, { permissions: {}, roles: [one, 'none'] }), 404, 'not_found');
      expectRefused(await root('PUT', path, { roles: [one] }), 400, 'invalid_request');
      expectRefused(await root('PUT', path, { permissions: {} }), 400, 'invalid_request');
      expect((await root('GET', path)).json).toEqual(expected);
      await root('PUT', path, { permissions: {}, roles: [] });
      expect((await root('GET', path)).json).toMatchObject({ roles: [], effective: { admin: [] } });
      const trail = (await root('GET', `/audit?user_id=${userId}&event=user.rights`)).json as Listed<object>;
      expect(trail.items).toHaveLength(2);
    });
  });
});
