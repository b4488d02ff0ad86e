import { describe, expect, it } from 'vitest';
import {
  claimsOf,
  createFactorKit,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

/** What Flux's API hands out before all is shown opens none of the operator's services (design section 4). */
describe.each(DIALECTS)("sessions of Flux's API at /auth/verify on %s", (dialect) => {
  async function opened(env: Record<string, string> = {}) {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off', ...env } });
    const flux = await createFluxProject(world, { projectId: world.instance.project.id });
    return { world, flux };
  }

  async function answer(world: World, token: string): Promise<string> {
    const reply = await world.client().get('/auth/verify', { authorization: `Bearer ${token}` });
    if (reply.status === 200) return '200';
    expect(reply.headers.get('x-auth-user')).toBeNull();
    return `${reply.status} ${(reply.json as { error: string }).error}`;
  }

  it('wait outside while they owe a second factor, whoever demands it [B09, bug 15]', async () => {
    const { world, flux } = await opened();
    const [careful, plain] = [await world.person(), await world.person()];
    await createFactorKit(world).totp(careful);
    const half = await flux.signIn(careful.email);
    expect(half.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    expect(await answer(world, half.token)).toBe('403 mfa_required');
    const { token } = await flux.signIn(plain.email);
    expect(await answer(world, token)).toBe('200');
    await flux.change({ mfa: { required: true } });
    expect(await answer(world, token)).toBe('403 mfa_required');
    const { proved } = await createFluxMfa(world, flux).totp(token);
    expect([await answer(world, token), await answer(world, proved.token)]).toEqual(['200', '200']);
    expect(await answer(world, half.token)).toBe('403 mfa_required');
    await world.close();
  });

  it('pass no place that the account has not approved, where places are asked about [D12]', async () => {
    const { world, flux } = await opened({ FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' });
    const [home, away] = [world.client('192.0.2.1'), world.client('198.51.100.1')];
    const { email } = await world.register(home);
    const mail = await world.newestMail(email, 'email_verification');
    await home.post('/v1/auth/verify', { token: mail.token });
    expect((await home.post('/v1/auth/login', { email, password: PASSWORD })).status).toBe(200);
    const enter = async (client: typeof home) => {
      const reply = await flux.page('/sign_in/password', { email, password: PASSWORD }, client);
      return (reply.json as { token: string }).token;
    };
    expect(await answer(world, await enter(away))).toBe('403 place_approval_required');
    expect(await answer(world, await enter(home))).toBe('200');
    await world.close();
  });

  it("are those of the server's own project, in their time, and no key is one of them [J04, E04, E06]", async () => {
    const { world, flux } = await opened();
    const person = await world.person();
    const { token } = await flux.signIn(person.email);
    const other = await createFluxProject(world);
    const { token: foreign } = await other.signUp();
    const { signingKeys } = world.instance;
    const claims = claimsOf(token);
    for (const bad of [
      foreign,
      await signingKeys.sign({ ...claims, aud: other.id }),
      await signingKeys.sign({ ...claims, iss: 'https://example.com' }),
      await signingKeys.sign({ ...claims, exp: claims['iat'] }),
      await signingKeys.sign({ ...claims, sid: 'sess_none' }),
      flux.keys.secret.plain,
      flux.keys.publishable.plain,
      `${token}.`,
      token.slice(0, -1),
    ])
      expect(await answer(world, bad)).toBe('401 invalid_token');
    expect(await answer(world, token)).toBe('200');
    await world.close();
  });
});
