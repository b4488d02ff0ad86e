import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_KINDS, callersOf, createWorld, DIALECTS, type World } from '../../testing/index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const SHOP = { namespace: 'web', site: 'shop', resource: 'page', action: 'read' };
const PAGES_OF_SHOP = '/auth/verify?namespace=web&project=shop&resource=page&action=read';

describe.each(DIALECTS)('whose credentials /auth/verify knows on %s', (dialect) => {
  let world: World;
  let callers: ReturnType<typeof callersOf>;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: {
        FLUXGATE_RATE_LIMITS: 'off',
        // Nobody goes there; but without it no roles of a provider hold.
        FLUXGATE_OPENID_ENABLED: 'on',
        FLUXGATE_OPENID_PROVIDER_URL: 'https://idp.example.com',
        FLUXGATE_OPENID_CLIENT_ID: 'fluxgate',
        FLUXGATE_OPENID_CLIENT_SECRET: 'e1c8f7a06b2d',
        FLUXGATE_OPENID_ROLES_CLAIM: 'roles',
      },
    });
    callers = callersOf(world);
  });
  afterAll(() => world.close());

  it.each(CREDENTIAL_KINDS)(
    'are those of its own project: no %s of another one is any good [J04, J05, bug 76]',
    async (kind) => {
      const { projects, storage, project } = world.instance;
      const other = await projects.create({
        slug: `p-${CREDENTIAL_KINDS.indexOf(kind)}`,
        name: 'Other',
        actor: ACTOR,
      });
      const caller = await callers.of(kind, { resources: [SHOP] });
      // As though it had been made there; whoever moves rows by hand may.
      const moved = kind === 'API token' ? 'api_token' : 'session';
      const move = async (to: string) =>
        kind === 'API token'
          ? await storage.db
              .updateTable('api_token')
              .set({ project_id: to })
              .where('id', '=', caller.tokenId ?? '')
              .execute()
          : await storage.db
              .updateTable('session')
              .set({ project_id: to })
              .where('user_id', '=', caller.userId ?? '')
              .execute();
      await move(other.id);
      // What is remembered of rows that are moved by hand is believed for a minute.
      world.clock.advance(61_000);
      const claims = { 'x-flux-project': project.id, 'x-project-id': project.id };
      for (const path of ['/auth/verify', PAGES_OF_SHOP])
        expect([moved, (await world.client().get(path, { ...caller.headers, ...claims })).status]).toEqual([
          moved,
          401,
        ]);
    },
  );

  it('hold the roles that a provider gave with the sign-in, by name and as they are now [J06]', async () => {
    const { roles, storage, project } = world.instance;
    const code = 'shop-readers';
    const made = { projectId: project.id, code, permissions: { admin: [], resources: [SHOP] }, actor: ACTOR };
    for (const kind of ["pages' cookie", 'Flecto access token', 'Fluxer token'] as const) {
      const [caller, plain] = [await callers.of(kind), await callers.of(kind)];
      const given = JSON.stringify(['no-such-role', code]);
      await storage.db
        .updateTable('session')
        .set({ upstream_roles: given })
        .where('user_id', '=', caller.userId ?? '')
        .execute();
      const may = async ({ headers }: typeof caller) =>
        (await world.client().get(PAGES_OF_SHOP, headers)).status;
      expect(await may(caller)).toBe(403);
      const role = await roles.create(made);
      expect([await may(caller), await may(plain)]).toEqual([200, 403]);
      await roles.delete({ projectId: project.id, code: role.code, actor: ACTOR });
      expect(await may(caller)).toBe(403);
    }
  });
});
