import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anyCallbackOf,
  CLIENT_ID,
  CLIENT_SECRET,
  callbackPathOf,
  createFluxMfa,
  createFluxProject,
  createIdentityProvider,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  type IdentityProviderServer,
  PASSWORD,
  PassingClock,
  type ProviderPerson,
  type Reply,
  somebody,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)("from a project's pages to a provider and back on %s", (dialect) => {
  let world: World;
  let project: FluxProject;
  let google: IdentityProviderServer;
  beforeAll(async () => {
    google = await createIdentityProvider({
      isCallback: anyCallbackOf(() => world, 'google'),
    });
    world = await createWorld({ dialect, clock: new PassingClock(), env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const settings = { redirect_urls: [APP_URL], methods: { google: true } };
    project = await createFluxProject(world, { settings });
    await world.instance.projectProviders.save({
      ...{ projectId: project.id, provider: 'google', actor: ACTOR },
      settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer },
    });
  });
  afterAll(async () => {
    await world.close();
    await google.close();
  });

  type Visit = ReturnType<typeof visitProject>;
  const locationOf = ({ headers }: Reply) => headers.get('location') ?? '';

  /** As far as our own page that the browser comes back to. */
  async function through(visit: Visit, person: ProviderPerson | null): Promise<string> {
    const begun = await visit.open('with/google');
    expect(locationOf(begun)).toMatch(/^\/flux\/v1\/oauth\/google\/start\?project_id=proj_/);
    const sent = await visit.browser.get(locationOf(begun));
    const query = await google.visit(locationOf(sent), person);
    const back = locationOf(await visit.browser.get(`${callbackPathOf(project.id, 'google')}${query}`));
    expect(back).toContain(`${world.baseUrl}/p/${project.id}/back?`);
    return back.slice(world.baseUrl.length);
  }

  it('signs in with the provider, and leads back to the app as the other ways do [FX-15]', async () => {
    const person = somebody();
    const visit = visitProject(world, project);
    expect((await visit.open('sign-in')).text).toContain('Continue with Google');
    const led = await visit.browser.get(await through(visit, person));
    expect(ledTo(led).searchParams.get('state')).toBe('st/4=te');
    expect(handed(await visit.exchange(led))).toMatchObject({
      user: { email: person['email'] },
      session: { authentication_method: 'google' },
    });
    expect(visit.browser.cookies.has('fluxgate-way')).toBe(false);
  });

  it('asks whoever comes from there for the second factor that is owed', async () => {
    const person = somebody();
    const first = visitProject(world, project);
    const { token } = handed(await first.exchange(await first.browser.get(await through(first, person))));
    const { code } = await createFluxMfa(world, project).totp(token);
    const visit = visitProject(world, project);
    const stopped = await visit.browser.get(await through(visit, person));
    expect(locationOf(stopped)).toBe(visit.path('step-up'));
    const led = await visit.send('step-up', { method: 'code', code: code() });
    expect(handed(await visit.exchange(led)).session.mfa_verified).toBe(true);
  });

  it('comes back in the browser that went, once', async () => {
    const visit = visitProject(world, project);
    const back = await through(visit, somebody());
    const other = visitProject(world, project);
    expect((await other.browser.get(back)).status).toBe(400);
    // Whoever only looks spends nothing.
    expect((await visit.browser.send(back, { method: 'HEAD' })).status).toBe(404);
    const third = visitProject(world, project);
    await third.open('with/google');
    // It has a verifier, of another code.
    expect(locationOf(await third.browser.get(back))).toContain('error=sign_in_failed');
    expect(locationOf(await visit.browser.get(back))).toContain('error=sign_in_failed');
  });

  it('says at the sign-in page what came of it', async () => {
    const taken = await project.signUp();
    for (const [person, told] of [
      [null, 'You were not signed in there'],
      [somebody({ email: taken.user.email }), 'There is an account with your address already'],
    ] as const) {
      const visit = visitProject(world, project);
      const sent = locationOf(await visit.browser.get(await through(visit, person)));
      const page = await visit.browser.get(sent);
      expect([page.status, page.text.includes(told)], told).toEqual([200, true]);
      // And goes on from there.
      const { email } = taken.user;
      const fields = {
        email,
        password: PASSWORD,
        way: /name="way" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
      };
      expect((await visit.send('sign-in', fields)).status).toBe(303);
    }
  });

  it('has no button for a provider that is off, or not set up whole', async () => {
    const visit = visitProject(world, project);
    expect((await visit.open('with/github')).status).toBe(403);
    await project.change({ methods: { google: false, github: true } });
    const page = await visit.open('sign-in');
    expect(page.text).not.toContain('Continue with');
    for (const name of ['google', 'github'])
      expect((await visit.open(`with/${name}`)).status, name).toBe(403);
    await project.change({ methods: { google: true } });
  });

  it('leads no other project’s visitors to these pages', async () => {
    const other = await createFluxProject(world);
    for (const redirect_url of [
      `${world.baseUrl}/p/${other.id}/back`,
      `${world.baseUrl}/p/${project.id}/back?x`,
    ]) {
      const query = new URLSearchParams({
        project_id: project.id,
        redirect_url,
        code_challenge: 'x'.repeat(43),
      });
      expect((await world.direct.get(`/flux/v1/oauth/google/start?${query}`)).status).toBe(403);
    }
  });
});
