import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  newEmail,
  newPhoneNumber,
  PASSWORD,
  PassingClock,
  until,
  type World,
  withinASecond,
} from '../../server/src/testing/index.ts';
import type Flux from './index.ts';
import { FluxServer } from './server-client.ts';
import { countingPlatform } from './testing/index.ts';

const STEP = 30_000;

/** Second factors by the SDK at the real server, and how soon another app hears of them. */
describe.each(DIALECTS)('second factors by the SDK on %s', (dialect) => {
  let world: World;
  let project: FluxProject;
  let codes: ReturnType<typeof createFactorKit>;
  let flux: Flux;
  let elsewhere: Flux;
  const { platform, sent } = countingPlatform();
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' }, clock: new PassingClock() });
    project = await createFluxProject(world);
    codes = createFactorKit(world);
    const { secret, publishable } = project.keys;
    const options = { baseUrl: world.baseUrl, publishableKey: publishable.plain };
    flux = new FluxServer(platform, secret.plain, options);
    elsewhere = new FluxServer(platform, secret.plain, options);
  });
  afterAll(async () => {
    flux.close();
    elsewhere.close();
    await world.close();
  });

  const signIn = (email: string) => elsewhere.auth.signInWithPassword({ email, password: PASSWORD });
  const isLocal = async (token: string) => {
    const before = sent();
    await flux.auth.verifySession(token, { renew: false });
    return sent() === before;
  };
  /** What an app that keeps answers says of the session. */
  const kept = async (token: string) => {
    const { session } = await flux.auth.verifySession(token, { renew: false });
    return [session.mfaVerified, session.mfaRequired];
  };

  it('are set up, shown and taken away, and are heard of within a second by who keeps answers [FX-40, FX-49, FX-51]', async () => {
    const email = newEmail();
    const first = await elsewhere.auth.signUp({ email, password: PASSWORD });
    const second = await signIn(email);
    const token = second.sessionToken;
    await until(() => isLocal(token));
    expect(await kept(token)).toEqual([false, false]);

    const { mfa } = elsewhere.auth;
    const { factor, totp } = await mfa.enrolTotp(first.sessionToken);
    const asked = await mfa.challenge(first.sessionToken, factor.id);
    const proof = { challengeId: asked.id, code: codes.codeOf(totp.secret) };
    const { user, recoveryCodes } = await mfa.verify(first.sessionToken, proof);
    expect(user.session).toMatchObject({ id: first.session.id, mfaVerified: true });
    expect(recoveryCodes).toHaveLength(10);
    await withinASecond(async () => isDeepStrictEqual(await kept(token), [false, true]));

    world.clock.advance(STEP);
    const next = await mfa.challenge(token, factor.id);
    await mfa.verify(token, { challengeId: next.id, code: codes.codeOf(totp.secret) });
    await withinASecond(async () => isDeepStrictEqual(await kept(token), [true, false]));

    const third = await signIn(email);
    const [code = ''] = recoveryCodes ?? [];
    expect((await mfa.useRecoveryCode(third.sessionToken, { code })).session.mfaVerified).toBe(true);
    expect((await mfa.listFactors(third.sessionToken)).recoveryCodesLeft).toBe(9);
    await mfa.removeFactor(third.sessionToken, factor.id);
    expect(await mfa.listFactors(third.sessionToken)).toEqual({ factors: [], recoveryCodesLeft: 0 });
  });

  it('may be a telephone, and may be demanded of one user [FX-42, FX-45]', async () => {
    const user = await elsewhere.auth.signUp({ email: newEmail(), password: PASSWORD });
    const token = user.sessionToken;
    await until(() => isLocal(token));
    await elsewhere.auth.users.setMfaRequired(user.id, true);
    await withinASecond(async () => isDeepStrictEqual(await kept(token), [false, true]));
    const { mfa } = elsewhere.auth;
    const phone = newPhoneNumber();
    const { challenge } = await mfa.enrolSms(token, { phone });
    await mfa.verify(token, { challengeId: challenge.id, code: await codes.smsCode(phone) });
    await withinASecond(async () => isDeepStrictEqual(await kept(token), [true, false]));
  });
});
