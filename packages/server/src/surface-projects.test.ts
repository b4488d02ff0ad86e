import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createAdminKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  EVERYTHING,
  flectoSteps,
  freshDatabase,
  newEmail,
  PASSWORD,
  type World,
} from './testing/index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const SETTINGS = { FLUXGATE_FLUXER_PROJECT: 'game', FLUXGATE_FLECTO_PROJECT: 'staff' };

describe.each(DIALECTS)('the projects of the two frozen interfaces on %s', (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let world: World;
  let ids: { game: string; staff: string };
  /** Of the time when Fluxer's interface served the default project. */
  let former: { token: string; email: string };

  beforeAll(async () => {
    database = await freshDatabase(dialect);
    const before = await createWorld({ dialect, database, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const person = await before.person();
    former = { token: person.client.token ?? '', email: person.email };
    const make = async (slug: string) =>
      (await before.instance.projects.create({ slug, name: `The ${slug}`, actor: ACTOR })).id;
    ids = { game: await make('game'), staff: await make('staff') };
    await before.close();
    world = await createWorld({
      ...{ dialect, database, clock: before.clock },
      env: {
        ...{ FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' },
        ...SETTINGS,
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await database.drop();
  });

  const asRoot = async () => (await createAdminKit(world)).script({ admin: [EVERYTHING] });

  it.each([
    ['FLUXGATE_FLUXER_PROJECT', 'fluxer.project'],
    ['FLUXGATE_FLECTO_PROJECT', 'flecto.project'],
  ])('must be there, or the start says that %s names none', async (variable, path) => {
    const start = createWorld({ dialect, env: { [variable]: 'nowhere' } });
    await expect(start).rejects.toThrow(`${path} (${variable}): there is no project "nowhere".`);
    await expect(createWorld({ dialect, env: { [variable]: 'No Slug' } })).rejects.toThrow(variable);
    const named = await createWorld({ dialect, env: { [variable]: 'default' } });
    expect((await named.direct.get('/_health')).status).toBeLessThan(500);
    await named.close();
  });

  it("keep Fluxer's people to themselves: nobody of the default project is one, and none of them is there [FX-05, J04]", async () => {
    const { email, userId } = await world.person();
    const root = await asRoot();
    expect((await root('GET', `/flux/projects/${ids.game}/users?q=${email}`)).json).toMatchObject({
      items: [{ id: userId, email, email_verified: true }],
    });
    expect((await root('GET', `/users?query=${email}`)).json).toMatchObject({ items: [] });
    for (const path of [`/users/${userId}`, `/users/${userId}/sessions`, `/users/${userId}/permissions`])
      expect((await root('GET', path)).status, path).toBe(404);
    // The hosted pages and Flecto's interface know nobody of this address.
    expect((await world.client().form('/login', { email, password: PASSWORD })).status).toBe(400);
    expect((await flectoSteps(world).login(email)).status).toBe(401);
    // The same address is free in the default project, which is another person's.
    const other = await world.client().form('/register', {
      ...{ email, password: PASSWORD, consent: 'yes' },
    });
    expect(other.status).toBeLessThan(400);
    const listed = (await root('GET', `/users?query=${email}`)).json as { items: { id: string }[] };
    expect(listed.items).toHaveLength(1);
    expect(listed.items[0]?.id).not.toBe(userId);
  });

  it("are the same people at Flux's API, by that project's keys", async () => {
    const { email, userId, client } = await world.person();
    const flux = await createFluxProject(world, { projectId: ids.game });
    const { user } = await flux.signIn(email);
    expect(user.id).toBe(userId);
    expect((await flux.app(`/users/${userId}/sessions/revoke`)).status).toBe(200);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
  });

  it('open nothing to sessions and accounts of before', async () => {
    const client = world.client();
    client.token = former.token;
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    const tried = await world.client().post('/v1/auth/login', { email: former.email, password: PASSWORD });
    expect(tried.status).toBe(400);
    // The account itself is where it was.
    expect((await world.client().form('/login', { email: former.email, password: PASSWORD })).status).toBe(
      303,
    );
  });

  it("let a new place be allowed on the server's own page [D11]", async () => {
    const { email, userId } = await world.person();
    const elsewhere = world.client();
    const waits = await elsewhere.post('/v1/auth/login', { email, password: PASSWORD });
    const { ticket } = waits.json as { ticket: string };
    const mail = await world.newestMail(email, 'ip_authorization');
    expect(mail.links[0]).toBe(`${world.baseUrl}/authorize-ip#token=${mail.token}`);
    const shown = await world.client().form('/authorize-ip', { token: mail.token });
    expect(shown.text).toContain(elsewhere.address);
    await world.client().form('/authorize-ip', { token: mail.token, answer: 'yes' });
    const polled = await elsewhere.get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
    expect(polled.json).toMatchObject({ user_id: userId });
  });

  it("give Fluxer's people a new password at their project's page", async () => {
    const { email } = await world.person();
    await world.client().post('/v1/auth/forgot', { email });
    const mail = await world.newestMail(email, 'password_reset');
    expect(mail.links[0]).toMatch(new RegExp(`^${world.baseUrl}/p/${ids.game}/reset#`));
    expect(mail.text).toContain('The game');
    const reset = await world
      .client()
      .post('/v1/auth/reset', { token: mail.token, password: `${PASSWORD}!` });
    expect(reset.status).toBe(200);
  });

  it("sign Flecto's people in from their own, with the sites and tokens that there are", async () => {
    const root = await asRoot();
    await root('POST', '/flecto/namespaces', { code: 'web', name: 'Web' });
    await root('POST', '/flecto/namespaces/web/projects', { code: 'shop', name: 'Shop' });
    const steps = flectoSteps(world);
    const email = newEmail();
    const staff = await createFluxProject(world, { projectId: ids.staff });
    const { user } = await staff.signUp(email);
    const flux = await createFluxProject(world, { projectId: ids.staff });
    expect(flux.id).toBe(ids.staff);
    await world.instance.storage.db
      .updateTable('contact')
      .set({ verified_at: 1 })
      .where('user_id', '=', user.id)
      .execute();
    const home = world.client();
    expect((await home.post('/auth/login', { username: email, password: PASSWORD })).status).toBe(403);
    const { token } = await world.newestMail(email, 'ip_authorization');
    await world.client().form('/authorize-ip', { token, answer: 'yes' });
    const { tokens } = steps.good(await home.post('/auth/login', { username: email, password: PASSWORD }));
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    expect((await root('GET', `/flux/projects/${ids.staff}/users/${user.id}/sessions`)).text).toContain(
      'flecto',
    );
    expect((await steps.login(former.email)).status).toBe(401);
    // What administrators of the default project made is what agents ask for.
    const { plain } = await world.instance.apiTokens.create({
      ...{ projectId: world.instance.project.id, name: 'agent', expiresAt: null, actor: ACTOR },
      permissions: {
        admin: [],
        resources: [{ namespace: 'web', site: 'shop', resource: 'redirect', action: 'read' }],
      },
    });
    const version = await world.client().get('/api/namespace/web/project/shop/version', {
      authorization: `Bearer ${plain}`,
    });
    expect(version.status).toBe(200);
    // A proxy lets in whom the interface let in, and nobody of another project by the same wire.
    const asked = await world.client().get('/auth/verify', steps.bearer(tokens.accessToken));
    expect(asked.status).toBe(200);
    expect(asked.headers.get('x-auth-user')).toBe(user.id);
  });
});
