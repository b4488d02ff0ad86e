import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import Browser from './browser.ts';
import Flux, { createPkce } from './index.ts';
import { createWireServer, PROJECT, PUBLISHABLE_KEY, SECRET_KEY, type WireServer } from './testing/index.ts';

let server: WireServer;
let both: Flux;
let secretOnly: Flux;
let person: ReturnType<WireServer['person']>;
/** What the server answers next. */
let answer: object;

beforeAll(async () => {
  server = await createWireServer();
  both = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl, publishableKey: PUBLISHABLE_KEY });
  secretOnly = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl });
  person = server.person();
});

beforeEach(() => {
  server.meddle((path, response) => {
    if (path === '/settings' || path.startsWith('/.well-known')) return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  });
});

afterAll(async () => {
  both.close();
  secretOnly.close();
  await server.close();
});

const TOKEN = 'the.users.token';
const AT = '2026-11-22T10:00:00.000Z';
const signedIn = () => ({ user: person.user, session: person.session, token: person.token });
const factor = { id: 'fac_1', type: 'totp', status: 'unverified', phone_hint: null, created_at: AT };
const challenge = { id: 'chal_1', factor_id: 'fac_1', expires_at: AT };
const passkey = { id: 'pk_1', name: 'Phone', created_at: AT, last_used_at: null };
const account = () => ({ user: { ...person.user, mfa_required: true, status: 'active' } });
const REDIRECT = 'https://app.example/back';
const FACTOR = { id: 'fac_1', type: 'totp', status: 'unverified', phoneHint: null, createdAt: AT };
const CHALLENGE = { id: 'chal_1', factorId: 'fac_1', expiresAt: AT };
const PASSKEY = { id: 'pk_1', name: 'Phone', createdAt: AT, lastUsedAt: null };
const USER = { email: 'a@example.com' };

type Key = 'publishable' | 'secret';
type Row = [
  name: string,
  call: (auth: Flux['auth']) => Promise<unknown>,
  wire: string,
  body: object | null,
  key: Key,
  session: boolean,
  answer: () => object,
  result: unknown,
];

