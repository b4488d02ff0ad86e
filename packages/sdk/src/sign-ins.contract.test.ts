import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createAuthenticator,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  newEmail,
  PASSWORD,
  PassingClock,
  type World,
} from '../../server/src/testing/index.ts';
import Flux, { createPkce } from './index.ts';

const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => 'yes',
    ({ code }) => code as string,
  );

const BACK = 'https://app.example.com/back';

/** The ways in beside the password, by the SDK and the real server. */
describe.each(DIALECTS)('signing in through the SDK on %s', (dialect) => {
  let world: World;
  let project: FluxProject;
  let flux: Flux;
  /** As the app's server has it, and as a page does. */
  let page: Flux;
  const clients: Flux[] = [];

  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' }, clock: new PassingClock() });
    project = await createFluxProject(world, {
      settings: {
        methods: { password: true, 'magic-link': true, passkey: true },
        redirect_urls: [BACK],
        mfa: { required: false, methods: ['totp', 'sms'] },
      },
    });
    const { secret, publishable } = project.keys;
    const baseUrl = world.baseUrl;
    flux = Flux.init(secret.plain, { baseUrl, publishableKey: publishable.plain });
    page = Flux.init(publishable.plain, { baseUrl });
    clients.push(flux, page);
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await world.close();
  });

  const person = () => flux.auth.signUp({ email: newEmail(), password: PASSWORD });
  const device = () => createAuthenticator({ rpId: 'localhost', origin: world.baseUrl });
  type Options = Parameters<ReturnType<typeof device>['register']>[0];
  type Asked = Parameters<ReturnType<typeof device>['assert']>[0];
  const both = () => [flux, page];

  it('exchanges a code for the session it stands for, once [FX-16]', async () => {
    for (const { auth } of both()) {
      const user = await person();
      const { codeChallenge, codeVerifier } = await createPkce();
      const code = await world.instance.returnCodes.issue({
        ...{ projectId: project.id, sessionId: user.session.id, redirectUrl: BACK, codeChallenge },
      });
      const proof = { code, codeVerifier, redirectUrl: BACK };
      expect((await auth.exchangeCode(proof)).session.id).toBe(user.session.id);
      expect(await outcome(auth.exchangeCode(proof))).toBe('invalid_link');
    }
  });

  it('leads to pages that are there, and nowhere else', async () => {
    const { codeChallenge, state } = await createPkce();
    for (const name of ['sign-in', 'sign-up', 'forgot'] as const) {
      const way = { page: name, redirectUrl: BACK, codeChallenge, state };
      const urls = await Promise.all(both().map(({ auth }) => auth.hostedSignInUrl(way)));
      expect(new Set(urls).size).toBe(1);
      const shown = await fetch(urls[0] ?? '', { redirect: 'manual' });
      expect([name, shown.status]).toEqual([name, 200]);
    }
    const elsewhere = { redirectUrl: 'https://evil.example/', codeChallenge, state };
    const refused = await fetch(await flux.auth.hostedSignInUrl(elsewhere), { redirect: 'manual' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
  });

  it('makes, lists, renames and deletes passkeys, and signs in by one, which shows two factors [FX-20]', async () => {
    for (const { auth } of both()) {
      const { sessionToken } = await person();
      const own = device();
      const options = await auth.passkeys.startRegistration(sessionToken);
      const response = own.register(options as unknown as Options) as never;
      const { passkey, user } = await auth.passkeys.finishRegistration(sessionToken, {
        response,
        name: 'Phone',
      });
      expect(passkey).toMatchObject({ name: 'Phone' });
      expect(user.session.mfaVerified).toBe(true);
      const asked = await auth.passkeys.startSignIn();
      const signedIn = await auth.passkeys.finishSignIn(own.assert(asked as unknown as Asked) as never);
      expect(signedIn).toMatchObject({
        id: user.id,
        session: { mfaVerified: true, authenticationMethod: 'passkey' },
      });
      const { id } = passkey;
      const token = signedIn.sessionToken;
      expect(await auth.passkeys.rename(token, { id, name: 'Old phone' })).toMatchObject({
        name: 'Old phone',
      });
      expect(await auth.passkeys.list(token)).toMatchObject([{ id, name: 'Old phone' }]);
      await auth.passkeys.delete(token, id);
      expect(await auth.passkeys.list(token)).toEqual([]);
    }
  });

  it('pays an owed factor by a passkey, and the same session says so [FX-49]', async () => {
    const { sessionToken, email } = await person();
    const own = device();
    const options = await flux.auth.passkeys.startRegistration(sessionToken);
    const response = own.register(options as unknown as Options) as never;
    await flux.auth.passkeys.finishRegistration(sessionToken, { response });
    const owing = await flux.auth.signInWithPassword({ email: email ?? '', password: PASSWORD });
    expect(owing.session).toMatchObject({ mfaRequired: true, mfaVerified: false });
    const asked = await flux.auth.mfa.startPasskey(owing.sessionToken);
    const shown = own.assert(asked as unknown as Asked) as never;
    const paid = await flux.auth.mfa.finishPasskey(owing.sessionToken, shown);
    expect(paid.session).toMatchObject({ id: owing.session.id, mfaRequired: false, mfaVerified: true });
    expect((await flux.auth.getSession(paid.sessionToken)).mfaVerified).toBe(true);
  });

  it('sends the browser to the hosted second step, and nowhere that is not allowed', async () => {
    const { sessionToken } = await person();
    const { url, expiresAt } = await flux.auth.mfa.stepUpUrl(sessionToken, { redirectUrl: BACK, state: 's' });
    expect(url).toContain(`${world.baseUrl}/p/${project.id}/step-up#`);
    expect(Date.parse(expiresAt)).toBeGreaterThan(world.clock.now());
    const elsewhere = flux.auth.mfa.stepUpUrl(sessionToken, { redirectUrl: 'https://evil.example/' });
    expect(await outcome(elsewhere)).toBe('redirect_not_allowed');
    expect(await outcome(flux.auth.mfa.stepUpUrl('x.y.z', { redirectUrl: BACK }))).toBe('invalid_session');
  });
});
