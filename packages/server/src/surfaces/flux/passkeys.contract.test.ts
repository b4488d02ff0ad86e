import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
  codeOf,
  createFluxPasskeys,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxPasskeys,
  type FluxProject,
  handed,
  newEmail,
  type Reply,
  type World,
} from '../../testing/index.ts';

const ON = { methods: { passkey: true } };
const ACTOR = { userId: null, sessionId: null, origin: null };
const refusal = (reply: Reply) => `${reply.status} ${codeOf(reply)}`;
const idOf = (reply: Reply) => (reply.json as { passkey: { id: string } }).passkey.id;

describe.each(DIALECTS)("passkeys at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  let kit: FluxPasskeys;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: ON });
    kit = createFluxPasskeys(world, flux);
  });
  afterAll(() => world.close());

  const passkeyRows = () => world.instance.storage.db.selectFrom('passkey').selectAll().execute();
  const sessionsOf = (userId: string) =>
    world.instance.storage.db.selectFrom('session').select('id').where('user_id', '=', userId).execute();
  const listed = async (token: string) =>
    ((await kit.act('GET', '/passkeys', { token })).json as { passkeys: { id: string; name: string }[] })
      .passkeys;

  it('are made while signed in, and sign in alone from then on, with both factors shown [FX-20, FX-22]', async () => {
    const { token, user, session } = await flux.signUp();
    const device = kit.device();
    const begun = await kit.begin(token);
    expect(begun.json).toMatchObject({
      options: {
        rp: { id: 'localhost', name: 'App' },
        user: { name: user.email },
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      },
    });
    const made = await kit.register(token, device, {}, 'Laptop');
    expect(made.json).toMatchObject({
      passkey: {
        id: device.credentials[0]?.id,
        name: 'Laptop',
        created_at: new Date(world.clock.now()).toISOString(),
        last_used_at: null,
      },
    });
    world.clock.advance(60_000);
    const asked = await kit.ask();
    expect(asked).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    // Nobody is named, and nobody confirmed.
    expect(asked).not.toHaveProperty('allowCredentials');
    const signedIn = handed(await kit.finish(device.assert(asked)));
    expect(signedIn.user.id).toBe(user.id);
    expect(signedIn.session).toMatchObject({
      authentication_method: 'passkey',
      mfa_verified: true,
      mfa_required: false,
    });
    expect(signedIn.session.id).not.toBe(session.id);
    expect(claimsOf(signedIn.token)).toMatchObject({ mfa: true, amr: ['hwk', 'mfa'] });
    const verified = handed(await flux.verify(signedIn.token));
    expect(verified.session).toMatchObject({ id: signedIn.session.id, mfa_verified: true });
    const [passkey] = await listed(signedIn.token);
    expect(passkey).toMatchObject({
      name: 'Laptop',
      last_used_at: new Date(world.clock.now()).toISOString(),
    });
  });

  it('are owed by a session of a password alone, which makes, renames and takes away none [FX-48, FX-50, FX-53]', async () => {
    const { user, device } = await kit.person();
    const elsewhere = await flux.signIn(user.email);
    expect(elsewhere.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    for (const [method, path, body] of [
      ['POST', '/passkeys/register/start', {}],
      ['POST', '/passkeys/register/finish', { response: {} }],
      ['PATCH', `/passkeys/${device.credentials[0]?.id}`, { name: 'Mine' }],
      ['DELETE', `/passkeys/${device.credentials[0]?.id}`, undefined],
    ] as const)
      expect(refusal(await kit.act(method, path, { token: elsewhere.token, body })), path).toBe(
        '403 mfa_required',
      );
    expect(await listed(elsewhere.token)).toHaveLength(1);
    handed(await kit.signIn(device));
  });

  it('count as shown in the session that made the first one, and in no other [FX-49, FX-50]', async () => {
    const email = newEmail();
    const { token, session } = await flux.signUp(email);
    const elsewhere = await flux.signIn(email);
    const made = await kit.register(token, kit.device());
    expect(made.json).toMatchObject({ session: { id: session.id, mfa_verified: true, mfa_required: false } });
    expect(claimsOf(handed(made).token)).toMatchObject({
      sid: session.id,
      mfa: true,
      amr: ['pwd', 'hwk', 'mfa'],
    });
    // The token from before belongs to the same session.
    expect(handed(await flux.verify(token)).session.mfa_verified).toBe(true);
    expect(handed(await flux.verify(elsewhere.token)).session).toMatchObject({
      mfa_verified: false,
      mfa_required: true,
    });
  });

  it('pay what a session owes, which stays the same one, and pay for no other [FX-49, FX-50]', async () => {
    const { user, device } = await kit.person();
    const [owing, other] = [await flux.signIn(user.email), await flux.signIn(user.email)];
    const asked = await kit.askAgain(owing.token);
    expect(asked).toMatchObject({ allowCredentials: [{ id: device.credentials[0]?.id }], rpId: 'localhost' });
    const paid = handed(await kit.showAgain(owing.token, device.assert(asked)));
    expect(paid.session).toMatchObject({ id: owing.session.id, mfa_verified: true, mfa_required: false });
    expect(claimsOf(paid.token)).toMatchObject({ mfa: true, amr: ['pwd', 'hwk', 'mfa'] });
    expect(handed(await flux.verify(owing.token)).session.mfa_verified).toBe(true);
    expect(handed(await flux.verify(other.token)).session.mfa_required).toBe(true);
    expect((await kit.begin(owing.token)).status).toBe(200);
    // Also where the project lets nobody sign in by one any more: who has one owes it still.
    const app = await createFluxProject(world, { settings: ON });
    const own = createFluxPasskeys(world, app);
    const former = await own.person();
    await app.change({ methods: { passkey: false } });
    const { token } = await app.signIn(former.user.email);
    handed(await own.showAgain(token, former.device.assert(await own.askAgain(token))));
  });

  it('are not made by a session that owes what the project demands of everybody', async () => {
    const strict = await createFluxProject(world, { settings: { ...ON, mfa: { required: true } } });
    const { token } = await strict.signUp();
    expect(refusal(await createFluxPasskeys(world, strict).begin(token))).toBe('403 mfa_required');
  });

  it('are renamed and taken away by their owner alone [FX-53, C08]', async () => {
    const { token, device } = await kit.person();
    const other = await kit.person();
    const second = await kit.register(token, kit.device(), {}, 'Second');
    const id = idOf(second);
    for (const method of ['PATCH', 'DELETE'] as const)
      expect(
        refusal(await kit.act(method, `/passkeys/${id}`, { token: other.token, body: { name: 'Stolen' } })),
      ).toBe('404 not_found');
    expect(
      (await kit.act('PATCH', `/passkeys/${id}`, { token, body: { name: ' Phone ' } })).json,
    ).toMatchObject({ passkey: { id, name: 'Phone' } });
    expect((await listed(token)).map(({ name }) => name).sort()).toEqual(['Passkey', 'Phone']);
    expect((await kit.act('DELETE', `/passkeys/${id}`, { token })).json).toEqual({});
    expect(refusal(await kit.act('DELETE', `/passkeys/${id}`, { token }))).toBe('404 not_found');
    const first = device.credentials[0]?.id;
    expect((await kit.act('DELETE', `/passkeys/${first}`, { token })).status).toBe(200);
    expect(refusal(await kit.signIn(device))).toBe('401 invalid_credentials');
    expect(await listed(other.token)).toHaveLength(1);
  });

  it('are ten at most', async () => {
    const { token } = await kit.person();
    for (let made = 1; made < 10; made++) expect((await kit.register(token, kit.device())).status).toBe(200);
    expect(refusal(await kit.begin(token))).toBe('409 passkey_limit');
  });

  it('neither start nor finish, nor are made, once they are switched off, and nobody is made [FX-03, FX-04, FX-06]', async () => {
    const app = await createFluxProject(world, { settings: ON });
    const own = createFluxPasskeys(world, app);
    const { token, device, user } = await own.person();
    const asked = await own.ask();
    const creation = await own.creationOptions(token);
    await app.change({ methods: { passkey: false } });
    const before = [(await passkeyRows()).length, (await sessionsOf(user.id)).length];
    for (const reply of [
      await app.page('/passkeys/authenticate/start'),
      await own.finish(device.assert(asked)),
      await own.begin(token),
      await own.keep(token, own.device().register(creation)),
    ])
      expect(refusal(reply)).toBe('403 method_disabled');
    expect([(await passkeyRows()).length, (await sessionsOf(user.id)).length]).toEqual(before);
    expect((await world.direct.get('/flux/v1/settings', app.asPage)).json).toMatchObject({
      methods: { passkey: false },
    });
    // What is there can be looked at, and another project's switch is its own.
    expect((await own.act('GET', '/passkeys', { token })).status).toBe(200);
    expect((await flux.page('/passkeys/authenticate/start')).status).toBe(200);
    await app.change(ON);
    handed(await own.signIn(device));
  });

  it('are off unless a project switches them on [FX-03]', async () => {
    const plain = await createFluxProject(world);
    expect(refusal(await plain.page('/passkeys/authenticate/start'))).toBe('403 method_disabled');
  });

  it('let one of fifty in by one answer, and are kept once of fifty [FX-21, C01]', async () => {
    const { user, device } = await kit.person();
    const response = device.assert(await kit.ask());
    const before = (await sessionsOf(user.id)).length;
    const replies = await Promise.all(Array.from({ length: 50 }, () => kit.finish(response)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200))
      expect(refusal(reply)).toBe('401 invalid_credentials');
    expect(await sessionsOf(user.id)).toHaveLength(before + 1);

    const { token } = await flux.signUp();
    const made = kit.device().register(await kit.creationOptions(token));
    const kept = await Promise.all(Array.from({ length: 50 }, () => kit.keep(token, made)));
    expect(kept.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of kept.filter(({ status }) => status !== 200))
      expect(refusal(reply)).toBe('422 passkey_refused');
    expect(await listed(token)).toHaveLength(1);
  });

  it('let nobody in whose account is closed', async () => {
    const { user, device } = await kit.person();
    const at = { projectId: flux.id, id: user.id, actor: ACTOR };
    await world.instance.users.suspend({ ...at, reason: null });
    expect(refusal(await kit.signIn(device))).toBe('403 account_suspended');
    await world.instance.users.restore(at);
    handed(await kit.signIn(device));
  });

  describe('of an app with a host of its own', () => {
    const SHOP = 'https://shop.example';
    const PAY = 'https://pay.shop.example';
    const settings = {
      ...ON,
      passkeys: { rp_id: 'shop.example' },
      allowed_origins: [SHOP, PAY, 'https://notshop.example', 'https://elsewhere.example'],
    };

    it('belong to that host, and are used at the project’s pages there and nowhere else [FX-21, C02]', async () => {
      const shop = await createFluxProject(world, { settings });
      const here = { rpId: 'shop.example', origin: SHOP };
      const own = createFluxPasskeys(world, shop, here);
      const { token, device } = await own.person();
      expect(await own.ask()).toMatchObject({ rpId: 'shop.example' });
      expect(await own.creationOptions(token)).toMatchObject({ rp: { id: 'shop.example' } });
      for (const origin of [SHOP, PAY]) handed(await own.signIn(device, { clientData: { origin } }));
      for (const origin of [
        'https://notshop.example',
        'https://elsewhere.example',
        'https://blog.shop.example',
        'https://example',
        'http://shop.example',
        'https://shop.example:8443',
        world.baseUrl,
      ]) {
        expect(refusal(await own.signIn(device, { clientData: { origin } })), origin).toBe(
          '401 invalid_credentials',
        );
        const made = await own.register(token, own.device(), { clientData: { origin } });
        expect(refusal(made), origin).toBe('422 passkey_refused');
      }
    });

    it('are lost when the host becomes another, and offered nowhere, until it is the old one again', async () => {
      const shop = await createFluxProject(world, { settings });
      const own = createFluxPasskeys(world, shop, { rpId: 'shop.example', origin: PAY });
      const { token, device } = await own.person();
      await shop.change({ passkeys: { rp_id: 'pay.shop.example' } });
      expect(refusal(await own.signIn(device))).toBe('401 invalid_credentials');
      expect(await own.creationOptions(token)).toMatchObject({ excludeCredentials: [] });
      const moved = createFluxPasskeys(world, shop, { rpId: 'pay.shop.example', origin: PAY });
      const fresh = moved.device();
      expect((await moved.register(token, fresh)).status).toBe(200);
      handed(await moved.signIn(fresh));
      await shop.change({ passkeys: { rp_id: 'shop.example' } });
      handed(await own.signIn(device));
    });
  });

  it('of the default project are the ones that Fluxer’s clients know, at the host that is configured', async () => {
    const shared = await createFluxProject(world, {
      projectId: world.instance.project.id,
      settings: { ...ON, allowed_origins: ['https://a.localhost'] },
    });
    const own = createFluxPasskeys(world, shared);
    const { email, userId } = await world.person();
    const device = own.device();
    expect((await own.register((await shared.signIn(email)).token, device)).status).toBe(200);
    const { json } = await world.client().post('/v1/auth/webauthn/authentication-options');
    const response = device.assert(json);
    const reply = await world.client().post('/v1/auth/webauthn/authenticate', { response });
    expect(reply.json).toMatchObject({ user_id: userId });
    // Flux's pages open no origin to Fluxer's passkeys.
    const foreign = await own.signIn(device, { clientData: { origin: 'https://a.localhost' } });
    expect(refusal(foreign)).toBe('401 invalid_credentials');
    await expect(shared.change({ passkeys: { rp_id: 'shop.example' } })).rejects.toThrow('rp_id');
  });
});
