import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  createAdminKit,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  type World,
} from '../../testing/index.ts';

type Scope = 'project' | 'user' | 'factor';
const SCOPES: readonly Scope[] = ['project', 'user', 'factor'];
/** Every set of them, from none to all. */
const SETS = Array.from({ length: 8 }, (_, bits) => SCOPES.filter((_scope, at) => bits & (1 << at)));

/** Who may demand a second factor: the project, the app of one user, and the user by setting one up. */
describe.each(DIALECTS)("the demand for a second factor at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  let admin: AdminApi;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
    const kit = await createAdminKit(world);
    admin = await kit.script({ admin: [{ section: 'auth-projects', action: '*' }] });
  });
  afterAll(() => world.close());

  const marks = async (token: string) => {
    const { session } = handed(await flux.verify(token));
    return [session.mfa_verified, session.mfa_required];
  };
  const demandOfAll = async (required: boolean) => {
    const reply = await admin('PATCH', `/flux/projects/${flux.id}`, { settings: { mfa: { required } } });
    expect(reply.status).toBe(200);
  };
  const demandOf = async (userId: string, mfa_required: boolean) => {
    const reply = await world.direct.send(`/flux/v1/users/${userId}`, {
      ...{ method: 'PATCH', headers: flux.asApp, body: { mfa_required } },
    });
    expect([reply.status, reply.json]).toMatchObject([200, { user: { id: userId, mfa_required } }]);
  };

  it('can be made of everybody by an administrator, at once for whoever is in [FX-43, FX-47]', async () => {
    const { token, user } = await flux.signUp();
    expect(await marks(token)).toEqual([false, false]);
    await demandOfAll(true);
    expect(await marks(token)).toEqual([false, true]);
    expect((await flux.signIn(user.email)).session).toMatchObject({
      mfa_verified: false,
      mfa_required: true,
    });
    const settings = (await world.direct.get('/flux/v1/settings', flux.asPage)).json;
    expect(settings).toMatchObject({ mfa: { required: true } });
    await demandOfAll(false);
    expect(await marks(token)).toEqual([false, false]);
  });

  it.each(SETS.map((set) => [set.join(' and ') || 'nobody', set] as const))(
    'by %s is what a session owes, and taking one back leaves the others [FX-46, FX-51]',
    async (_name, set) => {
      const mfa = createFluxMfa(world, flux);
      const first = await flux.signUp();
      const { id } = first.user;
      let factorId = '';
      const make = {
        project: () => demandOfAll(true),
        user: () => demandOf(id, true),
        factor: async () => {
          factorId = (await mfa.totp(first.token)).id;
        },
      };
      const takeBack = {
        project: () => demandOfAll(false),
        user: () => demandOf(id, false),
        factor: async () => {
          const reply = await mfa.send('DELETE', `/mfa/factors/${factorId}`, first.token);
          expect(reply.status).toBe(200);
        },
      };
      const { token } = await flux.signIn(first.user.email);
      const left = new Set<Scope>();
      for (const scope of set) {
        await make[scope]();
        left.add(scope);
        expect(await marks(token)).toEqual([false, true]);
      }
      expect(await marks(token)).toEqual([false, set.length > 0]);
      for (const scope of set) {
        await takeBack[scope]();
        left.delete(scope);
        expect(await marks(token), [...left].join(' and ')).toEqual([false, left.size > 0]);
      }
    },
  );
});
