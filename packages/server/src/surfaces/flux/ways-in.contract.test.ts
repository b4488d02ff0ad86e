import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
  codeOf,
  createFluxMfa,
  createFluxPasskeys,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const SETTINGS = { methods: { passkey: true, 'magic-link': true } };

describe.each(DIALECTS)("the ways in to a session of Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: SETTINGS });
  });
  afterAll(() => world.close());

  const headOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object;

  async function byMail(): Promise<FluxHanded> {
    const email = newEmail();
    const { attempt } = (await flux.page('/magic_links', { email })).json as { attempt: string };
    const { token } = await world.newestMail(email, 'magic_link');
    return handed(await flux.page('/magic_links/verify', { attempt, token }));
  }

  async function byReset(): Promise<FluxHanded> {
    const { email } = (await flux.signUp()).user;
    await flux.page('/password_reset/start', { email });
    const { token } = await world.newestMail(email, 'password_reset');
    return handed(await flux.page('/password_reset/finish', { token, password: `${PASSWORD} anew` }));
  }

  async function byCode(): Promise<FluxHanded> {
    const { session } = await flux.signUp();
    const verifier = randomBytes(32).toString('base64url');
    const code = await world.instance.returnCodes.issue({
      projectId: flux.id,
      sessionId: session.id,
      redirectUrl: 'https://app.example.com/back',
      codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    return handed(await flux.page('/sessions/exchange', { code, code_verifier: verifier }));
  }

  const ways: [name: string, method: string, way: () => Promise<FluxHanded>][] = [
    ['a sign-up', 'password', () => flux.signUp()],
    ['a password', 'password', async () => flux.signIn((await flux.signUp()).user.email)],
    ['a mailed link', 'magic_link', byMail],
    ['a passkey', 'passkey', () => createFluxPasskeys(world, flux).person()],
    ['a new password', 'password', byReset],
    ['a code from a page of ours', 'password', byCode],
    [
      'a second factor',
      'password',
      async () => {
        const { token } = await flux.signUp();
        return (await createFluxMfa(world, flux).totp(token)).proved;
      },
    ],
  ];

  it.each(ways)('by %s end in the same kind of token [FX-22, FX-60]', async (_name, method, way) => {
    const like = await flux.signUp();
    const given = await way();
    const known = ['user', 'session', 'token'] as const;
    expect(Object.keys(given)).toEqual(expect.arrayContaining([...known]));
    for (const part of ['user', 'session'] as const)
      expect(Object.keys(given[part])).toEqual(Object.keys(like[part]));
    expect(headOf(given.token)).toEqual(headOf(like.token));
    expect(Object.keys(claimsOf(given.token))).toEqual(Object.keys(claimsOf(like.token)));
    const { iss, aud } = claimsOf(like.token);
    expect(claimsOf(given.token)).toMatchObject({ iss, aud, sub: given.user.id, sid: given.session.id });
    expect(given.session.authentication_method).toBe(method);

    const verified = handed(await flux.verify(given.token));
    expect(verified.user).toEqual(given.user);
    const { id, user_id, mfa_verified, mfa_required } = given.session;
    expect(verified.session).toMatchObject({ id, user_id, mfa_verified, mfa_required });
    expect((await flux.app('/sessions/get', { token: given.token })).json).toEqual({
      session: verified.session,
    });
    await flux.app('/sessions/revoke', { token: given.token });
    for (const { token } of [given, verified])
      expect(codeOf(await flux.verify(token))).toBe('session_revoked');
  });
});
