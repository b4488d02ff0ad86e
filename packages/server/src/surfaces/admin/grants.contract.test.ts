import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  AGENT_ROWS,
  createAdminKit,
  createWorld,
  DIALECTS,
  EVERYTHING,
  EVERYWHERE,
  expectRefused,
  makeToken,
  newCode,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
type Kit = Awaited<ReturnType<typeof createAdminKit>>;
interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}

describe.each(DIALECTS)('grants over the admin API on %s', (dialect) => {
  let world: World;
  let root: AdminApi;
  let script: Kit['script'];
  let person: Kit['person'];
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    ({ root, script, person } = await createAdminKit(world));
    // Somebody is always left.
    await person({ admin: [EVERYTHING] });
  });
  afterAll(() => world.close());

  describe('nobody grants what they do not hold', () => {
    const rows = {
      more: { admin: [{ section: 'users', action: 'read' }], resources: [] },
      wider: { admin: [], resources: [{ ...AGENT_ROWS[0], namespace: '*' }] },
      all: { admin: [EVERYTHING], resources: [] },
    };
    const own = {
      admin: [
        { section: 'tokens', action: '*' },
        { section: 'roles', action: '*' },
        { section: 'users', action: 'write' },
      ],
      resources: AGENT_ROWS,
    };

    it.each(['a person', 'a token'])('as %s, by any route [E09, J03, bug 76]', async (kind) => {
      const limited = kind === 'a token' ? await script(own) : await person(own);
      const { token } = await makeToken(limited);
      const role = newCode();
      expect(
        (await limited('POST', '/roles', { code: role, permissions: { resources: AGENT_ROWS } })).status,
      ).toBe(200);
      const strong = newCode();
      await root('POST', '/roles', { code: strong, permissions: rows.all });
      const { userId } = await world.person();
      const stronger = await person({ admin: [EVERYTHING] });

      for (const permissions of Object.values(rows))
        for (const refused of [
          await limited('POST', '/tokens', { name: newCode(), permissions }),
          await limited('PUT', `/tokens/${token.id}/permissions`, permissions),
          await limited('POST', '/roles', { code: newCode(), permissions }),
          await limited('PUT', `/roles/${role}/permissions`, permissions),
          await limited('PUT', `/users/${userId}/permissions`, { permissions, roles: [] }),
        ])
          expectRefused(refused, 403, 'grant_exceeds_own');
      for (const refused of [
        await limited('PUT', `/roles/${strong}/members/${userId}`),
        await limited('PUT', `/users/${userId}/permissions`, { permissions: {}, roles: [strong] }),
        await limited('POST', '/users', { login_name: newCode(), roles: [strong] }),
        // With another's password one would be that other.
        await limited('PUT', `/users/${stronger.userId}/password`, { password: `${PASSWORD} new` }),
        // And without the second factor half of the way to it would be gone.
        await limited('POST', `/users/${stronger.userId}/factors/remove`, {}),
      ])
        expectRefused(refused, 403, 'grant_exceeds_own');

      const after = (await root('GET', `/users/${userId}/permissions`)).json;
      expect(after).toEqual({
        permissions: { admin: [], resources: [] },
        roles: [],
        effective: { admin: [], resources: [] },
      });
      expect((await root('GET', `/tokens/${token.id}`)).json).toMatchObject({
        permissions: { admin: [], resources: AGENT_ROWS },
      });
      expect((await stronger('GET', '/users')).status).toBe(200);
      // What they hold, they may give.
      expect((await limited('PUT', `/roles/${role}/members/${userId}`)).status).toBe(204);
      const given = (await root('GET', `/users/${userId}/permissions`)).json;
      expect(given).toMatchObject({ roles: [role], effective: { admin: [], resources: AGENT_ROWS } });
    });

    it.each(['a person', 'a token'])(
      'nor does %s shut out, let in or delete who holds more [J03, bug 76]',
      async (kind) => {
        const rows = { admin: [{ section: 'users', action: '*' }] };
        const limited = kind === 'a token' ? await script(rows) : await person(rows);
        const stronger = await person({ admin: [...rows.admin, { section: 'tokens', action: 'read' }] });
        const equal = await person(rows);
        const flags = { flags: ['REQUIRE_VERIFIED_PHONE'] };
        const tries = (userId: string) =>
          [
            ['PATCH', `/users/${userId}/suspicious-flags`, flags],
            ['POST', `/users/${userId}/suspend`, {}],
            ['POST', `/users/${userId}/restore`],
            ['DELETE', `/users/${userId}`],
          ] as const;
        for (const [method, path, body] of tries(stronger.userId))
          expectRefused(await limited(method, path, body), 403, 'grant_exceeds_own');
        expect((await root('GET', `/users/${stronger.userId}`)).json).toMatchObject({
          ...{ status: 'active', suspicious_flags: [] },
        });
        expect((await stronger('GET', '/users')).status).toBe(200);
        const trail = (await root('GET', `/audit?user_id=${stronger.userId}`)).text;
        for (const event of ['user.suspended', 'user.restored', 'user.suspected', 'user.deleted'])
          expect(trail).not.toContain(event);
        // Nor is a suspension lifted by somebody weaker than whom it is of.
        await root('POST', `/users/${stronger.userId}/suspend`, {});
        expectRefused(await limited('POST', `/users/${stronger.userId}/restore`), 403, 'grant_exceeds_own');
        for (const { userId } of [equal, await world.person()])
          for (const [method, path, body] of tries(userId))
            expect([200, 204], path).toContain((await limited(method, path, body)).status);
      },
    );

    it('after it was taken from them, even with a session that had it [E09, J06]', async () => {
      const maker = await person({ admin: [EVERYTHING], resources: [EVERYWHERE] });
      const { token } = await makeToken(maker);
      const onlyTokens = { admin: [{ section: 'tokens', action: '*' }], resources: [] };
      await root('PUT', `/users/${maker.userId}/permissions`, { permissions: onlyTokens, roles: [] });
      const again = await maker('POST', '/tokens', {
        name: newCode(),
        permissions: { resources: AGENT_ROWS },
      });
      expectRefused(again, 403, 'grant_exceeds_own');
      expectRefused(await maker('GET', '/users'), 403, 'forbidden');
      // Whose permissions a token has is its own business: it was given them by somebody who could.
      expect((await root('GET', `/tokens/${token.id}`)).json).toMatchObject({
        permissions: { resources: AGENT_ROWS },
      });
    });

    it('while they are suspended, by a request that was let in before [J06, bug 33]', async () => {
      const { userId } = await person({ admin: [EVERYTHING], resources: [EVERYWHERE] });
      await root('POST', `/users/${userId}/suspend`, {});
      const { apiTokens, project } = world.instance;
      const late = apiTokens.create({
        ...{ projectId: project.id, name: newCode(), expiresAt: null },
        permissions: { admin: [EVERYTHING], resources: [] },
        actor: { userId, sessionId: null, origin: null },
      });
      await expect(late).rejects.toMatchObject({ code: 'grant-exceeds-own' });
    });
  });

  it('makes an account with a role or without one, when the role is deleted at the same time', async () => {
    const role = newCode();
    await root('POST', '/roles', { code: role, permissions: { resources: AGENT_ROWS } });
    const [gone, ...made] = await Promise.all([
      root('DELETE', `/roles/${role}`),
      ...Array.from({ length: 50 }, () => root('POST', '/users', { login_name: newCode(), roles: [role] })),
    ]);
    expect(gone?.status).toBe(204);
    expect(made.map(({ status }) => status).filter((status) => status !== 200 && status !== 404)).toEqual([]);
    for (const { status, json } of made) {
      if (status !== 200) continue;
      const { id } = json as { id: string };
      expect((await root('GET', `/users/${id}/permissions`)).json).toMatchObject({ roles: [] });
    }
  });

  it('never leaves nobody who may administer everything', async () => {
    const fresh = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const email = newEmail();
    const link = (await fresh.instance.setup.issueLink(fresh.instance.project.id)) ?? '';
    await fresh.client().form('/setup', { token: link, email, password: PASSWORD });
    const { plain } = await fresh.instance.apiTokens.create({
      ...{ projectId: fresh.instance.project.id, name: 'all', expiresAt: null, actor: OPERATOR },
      permissions: { admin: [EVERYTHING], resources: [{ ...EVERYWHERE, site: '*' }] },
    });
    const call = (method: string, path: string, body?: unknown) =>
      fresh.client().send(`/admin/v1${path}`, {
        method,
        ...(body !== undefined && { body }),
        headers: { authorization: `Bearer ${plain}` },
      });
    const [admin] = ((await call('GET', '/users')).json as Listed<{ id: string }>).items;
    const path = `/users/${admin?.id}`;
    for (const refused of [
      await call('DELETE', path),
      await call('POST', `${path}/suspend`, {}),
      await call('PUT', `${path}/permissions`, { permissions: {}, roles: [] }),
    ])
      expectRefused(refused, 409, 'last_administrator');
    expect((await call('GET', path)).json).toMatchObject({ status: 'active', is_administrator: true });
    const { userId } = await fresh.person();
    const granted = { permissions: { admin: [EVERYTHING] }, roles: [] };
    expect((await call('PUT', `/users/${userId}/permissions`, granted)).status).toBe(200);
    expect((await call('DELETE', path)).status).toBe(204);
    expectRefused(await call('DELETE', `/users/${userId}`), 409, 'last_administrator');
    await fresh.close();
  });
});
