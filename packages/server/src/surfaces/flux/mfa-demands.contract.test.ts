import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  handed,
  listen,
  type World,
} from '../../testing/index.ts';

interface Account {
  user: { id: string; email: string; mfa_required: boolean; status: string };
}

describe.each(DIALECTS)('who demands a second factor at Flux’s API on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  let mfa: ReturnType<typeof createFluxMfa>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
    mfa = createFluxMfa(world, flux);
  });
  afterAll(() => world.close());

  const owes = async ({ token }: FluxHanded, of = flux) =>
    handed(await of.verify(token)).session.mfa_required;
  const users = (method: string, id: string, body?: unknown, of = flux) =>
    world.direct.send(`/flux/v1/users/${id}`, {
      method,
      headers: of.asApp,
      ...(body !== undefined && { body }),
    });
  const demand = async (id: string, isDemanded: boolean, of = flux) => {
    const reply = await users('PATCH', id, { mfa_required: isDemanded }, of);
    expect(reply.status, reply.text).toBe(200);
    return (reply.json as Account).user;
  };

  it('may be the project: it holds at once for the sessions there are, and is paid by setting one up [FX-43, FX-48]', async () => {
    const person = await flux.signUp();
    expect(await owes(person)).toBe(false);
    await flux.change({ mfa: { required: true } });
    expect(await owes(person)).toBe(true);
    const later = await flux.signIn(person.user.email);
    expect(later.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    const { proved } = await mfa.totp(later.token);
    expect(proved.session).toMatchObject({ mfa_verified: true, mfa_required: false });
    await flux.change({ mfa: { required: false } });
  });

  it('may be the user’s app: of this one alone, told to whoever listens [FX-45]', async () => {
    const [person, other] = [await flux.signUp(), await flux.signUp()];
    const stream = await listen(`${world.baseUrl}/flux/v1/events`, flux.asApp);
    await stream.next('stream.ready');
    const read = (await users('GET', person.user.id)).json as Account;
    expect(read.user).toEqual({
      id: person.user.id,
      email: person.user.email,
      email_verified: false,
      created_at: person.user.created_at,
      mfa_required: false,
      status: 'active',
    });
    expect(await demand(person.user.id, true)).toMatchObject({ mfa_required: true });
    expect((await stream.next('user.changed')).data).toEqual({ user_id: person.user.id });
    await stream.close();
    expect([await owes(person), await owes(other)]).toEqual([true, false]);
    await demand(person.user.id, false);
    expect(await owes(person)).toBe(false);
  });

  it('is any of them, and one who takes it back leaves the others [FX-46]', async () => {
    const person = await flux.signUp();
    await flux.change({ mfa: { required: true } });
    await demand(person.user.id, true);
    const other = await flux.signIn(person.user.email);
    await mfa.totp(other.token);
    await demand(person.user.id, false);
    expect(await owes(person)).toBe(true);
    await flux.change({ mfa: { required: false } });
    // Whoever has a factor shows it.
    expect(await owes(person)).toBe(true);
    const { factors } = await mfa.factors(other.token);
    for (const { id } of factors)
      expect((await mfa.send('DELETE', `/mfa/factors/${id}`, other.token)).status).toBe(200);
    expect(await owes(person)).toBe(false);
    await flux.change({ mfa: { required: true } });
    expect(await owes(person)).toBe(true);
    await demand(person.user.id, true);
    await flux.change({ mfa: { required: false } });
    expect(await owes(person)).toBe(true);
  });

  it('is nobody of another project, and no key of another kind [FX-05, J03]', async () => {
    const foreign = await createFluxProject(world);
    const { user, token } = await foreign.signUp();
    for (const [method, body] of [['GET'], ['PATCH', { mfa_required: true }]] as const) {
      for (const id of [user.id, '1', 'x', '0', '99999999999999999999999', "'"])
        expect([(await users(method, id, body)).status], `${method} ${id}`).toEqual([404]);
      const asPage = await world.direct.send(`/flux/v1/users/${user.id}`, {
        method,
        headers: { ...foreign.asPage, 'x-flux-session': token },
        ...(body && { body }),
      });
      expect(codeOf(asPage)).toBe('invalid_api_key');
    }
    expect((await users('GET', user.id, undefined, foreign)).json).toMatchObject({
      user: { mfa_required: false },
    });
    for (const body of [
      {},
      [],
      'x',
      '{"mfa_required":true,"mfa_required":false}',
      { mfa_required: 1 },
      { mfa_required: 'true' },
      { mfa_required: null },
      { mfa_required: true, status: 'active' },
      { mfa_required: true, isFactorDemanded: false },
    ])
      expect(codeOf(await users('PATCH', user.id, body, foreign)), JSON.stringify(body)).toBe(
        'invalid_request',
      );
    expect(
      codeOf(await users('PATCH', user.id, { mfa_required: true, x: 'x'.repeat(70_000) }, foreign)),
    ).toBe('invalid_request');
  });

  it('makes verification refuse instead of marking, where the project says so [B5.3]', async () => {
    const strict = await createFluxProject(world, { settings: { mfa: { required: true, owed: 'refuse' } } });
    const kit = createFluxMfa(world, strict);
    const person = await strict.signUp();
    expect(person.session).toMatchObject({ mfa_required: true });
    const refused = await strict.verify(person.token);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'mfa_required']);
    expect((await strict.app('/sessions/get', { token: person.token })).status).toBe(200);
    const { proved } = await kit.totp(person.token);
    expect((await strict.verify(proved.token)).status).toBe(200);
    const other = await strict.signIn(person.user.email);
    expect(codeOf(await strict.verify(other.token))).toBe('mfa_required');
    expect((await strict.page('/sign_out', { token: other.token })).status).toBe(200);
    await strict.change({ mfa: { owed: 'mark' } });
    const third = await strict.signIn(person.user.email);
    expect((await strict.verify(third.token)).status).toBe(200);
    await expect(strict.change({ mfa: { owed: 'ignore' } })).rejects.toThrow();
  });

  it('is asked by the other doors, too: no sign-in there goes past what one user must show', async () => {
    const shared = await createFluxProject(world, { projectId: world.instance.project.id });
    const { email, userId, password } = await world.person();
    const { token } = await shared.signIn(email);
    const gate = () => world.client().get('/auth/verify', { authorization: `Bearer ${token}` });
    expect((await gate()).status).toBe(200);
    await demand(userId, true, shared);
    expect((await gate()).status).toBe(403);
    const reply = await world.client().post('/v1/auth/login', { email, password });
    expect((reply.json as { token?: string }).token).toBeUndefined();
  });
});

describe('the whole instance', () => {
  it('may demand one of everybody, whatever a project says [FX-43, FX-46]', async () => {
    const world = await createWorld({
      dialect: 'sqlite',
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_MFA: 'on' },
    });
    const flux = await createFluxProject(world, { settings: { mfa: { required: false } } });
    const mfa = createFluxMfa(world, flux);
    const person = await flux.signUp();
    expect(person.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    const { proved } = await mfa.totp(person.token);
    expect(proved.session).toMatchObject({ mfa_verified: true, mfa_required: false });
    await world.close();
  });
});
