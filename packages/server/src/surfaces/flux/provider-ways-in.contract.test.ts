import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anyCallbackOf,
  CLIENT_ID,
  CLIENT_SECRET,
  claimsOf,
  codeOf,
  createGithubServer,
  createIdentityProvider,
  createSocialKit,
  createWorld,
  DIALECTS,
  type GithubServer,
  githubber,
  handed,
  type IdentityProviderServer,
  newEmail,
  PassingClock,
  somebody,
  type World,
} from '../../testing/index.ts';

type ProviderId = 'google' | 'github' | 'microsoft';

/** As `ways-in`, by whoever vouches for the person: from the start to a session that lives and ends like any other. */
describe.each(DIALECTS)("a provider as a way in to Flux's API on %s", (dialect) => {
  let world: World;
  let google: IdentityProviderServer;
  let microsoft: IdentityProviderServer;
  let github: GithubServer;
  let kit: Awaited<ReturnType<typeof createSocialKit>>;
  beforeAll(async () => {
    const at = (provider: ProviderId) => ({ isCallback: anyCallbackOf(() => world, provider) });
    google = await createIdentityProvider(at('google'));
    microsoft = await createIdentityProvider(at('microsoft'));
    github = await createGithubServer(at('github'));
    world = await createWorld({ dialect, clock: new PassingClock(), env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const openid = ({ issuer }: IdentityProviderServer) => ({
      settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer },
    });
    kit = await createSocialKit(world, {
      google: openid(google),
      microsoft: openid(microsoft),
      github: { settings: github.credentials },
    });
  });
  afterAll(async () => {
    await world.close();
    for (const server of [google, microsoft, github]) await server.close();
  });

  /** Somebody new there, who goes there and back as often as they like. */
  const visits: Record<ProviderId, () => (url: string) => string | Promise<string>> = {
    google: () => {
      const person = somebody();
      return (url) => google.visit(url, person);
    },
    microsoft: () => {
      const person = somebody();
      return (url) => microsoft.visit(url, person);
    },
    github: () => {
      const person = githubber(newEmail());
      return (url) => github.visit(url, person);
    },
  };

  it.each(['google', 'github', 'microsoft'] as const)(
    'is %s from start to session, for the same person the second time [FX-15, FX-22]',
    async (provider) => {
      const { flux } = kit;
      const like = await flux.signUp();
      const visit = visits[provider]();
      const given = await kit.signIn(provider, visit);
      for (const part of ['user', 'session'] as const)
        expect(Object.keys(given[part])).toEqual(Object.keys(like[part]));
      expect(Object.keys(claimsOf(given.token))).toEqual(Object.keys(claimsOf(like.token)));
      expect(claimsOf(given.token)).toMatchObject({ sub: given.user.id, sid: given.session.id, mfa: false });
      expect(given.session).toMatchObject({ authentication_method: provider, mfa_verified: false });

      const again = await kit.signIn(provider, visit);
      expect(again.user).toEqual(given.user);
      expect(again.session.id).not.toBe(given.session.id);
      expect((await kit.signIn(provider, visits[provider]())).user.id).not.toBe(given.user.id);

      const verified = handed(await flux.verify(given.token));
      expect(verified.session.id).toBe(given.session.id);
      await flux.app('/sessions/revoke', { token: given.token });
      expect(codeOf(await flux.verify(verified.token))).toBe('session_revoked');
      expect((await flux.verify(again.token)).status).toBe(200);
    },
  );
});
