import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxMfa,
  createFluxPasskeys,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  newPhoneNumber,
  type World,
} from '../../testing/index.ts';

describe.each(DIALECTS)("changing what a user's second factors are at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: { methods: { passkey: true } } });
  });
  afterAll(() => world.close());

  it('is for a session that has shown one, whatever the change and whichever the factor [FX-50, FX-53]', async () => {
    const mfa = createFluxMfa(world, flux);
    const passkeys = createFluxPasskeys(world, flux);
    const { token, user } = await flux.signUp();
    const app = await mfa.totp(token);
    const phone = await mfa.sms(token, newPhoneNumber());
    const device = passkeys.device();
    expect((await passkeys.register(token, device)).status).toBe(200);
    const passkeyId = device.credentials[0]?.id;
    const all = async () => [
      (await mfa.factors(token)).factors.map(({ id, status }) => [id, status]),
      (await passkeys.act('GET', '/passkeys', { token })).text,
      (await mfa.factors(token)).recovery_codes_left,
    ];
    const before = await all();

    const acts = [
      ['DELETE', `/mfa/factors/${app.id}`, undefined],
      ['DELETE', `/mfa/factors/${phone.id}`, undefined],
      ['DELETE', `/passkeys/${passkeyId}`, undefined],
      ['POST', '/mfa/factors', { type: 'totp' }],
      ['POST', '/mfa/factors', { type: 'sms', phone: newPhoneNumber() }],
      ['POST', '/mfa/recovery_codes', {}],
      ['POST', '/passkeys/register/start', {}],
    ] as const;
    const owing = await flux.signIn(user.email);
    expect(owing.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    for (const [method, path, body] of acts) {
      const reply = await mfa.send(method, path, owing.token, body);
      expect([reply.status, codeOf(reply)], `${method} ${path}`).toEqual([403, 'mfa_required']);
    }
    expect(await all()).toEqual(before);

    // The same session may, as soon as it has shown one.
    handed(await passkeys.showAgain(owing.token, device.assert(await passkeys.askAgain(owing.token))));
    for (const id of [phone.id, app.id])
      expect((await mfa.send('DELETE', `/mfa/factors/${id}`, owing.token)).status).toBe(200);
    expect((await mfa.factors(token)).factors).toEqual([]);
    expect((await mfa.send('DELETE', `/passkeys/${passkeyId}`, owing.token)).status).toBe(200);
    const free = await flux.signIn(user.email);
    expect(free.session).toMatchObject({ mfa_verified: false, mfa_required: false });
  });
});
