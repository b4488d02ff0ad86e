import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

describe.each(DIALECTS)("a project's sign-in page on %s", (dialect) => {
  let world: World;
  let project: FluxProject;
  let email: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    project = await createFluxProject(world, { settings: { redirect_urls: [APP_URL] } });
    ({ email } = (await project.signUp()).user);
  });
  afterAll(() => world.close());

  const signIn = (visit: ReturnType<typeof visitProject>) =>
    visit.send('sign-in', { email, password: PASSWORD });

  it('leads back with a code and the state, and the app gets the session for the code, once', async () => {
    const visit = visitProject(world, project);
    const page = await visit.open('sign-in');
    expect(page.status).toBe(200);
    const led = await signIn(visit);
    const address = ledTo(led);
    expect([...address.searchParams.keys()].sort()).toEqual(['code', 'from', 'state']);
    expect(address.searchParams.get('state')).toBe('st/4=te');
    const { user, session } = handed(await visit.exchange(led));
    expect(user.email).toBe(email);
    expect(session).toMatchObject({ authentication_method: 'password', mfa_verified: false });
    expect((await visit.exchange(led)).status).toBe(401);
  });

  it('gives the code to nobody without the verifier, and to no other project', async () => {
    const other = await createFluxProject(world);
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    const led = await signIn(visit);
    const asked = { code: ledTo(led).searchParams.get('code'), code_verifier: visit.verifier };
    expect((await other.app('/sessions/exchange', asked)).status).toBe(401);
    expect((await visit.exchange(led, 'x'.repeat(43))).status).toBe(401);
    expect((await visit.exchange(led)).status).toBe(401);
  });

  it('has no token of a session in any page, address or cookie', async () => {
    const visit = visitProject(world, project);
    const page = await visit.open('sign-in');
    const led = await signIn(visit);
    const { token } = handed(await visit.exchange(led));
    for (const text of [
      page.text,
      led.text,
      led.headers.get('location') ?? '',
      ...visit.browser.cookies.values(),
    ]) {
      expect(text).not.toContain(token);
      expect(text).not.toMatch(/eyJ|sess_/);
    }
    expect([...visit.browser.cookies]).toEqual([]);
    expect(led.headers.get('referrer-policy')).toBe('same-origin');
    expect(led.headers.get('cache-control')).toBe('no-store');
  });

  it('makes an account and goes on, and says at the field that an address is taken', async () => {
    const visit = visitProject(world, project);
    await visit.open('sign-up');
    const address = newEmail();
    const led = await visit.send('sign-up', { email: address, password: PASSWORD });
    expect(handed(await visit.exchange(led)).user).toMatchObject({ email: address, email_verified: false });
    const mail = await world.newestMail(address, 'email_verification');
    expect(mail.links).toEqual([`${world.baseUrl}/p/${project.id}/verify#flux_verify=${mail.token}`]);
    const again = await visit.send('sign-up', { email: address, password: PASSWORD });
    expect(again.status).toBe(400);
    expect(again.text).toContain('already has an account');
  });
});
