import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APP_BACK,
  anyCallbackOf,
  CLIENT_ID,
  CLIENT_SECRET,
  createAuthenticator,
  createFluxMfa,
  createFluxProject,
  createIdentityProvider,
  createSocialKit,
  createWorld,
  DIALECTS,
  type FluxProject,
  ledBack,
  newEmail,
  newPhoneNumber,
  PASSWORD,
  PassingClock,
  socialBrowser,
  somebody,
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

  const mailed = async (email: string, kind: string) => {
    const mail = await world.newestMail(email, kind);
    return { ...mail, code: /\b\d{6}\b/.exec(mail.text)?.[0] ?? '' };
  };

  it('signs in by a mailed link or its code, makes the account at first use, and no link works twice [FX-18, FX-19]', async () => {
    const email = newEmail();
    for (const { auth } of both()) {
      const { attempt, expiresAt } = await auth.sendMagicLink({ email, redirectUrl: BACK });
      expect(Date.parse(expiresAt)).toBeGreaterThan(world.clock.now());
      const { links, token } = await mailed(email, 'magic_link');
      expect(links[0]).toBe(`${BACK}#flux_magic=${token}`);
      const user = await auth.completeMagicLink({ attempt, token });
      expect(user).toMatchObject({ email, emailVerified: true });
      expect(user.session.authenticationMethod).toBe('magic_link');
      expect(await outcome(auth.completeMagicLink({ attempt, token }))).toBe('invalid_link');
    }
    const { attempt } = await page.auth.sendMagicLink({ email });
    const { code } = await mailed(email, 'magic_link');
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await outcome(page.auth.completeMagicLink({ attempt, code: wrong }))).toBe('invalid_code');
    expect((await page.auth.completeMagicLink({ attempt, code })).email).toBe(email);
    const elsewhere = page.auth.sendMagicLink({ email, redirectUrl: 'https://evil.example/' });
    expect(await outcome(elsewhere)).toBe('redirect_not_allowed');
  });

  it('resets a password by mail, and ends all sessions there were [FX-14]', async () => {
    for (const { auth } of both()) {
      const { email, sessionToken } = await person();
      await auth.startPasswordReset({ email: email ?? '', redirectUrl: BACK });
      const { links, token } = await mailed(email ?? '', 'password_reset');
      expect(links[0]).toBe(`${BACK}#flux_reset=${token}`);
      expect(await outcome(auth.finishPasswordReset({ token, password: 'short' }))).toBe('weak_password');
      const password = 'plum anvil quiet harbour';
      const user = await auth.finishPasswordReset({ token, password });
      expect(await outcome(flux.auth.verifySession(sessionToken))).toBe('session_revoked');
      expect(await outcome(flux.auth.verifySession(user.sessionToken))).toBe('yes');
      expect(await outcome(auth.signInWithPassword({ email: email ?? '', password }))).toBe('yes');
      expect(await outcome(auth.finishPasswordReset({ token, password }))).toBe('invalid_link');
    }
  });

  it('confirms an address, and changes a password, which ends the other sessions', async () => {
    for (const { auth } of both()) {
      const user = await person();
      const email = user.email ?? '';
      await auth.sendEmailVerification(user.sessionToken, { redirectUrl: BACK });
      const { links, token } = await mailed(email, 'email_verification');
      expect(links[0]).toBe(`${BACK}#flux_verify=${token}`);
      await auth.finishEmailVerification({ token });
      expect((await flux.auth.verifySession(user.sessionToken)).emailVerified).toBe(true);
      const other = await auth.signInWithPassword({ email, password: PASSWORD });
      const newPassword = 'plum anvil quiet harbour';
      const wrong = auth.changePassword(user.sessionToken, { currentPassword: 'wrong', newPassword });
      expect(await outcome(wrong)).toBe('invalid_credentials');
      const changed = await auth.changePassword(user.sessionToken, {
        currentPassword: PASSWORD,
        newPassword,
      });
      expect(await outcome(flux.auth.verifySession(changed.sessionToken))).toBe('yes');
      expect(await outcome(flux.auth.verifySession(other.sessionToken))).toBe('session_revoked');
    }
    const email = newEmail();
    await page.auth.signUp({ email, password: PASSWORD, redirectUrl: BACK });
    expect((await mailed(email, 'email_verification')).links[0]).toMatch(`${BACK}#flux_verify=`);
  });

  it('sets up an authenticator app, owes it in the next session, and pays it there [FX-40, FX-48, FX-49, FX-52, FX-53]', async () => {
    const kit = createFluxMfa(world, project);
    for (const { auth } of both()) {
      const { sessionToken, email, session } = await person();
      const { factor, totp } = await auth.mfa.enrolTotp(sessionToken);
      expect(factor).toMatchObject({ type: 'totp', status: 'unverified' });
      expect(totp.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
      const first = await auth.mfa.challenge(sessionToken, factor.id);
      const done = await auth.mfa.verify(sessionToken, {
        challengeId: first.id,
        code: kit.codeAt(totp.secret),
      });
      expect(done.user.session).toMatchObject({ id: session.id, mfaVerified: true });
      const [spare = ''] = done.recoveryCodes ?? [];
      expect(done.recoveryCodes).toHaveLength(10);
      world.clock.advance(30_000);

      const owing = await auth.signInWithPassword({ email: email ?? '', password: PASSWORD });
      expect(owing.session).toMatchObject({ mfaRequired: true, mfaVerified: false });
      expect(await outcome(auth.mfa.removeFactor(owing.sessionToken, factor.id))).toBe('mfa_required');
      const { id: challengeId } = await auth.mfa.challenge(owing.sessionToken, factor.id);
      expect(await outcome(auth.mfa.verify(owing.sessionToken, { challengeId, code: '000000' }))).toBe(
        'invalid_code',
      );
      const paid = await auth.mfa.verify(owing.sessionToken, { challengeId, code: kit.codeAt(totp.secret) });
      expect(paid).toMatchObject({
        user: { session: { id: owing.session.id, mfaVerified: true } },
        recoveryCodes: null,
      });
      expect(paid.user.session.mfa_required).toBe(false);
      world.clock.advance(30_000);

      const third = await auth.signInWithPassword({ email: email ?? '', password: PASSWORD });
      const recovered = await auth.mfa.useRecoveryCode(third.sessionToken, { code: spare });
      expect(recovered.session.mfaVerified).toBe(true);
      const { recoveryCodesLeft, factors } = await auth.mfa.listFactors(recovered.sessionToken);
      expect([recoveryCodesLeft, factors.length]).toEqual([9, 1]);
      const renewed = await auth.mfa.renewRecoveryCodes(recovered.sessionToken);
      expect(renewed).toHaveLength(10);
      expect(renewed).not.toContain(spare);
      await auth.mfa.removeFactor(recovered.sessionToken, factor.id);
      expect((await auth.mfa.listFactors(recovered.sessionToken)).factors).toEqual([]);
    }
  });

  it('sets up a phone by the code that it is sent [FX-42]', async () => {
    const kit = createFluxMfa(world, project);
    const { sessionToken } = await person();
    const wrong = flux.auth.mfa.enrolSms(sessionToken, { phone: 'abc' });
    expect(await outcome(wrong)).toBe('phone_invalid');
    const phone = newPhoneNumber();
    const { factor, challenge } = await flux.auth.mfa.enrolSms(sessionToken, { phone });
    expect(factor.phoneHint).toBe(`••••${phone.slice(-4)}`);
    const code = await kit.smsCode(phone);
    const { user } = await flux.auth.mfa.verify(sessionToken, { challengeId: challenge.id, code });
    expect(user.session.mfaVerified).toBe(true);
    const again = flux.auth.mfa.enrolSms(user.sessionToken, { phone: newPhoneNumber() });
    expect(await outcome(again)).toBe('already_enrolled');
  });

  it('demands a second factor of one user, whose sessions owe it at once [FX-45, FX-46]', async () => {
    const { sessionToken, id, email } = await person();
    expect(await flux.auth.users.get(id)).toMatchObject({ id, email, mfaRequired: false, status: 'active' });
    expect(await flux.auth.users.setMfaRequired(id, true)).toMatchObject({ mfaRequired: true });
    expect((await flux.auth.verifySession(sessionToken)).session.mfaRequired).toBe(true);
    await flux.auth.users.setMfaRequired(id, false);
    expect((await flux.auth.getSession(sessionToken)).mfaRequired).toBe(false);
    expect(await outcome(flux.auth.users.get('1'))).toBe('not_found');
    expect(await outcome(page.auth.users.get(id))).toBe('invalid_api_key');
  });

  it('leads to a provider, and exchanges what the browser comes back with [FX-15, FX-16]', async () => {
    const google = await createIdentityProvider({
      isCallback: anyCallbackOf(() => world, 'google'),
    });
    const kit = await createSocialKit(world, {
      google: { settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer } },
    });
    const { secret, publishable } = kit.flux.keys;
    const { auth } = Flux.init(secret.plain, { baseUrl: world.baseUrl, publishableKey: publishable.plain });
    expect((await auth.getSettings()).methods['google']).toBe(true);
    const { codeChallenge, state, codeVerifier } = await createPkce();
    const url = auth.signInWithProviderUrl({
      provider: 'google',
      redirectUrl: APP_BACK,
      codeChallenge,
      state,
    });
    const started = await fetch(url, { redirect: 'manual' });
    const [cookie = ''] = started.headers.getSetCookie();
    const browser = socialBrowser(world, kit.flux);
    browser.cookie = /^flux_oauth=([^;]*)/.exec(cookie)?.[1] ?? null;
    const somebodyThere = somebody();
    const query = await google.visit(started.headers.get('location') ?? '', somebodyThere);
    const { query: back } = ledBack(await browser.comeBack('google', query));
    expect(back['state']).toBe(state);
    const user = await auth.exchangeCode({ code: back['code'] ?? '', codeVerifier, redirectUrl: APP_BACK });
    expect(user).toMatchObject({
      email: somebodyThere['email'],
      session: { authenticationMethod: 'google' },
    });
    await google.close();
  });
});

describe('a CAPTCHA of the operator', () => {
  it('is named by the settings, and asked for before the calls that it guards', async () => {
    const world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_CAPTCHA: 'pow' } });
    const { keys } = await createFluxProject(world);
    const { auth } = Flux.init(keys.publishable.plain, { baseUrl: world.baseUrl });
    expect((await auth.getSettings()).captcha).toEqual({ provider: 'pow', siteKey: null });
    const email = newEmail();
    for (const ask of [
      () => auth.signUp({ email, password: PASSWORD }),
      () => auth.signInWithPassword({ email, password: PASSWORD }),
      () => auth.startPasswordReset({ email }),
    ]) {
      expect(await outcome(ask())).toBe('captcha_required');
    }
    const wrong = auth.signUp({ email, password: PASSWORD, captchaToken: 'eA==' });
    expect(await outcome(wrong)).toBe('captcha_refused');
    expect(await auth.getCaptchaChallenge('register')).toMatchObject({ signature: expect.any(String) });
    await world.close();
  });
});
