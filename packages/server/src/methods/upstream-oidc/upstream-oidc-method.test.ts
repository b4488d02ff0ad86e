import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createIdentityProvider,
  createWorld,
  DIALECTS,
  type IdentityProviderServer,
  newEmail,
  PassingClock,
  type ProviderPerson,
  somebody,
  type World,
} from '../../testing/index.ts';

const ORIGIN = {
  address: '10.9.8.7',
  source: '10.9.8.7',
  network: '10.9.8.0/24',
  userAgent: null,
  isDesktop: false,
};

describe.each(DIALECTS)('signing in at a real provider, on %s', (dialect) => {
  let world: World;
  let provider: IdentityProviderServer;
  const redirectUri = 'http://localhost:8080/auth/openid/callback';

  beforeAll(async () => {
    provider = await createIdentityProvider({ isCallback: (address) => address === redirectUri });
    world = await createWorld({
      dialect,
      clock: new PassingClock(),
      env: {
        ...provider.settings,
        FLUXGATE_OPENID_REDIRECT_URL: redirectUri,
        FLUXGATE_OPENID_ROLES_CLAIM: 'realm_access.roles',
      },
    });
  });

  afterAll(async () => {
    await world.close();
    await provider.close();
  });

  async function signIn(person: ProviderPerson | null) {
    const { sso, project } = world.instance;
    const { state, url } = await sso.begin({ projectId: project.id });
    const query = await provider.visit(url, person);
    return await sso.finish({
      projectId: project.id,
      surface: 'pages',
      state: new URLSearchParams(query).get('state'),
      keptState: state,
      query,
      origin: ORIGIN,
    });
  }

  it('makes an account for whoever comes for the first time, and finds it again by the subject alone [G02]', async () => {
    const person = somebody();
    const first = await signIn(person);
    if (first.state !== 'signed-in') throw new Error(first.state);
    expect(first.user.email).toEqual({ address: person['email'], verified: true });
    expect(first.user.profile.globalName).toBe('Ada Lovelace');
    expect(first.user.passwordChangedAt).toBeNull();
    const second = await signIn({ ...person, email: newEmail() });
    expect(second.state === 'signed-in' && second.user.id).toBe(first.user.id);
    expect(second.state === 'signed-in' && second.user.email?.address).toBe(person['email']);
  });
});
