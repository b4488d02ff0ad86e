import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  claimsOf,
  codeOf,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  handed,
  newPhoneNumber,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const STEP = 30_000;

describe.each(DIALECTS)('second factors at Flux’s API on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  let mfa: ReturnType<typeof createFluxMfa>;
  let person: FluxHanded;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
    mfa = createFluxMfa(world, flux);
  });
  beforeEach(async () => {
    person = await flux.signUp();
  });
  afterAll(() => world.close());

  const marks = async (token: string) => {
    const { session } = handed(await flux.verify(token));
    return [session.mfa_verified, session.mfa_required];
  };

  it('enrol an app by secret, address and picture, and one right code confirms it [FX-40, FX-49]', async () => {
    const { token } = person;
    const { factor, totp } = await mfa.enrol(token, { type: 'totp' });
    expect(factor).toEqual({
      id: expect.stringMatching(/^fac_/),
      type: 'totp',
      status: 'unverified',
      phone_hint: null,
      created_at: new Date(world.clock.now()).toISOString(),
    });
    expect(totp?.secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(totp?.uri ?? '');
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe(`/App:${person.user.email}`);
    expect(uri.searchParams.get('secret')).toBe(totp?.secret);
    const [kind, picture = ''] = (totp?.qr_code ?? '').split(',');
    expect(kind).toBe('data:image/svg+xml;base64');
    expect(Buffer.from(picture, 'base64').toString()).toMatch(/^<svg xmlns=.*<path d="M.*<\/svg>$/);
    // What is only begun opens nothing and asks for nothing.
    expect(await marks(token)).toEqual([false, false]);

    const asked = await mfa.challenge(token, factor.id);
    expect(asked).toMatch(/^chal_/);
    const proved = mfa.proved(await mfa.verify(token, asked, mfa.codeAt(totp?.secret ?? '')));
    expect(proved.session).toMatchObject({ id: person.session.id, mfa_verified: true, mfa_required: false });
    expect(claimsOf(proved.token)).toMatchObject({
      sid: person.session.id,
      mfa: true,
      amr: ['pwd', 'otp', 'mfa'],
    });
    expect(proved.recovery_codes).toHaveLength(10);
    expect(await mfa.factors(proved.token)).toMatchObject({
      factors: [{ id: factor.id, type: 'totp', status: 'verified' }],
      recovery_codes_left: 10,
    });
    // The older token belongs to the same session, which has shown it.
    expect(await marks(token)).toEqual([true, false]);
  });

  it('enrol a telephone alone, by a code that it is sent [FX-42]', async () => {
    const { token } = person;
    const phone = newPhoneNumber();
    const spaced = `${phone.slice(0, 3)} ${phone.slice(3)}`;
    const { factor, challenge } = await mfa.enrol(token, { type: 'sms', phone: spaced });
    expect(factor).toMatchObject({ type: 'sms', status: 'unverified', phone_hint: `••••${phone.slice(-4)}` });
    expect(challenge?.factor_id).toBe(factor.id);
    expect(Date.parse(challenge?.expires_at ?? '')).toBe(world.clock.now() + 10 * MINUTE);
    expect((await mfa.factors(token)).factors).toMatchObject([{ id: factor.id, status: 'unverified' }]);
    const wrong = await mfa.verify(token, challenge?.id ?? '', '000000');
    expect([wrong.status, codeOf(wrong)]).toEqual([401, 'invalid_code']);
    const proved = mfa.proved(await mfa.verify(token, challenge?.id ?? '', await mfa.smsCode(phone)));
    expect(proved.session).toMatchObject({ mfa_verified: true, mfa_required: false });
    expect(claimsOf(proved.token)['amr']).toEqual(['pwd', 'sms', 'mfa']);
    expect(proved.recovery_codes).toHaveLength(10);

    const later = await flux.signIn(person.user.email);
    expect(later.session).toMatchObject({ mfa_verified: false, mfa_required: true });
    const asked = await mfa.challenge(later.token, factor.id);
    const shown = mfa.proved(await mfa.verify(later.token, asked, await mfa.smsCode(phone)));
    expect(shown.session.mfa_verified).toBe(true);
    expect(shown.recovery_codes).toBeUndefined();
  });

  it('owe at once in the other sessions, and each session pays for itself [FX-48, FX-50, FX-51, bug 15]', async () => {
    const other = await flux.signIn(person.user.email);
    expect(await marks(other.token)).toEqual([false, false]);
    const app = await mfa.totp(person.token);
    expect(await marks(other.token)).toEqual([false, true]);
    expect(claimsOf(handed(await flux.verify(other.token)).token)['mfa']).toBe(false);
    const third = await flux.signIn(person.user.email);
    const shown = await mfa.show(other.token, app);
    expect(shown.session.id).toBe(other.session.id);
    expect(await marks(other.token)).toEqual([true, false]);
    expect(await marks(third.token)).toEqual([false, true]);
    expect(await marks(person.token)).toEqual([true, false]);
  });

  it('take a code of an app once, in its step and one on either side [FX-41]', async () => {
    const app = await mfa.totp(person.token);
    const [a, b] = [await flux.signIn(person.user.email), await flux.signIn(person.user.email)];
    const code = app.code();
    const [first, second] = [await mfa.challenge(a.token, app.id), await mfa.challenge(b.token, app.id)];
    expect((await mfa.verify(a.token, first, code)).status).toBe(200);
    const replayed = await mfa.verify(b.token, second, code);
    expect([replayed.status, codeOf(replayed)]).toEqual([401, 'invalid_code']);
    const again = await mfa.verify(a.token, first, code);
    expect([again.status, codeOf(again)]).toEqual([401, 'invalid_link']);
    world.clock.advance(STEP);
    const late = app.code();
    world.clock.advance(2 * STEP);
    expect(codeOf(await mfa.verify(b.token, second, late))).toBe('invalid_code');
    expect(await marks(b.token)).toEqual([false, true]);
    const inTime = app.code();
    world.clock.advance(STEP);
    expect((await mfa.verify(b.token, second, inTime)).status).toBe(200);
  });

  it('let one of fifty in that show one code at once [FX-41]', async () => {
    const app = await mfa.totp(person.token);
    const sessions = await Promise.all(Array.from({ length: 10 }, () => flux.signIn(person.user.email)));
    const challenges = await Promise.all(
      sessions.flatMap(({ token }) =>
        Array.from({ length: 5 }, async () => ({ token, id: await mfa.challenge(token, app.id) })),
      ),
    );
    const code = app.code();
    const replies = await Promise.all(challenges.map(({ token, id }) => mfa.verify(token, id, code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const verified = await Promise.all(sessions.map(({ token }) => marks(token)));
    expect(verified.filter(([isVerified]) => isVerified)).toHaveLength(1);
  });

  it('are limited in wrong codes, and a new challenge or session does not start the count anew [FX-52, bug 15]', async () => {
    const app = await mfa.totp(person.token);
    const { token } = await flux.signIn(person.user.email);
    const wrong = ['000000', '111111', '222222'].find((one) => one !== app.code()) ?? '';
    const first = await mfa.challenge(token, app.id);
    for (let time = 0; time < 5; time++)
      expect(codeOf(await mfa.verify(token, first, wrong))).toBe('invalid_code');
    expect(codeOf(await mfa.verify(token, first, app.code()))).toBe('invalid_link');
    const other = await flux.signIn(person.user.email);
    const second = await mfa.challenge(other.token, app.id);
    for (let time = 0; time < 5; time++)
      expect(codeOf(await mfa.verify(other.token, second, wrong))).toBe('invalid_code');
    const third = await mfa.challenge(other.token, app.id);
    const limited = await mfa.verify(other.token, third, app.code());
    expect([limited.status, codeOf(limited)]).toEqual([429, 'rate_limited']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await marks(other.token)).toEqual([false, true]);
  });

  it('are stood in for by a recovery code, once [FX-52]', async () => {
    const { recoveryCodes } = await mfa.totp(person.token);
    const [code = ''] = recoveryCodes;
    const other = await flux.signIn(person.user.email);
    const wrong = await mfa.post('/mfa/recovery', other.token, { code: 'aaaa-bbbb' });
    expect([wrong.status, codeOf(wrong)]).toEqual([401, 'invalid_code']);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => mfa.post('/mfa/recovery', other.token, { code })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await marks(other.token)).toEqual([true, false]);
    expect((await mfa.factors(other.token)).recovery_codes_left).toBe(9);
    const fresh = await mfa.post('/mfa/recovery_codes', other.token);
    expect((fresh.json as { recovery_codes: string[] }).recovery_codes).toHaveLength(10);
    world.clock.advance(15 * MINUTE);
    const third = await flux.signIn(person.user.email);
    const [, old = ''] = recoveryCodes;
    expect(codeOf(await mfa.post('/mfa/recovery', third.token, { code: old }))).toBe('invalid_code');
    expect(await marks(third.token)).toEqual([false, true]);
  });
});