/** Each call, and what of it goes over the wire (docs/flux-wire.md). */
const CALLS: Row[] = [
  // biome-ignore format: a table
  ['signUp', (auth) => auth.signUp({ email: 'a@x.example', password: 'p', redirectUrl: REDIRECT }), 'POST /sign_up', { email: 'a@x.example', password: 'p', redirect_url: REDIRECT }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['signInWithPassword', (auth) => auth.signInWithPassword({ email: 'a@x.example', password: 'p', captchaToken: 'c' }), 'POST /sign_in/password', { email: 'a@x.example', password: 'p', captcha_token: 'c' }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['getCaptchaChallenge', (auth) => auth.getCaptchaChallenge('login'), 'GET /captcha/challenge?for=login', null, 'publishable', false, () => ({ signature: 's' }), { signature: 's' }],
  // biome-ignore format: a table
  ['startPasswordReset with a CAPTCHA', (auth) => auth.startPasswordReset({ email: 'a@x.example', captchaToken: 'c' }), 'POST /password_reset/start', { email: 'a@x.example', captcha_token: 'c' }, 'publishable', false, () => ({}), undefined],
  // biome-ignore format: a table
  ['sendMagicLink', (auth) => auth.sendMagicLink({ email: 'a@x.example', redirectUrl: REDIRECT }), 'POST /magic_links', { email: 'a@x.example', redirect_url: REDIRECT }, 'publishable', false, () => ({ attempt: 'att', expires_at: AT }), { attempt: 'att', expiresAt: AT }],
  // biome-ignore format: a table
  ['completeMagicLink with a link', (auth) => auth.completeMagicLink({ attempt: 'att', token: 't' }), 'POST /magic_links/verify', { attempt: 'att', token: 't' }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['completeMagicLink with a code', (auth) => auth.completeMagicLink({ attempt: 'att', code: '123456' }), 'POST /magic_links/verify', { attempt: 'att', code: '123456' }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['startPasswordReset', (auth) => auth.startPasswordReset({ email: 'a@x.example' }), 'POST /password_reset/start', { email: 'a@x.example' }, 'publishable', false, () => ({}), undefined],
  // biome-ignore format: a table
  ['finishPasswordReset', (auth) => auth.finishPasswordReset({ token: 't', password: 'p' }), 'POST /password_reset/finish', { token: 't', password: 'p' }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['sendEmailVerification', (auth) => auth.sendEmailVerification(TOKEN), 'POST /email_verification/start', {}, 'secret', true, () => ({}), undefined],
  // biome-ignore format: a table
  ['finishEmailVerification', (auth) => auth.finishEmailVerification({ token: 't' }), 'POST /email_verification/finish', { token: 't' }, 'publishable', false, () => ({}), undefined],
  // biome-ignore format: a table
  ['changePassword', (auth) => auth.changePassword(TOKEN, { currentPassword: 'a', newPassword: 'b' }), 'POST /password/change', { current_password: 'a', new_password: 'b' }, 'secret', true, signedIn, USER],
  // biome-ignore format: a table
  ['exchangeCode', (auth) => auth.exchangeCode({ code: 'c', codeVerifier: 'v' }), 'POST /sessions/exchange', { code: 'c', code_verifier: 'v' }, 'secret', false, signedIn, USER],
  // biome-ignore format: a table
  ['exchangeCode led back where it was meant to', (auth) => auth.exchangeCode({ code: 'c', codeVerifier: 'v', redirectUrl: REDIRECT }), 'POST /sessions/exchange', { code: 'c', code_verifier: 'v', redirect_url: REDIRECT }, 'secret', false, signedIn, USER],
  // biome-ignore format: a table
  ['passkeys.list', (auth) => auth.passkeys.list(TOKEN), 'GET /passkeys', null, 'secret', true, () => ({ passkeys: [passkey] }), [PASSKEY]],
  // biome-ignore format: a table
  ['passkeys.rename', (auth) => auth.passkeys.rename(TOKEN, { id: 'pk/1', name: 'Phone' }), 'PATCH /passkeys/pk%2F1', { name: 'Phone' }, 'secret', true, () => ({ passkey }), PASSKEY],
  // biome-ignore format: a table
  ['passkeys.delete', (auth) => auth.passkeys.delete(TOKEN, 'pk_1'), 'DELETE /passkeys/pk_1', null, 'secret', true, () => ({}), undefined],
  // biome-ignore format: a table
  ['passkeys.startSignIn', (auth) => auth.passkeys.startSignIn(), 'POST /passkeys/authenticate/start', {}, 'publishable', false, () => ({ options: { challenge: 'x' } }), { challenge: 'x' }],
  // biome-ignore format: a table
  ['passkeys.finishSignIn', (auth) => auth.passkeys.finishSignIn({ id: 'x' }), 'POST /passkeys/authenticate/finish', { response: { id: 'x' } }, 'publishable', false, signedIn, USER],
  // biome-ignore format: a table
  ['passkeys.startRegistration', (auth) => auth.passkeys.startRegistration(TOKEN), 'POST /passkeys/register/start', {}, 'secret', true, () => ({ options: { challenge: 'x' } }), { challenge: 'x' }],
  // biome-ignore format: a table
  ['passkeys.finishRegistration', (auth) => auth.passkeys.finishRegistration(TOKEN, { response: { id: 'x' }, name: 'Phone' }), 'POST /passkeys/register/finish', { response: { id: 'x' }, name: 'Phone' }, 'secret', true, () => ({ passkey, ...signedIn() }), { passkey: PASSKEY, user: USER }],
  // biome-ignore format: a table
  ['mfa.startPasskey', (auth) => auth.mfa.startPasskey(TOKEN), 'POST /mfa/passkey/start', {}, 'secret', true, () => ({ options: { challenge: 'x' } }), { challenge: 'x' }],
  // biome-ignore format: a table
  ['mfa.finishPasskey', (auth) => auth.mfa.finishPasskey(TOKEN, { id: 'x' }), 'POST /mfa/passkey/finish', { response: { id: 'x' } }, 'secret', true, signedIn, USER],
  // biome-ignore format: a table
  ['mfa.listFactors', (auth) => auth.mfa.listFactors(TOKEN), 'GET /mfa/factors', null, 'secret', true, () => ({ factors: [factor], recovery_codes_left: 9 }), { factors: [FACTOR], recoveryCodesLeft: 9 }],
  // biome-ignore format: a table
  ['mfa.enrolTotp', (auth) => auth.mfa.enrolTotp(TOKEN), 'POST /mfa/factors', { type: 'totp' }, 'secret', true, () => ({ factor, totp: { secret: 's', uri: 'u', qr_code: 'q' } }), { factor: FACTOR, totp: { secret: 's', uri: 'u', qrCode: 'q' } }],
  // biome-ignore format: a table
  ['mfa.enrolSms', (auth) => auth.mfa.enrolSms(TOKEN, { phone: '+4930123456' }), 'POST /mfa/factors', { type: 'sms', phone: '+4930123456' }, 'secret', true, () => ({ factor, challenge }), { factor: FACTOR, challenge: CHALLENGE }],
  // biome-ignore format: a table
  ['mfa.challenge', (auth) => auth.mfa.challenge(TOKEN, 'fac_1'), 'POST /mfa/factors/fac_1/challenge', {}, 'secret', true, () => ({ challenge }), CHALLENGE],
  // biome-ignore format: a table
  ['mfa.verify', (auth) => auth.mfa.verify(TOKEN, { challengeId: 'chal_1', code: '123456' }), 'POST /mfa/challenges/chal_1/verify', { code: '123456' }, 'secret', true, () => ({ ...signedIn(), recovery_codes: ['a-b'] }), { user: USER, recoveryCodes: ['a-b'] }],
  // biome-ignore format: a table
  ['mfa.verify, not the first factor', (auth) => auth.mfa.verify(TOKEN, { challengeId: 'chal_1', code: '123456' }), 'POST /mfa/challenges/chal_1/verify', { code: '123456' }, 'secret', true, signedIn, { user: USER, recoveryCodes: null }],
  // biome-ignore format: a table
  ['mfa.useRecoveryCode', (auth) => auth.mfa.useRecoveryCode(TOKEN, { code: 'a-b' }), 'POST /mfa/recovery', { code: 'a-b' }, 'secret', true, signedIn, USER],
  // biome-ignore format: a table
  ['mfa.renewRecoveryCodes', (auth) => auth.mfa.renewRecoveryCodes(TOKEN), 'POST /mfa/recovery_codes', {}, 'secret', true, () => ({ recovery_codes: ['c-d'] }), ['c-d']],
  // biome-ignore format: a table
  ['mfa.removeFactor', (auth) => auth.mfa.removeFactor(TOKEN, 'fac_1'), 'DELETE /mfa/factors/fac_1', null, 'secret', true, () => ({}), undefined],
  // biome-ignore format: a table
  ['mfa.stepUpUrl', (auth) => auth.mfa.stepUpUrl(TOKEN, { redirectUrl: REDIRECT, state: 's' }), 'POST /mfa/step_up', { redirect_url: REDIRECT, state: 's' }, 'secret', true, () => ({ url: 'u', expires_at: AT }), { url: 'u', expiresAt: AT }],
  // biome-ignore format: a table
  ['users.get', (auth) => auth.users.get('17'), 'GET /users/17', null, 'secret', false, account, { ...USER, mfaRequired: true, status: 'active' }],
  // biome-ignore format: a table
  ['users.setMfaRequired', (auth) => auth.users.setMfaRequired('17', true), 'PATCH /users/17', { mfa_required: true }, 'secret', false, account, { ...USER, mfaRequired: true }],
];

describe('over the wire', () => {
  it.each(CALLS)('%s', async (_name, call, wire, body, key, session, answered, result) => {
    answer = answered();
    const given = await call(both.auth);
    if (result === undefined) expect(given).toBeUndefined();
    else expect(given).toMatchObject(result as object);
    const sent = server.seen.at(-1);
    expect(`${sent?.method} ${sent?.path}`).toBe(wire);
    expect(sent?.body).toBe(body === null ? '' : JSON.stringify(body));
    expect(sent?.headers).toMatchObject(
      key === 'secret'
        ? { authorization: `Bearer ${SECRET_KEY}` }
        : { 'x-flux-publishable-key': PUBLISHABLE_KEY },
    );
    // Never both keys, and the user's token only where it is asked for.
    expect(sent?.headers[key === 'secret' ? 'x-flux-publishable-key' : 'authorization']).toBeUndefined();
    expect(sent?.headers['x-flux-session']).toBe(session ? TOKEN : undefined);
  });

  it('acts for a user with the publishable key where there is no other, as pages do', async () => {
    answer = { passkeys: [] };
    const publicOne = Flux.init(PUBLISHABLE_KEY, { baseUrl: server.baseUrl });
    const page = Browser.init(PUBLISHABLE_KEY, { baseUrl: server.baseUrl });
    for (const { auth } of [publicOne, page]) {
      await auth.passkeys.list(TOKEN);
      const { headers } = server.seen.at(-1) ?? {};
      expect(headers?.['x-flux-publishable-key']).toBe(PUBLISHABLE_KEY);
      expect(headers?.['x-flux-session']).toBe(TOKEN);
      expect(headers?.authorization).toBeUndefined();
    }
    publicOne.close();
  });

  it.each([
    ['no token', ''],
    ['a token with a line break', 'a.b.c\r\nx-other: 1'],
  ])('sends %s nowhere', async (_what, token) => {
    const before = server.calls();
    const asked = both.auth.mfa.listFactors(token);
    await expect(asked).rejects.toMatchObject({ code: 'invalid_session', status: 401 });
    expect(server.calls()).toBe(before);
  });

  it.each([
    ['1/sessions', 'not_found', 404],
    ['../x', 'not_found', 404],
    ['', 'not_found', 404],
    [1574096764644884480n, 'invalid_request', 400],
    [17, 'invalid_request', 400],
    [undefined, 'invalid_request', 400],
  ])('asks for a user by nothing but an id, and refuses %s by a code', async (given, code, status) => {
    const before = server.calls();
    const id = given as string;
    const { users, revokeAllSessions } = both.auth;
    for (const ask of [
      () => users.get(id),
      () => users.setMfaRequired(id, true),
      () => revokeAllSessions(id),
    ])
      await expect(ask()).rejects.toMatchObject({ name: 'FluxError', code, status });
    expect(server.calls()).toBe(before);
  });

  it.each([
    ['', 'invalid_session', 401],
    [undefined, 'invalid_session', 401],
    [null, 'invalid_session', 401],
    [{}, 'invalid_request', 400],
    [{ sessionId: '' }, 'invalid_request', 400],
  ])('ends no session that %j could name, and says so by a code', async (which, code, status) => {
    const before = server.calls();
    const asked = both.auth.revokeSession(which as string);
    await expect(asked).rejects.toMatchObject({ name: 'FluxError', code, status });
    expect(server.calls()).toBe(before);
  });
});

describe('sign-ins by redirect', () => {
  it('makes secrets as RFC 7636 wants them, new ones each time', async () => {
    const [one, other] = await Promise.all([createPkce(), createPkce()]);
    expect(one.codeVerifier).toMatch(/^[\w-]{43}$/);
    const digest = createHash('sha256').update(one.codeVerifier).digest('base64url');
    expect(one.codeChallenge).toBe(digest);
    expect(new Set([...Object.values(one), ...Object.values(other)]).size).toBe(6);
  });

  const back = { redirectUrl: 'https://app.example/back?a=1&b=2', codeChallenge: 'ch', state: 's&t' };

  it("leads to the provider's start with everything but the verifier", () => {
    const url = new URL(both.auth.signInWithProviderUrl({ provider: 'google', ...back }));
    expect(url.origin + url.pathname).toBe(`${server.baseUrl}/flux/v1/oauth/google/start`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      key: PUBLISHABLE_KEY,
      redirect_url: back.redirectUrl,
      code_challenge: 'ch',
      code_challenge_method: 'S256',
      state: 's&t',
    });
    const lacking = () => secretOnly.auth.signInWithProviderUrl({ provider: 'google', ...back });
    expect(lacking).toThrow(/publishableKey/);
    expect(lacking).not.toThrow(SECRET_KEY);
  });

  it("leads to the project's own pages", async () => {
    const publicOne = Flux.init(PUBLISHABLE_KEY, { baseUrl: server.baseUrl });
    for (const { auth } of [secretOnly, publicOne]) {
      const url = new URL(await auth.hostedSignInUrl({ page: 'sign-up', ...back }));
      expect(url.pathname).toBe(`/p/${PROJECT}/sign-up`);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        redirect_url: back.redirectUrl,
        code_challenge: 'ch',
        state: 's&t',
      });
    }
    publicOne.close();
  });
});
