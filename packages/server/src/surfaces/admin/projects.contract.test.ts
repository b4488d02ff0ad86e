import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  codeOf,
  createAdminKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  expectRefused,
  type FluxProject,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const RIGHT = { section: 'auth-projects', action: '*' };
const DAY_SECONDS = 86_400;

interface Problem {
  code: string;
  errors?: { path: string; message: string }[];
}
interface Listed {
  items: { id: string; slug: string; name: string }[];
  next_cursor: string | null;
}

describe.each(DIALECTS)('projects over the admin API on %s', (dialect) => {
  let world: World;
  let kit: Awaited<ReturnType<typeof createAdminKit>>;
  let admin: AdminApi;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = await createAdminKit(world);
    admin = await kit.script({ admin: [RIGHT] });
  });
  afterAll(() => world.close());

  const at = (flux: FluxProject, rest = '') => `/flux/projects/${flux.id}${rest}`;
  const pathsOf = (json: unknown) => (json as Problem).errors?.map(({ path }) => path);

  it('are made, named once, read and listed in pages [FX-06, FX-160]', async () => {
    const made = await admin('POST', '/flux/projects', { slug: 'shop', name: ' The shop ' });
    expect(made.status).toBe(200);
    const { id } = made.json as { id: string };
    expect(made.json).toMatchObject({
      ...{ slug: 'shop', name: 'The shop', is_default: false },
      settings: { methods: { password: true, google: false }, session: { ttl_seconds: 7 * DAY_SECONDS } },
    });
    expect((await admin('GET', `/flux/projects/${id}`)).json).toEqual(made.json);
    expectRefused(await admin('POST', '/flux/projects', { slug: 'shop', name: 'x' }), 409, 'name_taken');
    for (const slug of ['a', 'b', 'c', 'd']) await admin('POST', '/flux/projects', { slug, name: slug });

    const seen: string[] = [];
    for (let path = '/flux/projects?limit=2'; path !== ''; ) {
      const page = (await admin('GET', path)).json as Listed;
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ slug }) => slug));
      path = page.next_cursor === null ? '' : `/flux/projects?limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    for (const slug of ['a', 'b', 'c', 'd', 'default', 'shop']) expect(seen).toContain(slug);
    expectRefused(await admin('GET', '/flux/projects?cursor=abc'), 400, 'invalid_request');
    expectRefused(await admin('GET', '/flux/projects/proj_none'), 404, 'not_found');
  });

  it('are refused under names that are none', async () => {
    for (const slug of ['', '-a', 'a-', 'A', 'a b', 'ä', 'a/b', 'a'.repeat(51), 7, null, 'a\u0000'])
      expect(pathsOf((await admin('POST', '/flux/projects', { slug, name: 'x' })).json)).toEqual(['slug']);
    for (const name of ['', '  ', 'x'.repeat(101), 7, null, 'x\u0000', '\ud800'])
      expect(pathsOf((await admin('POST', '/flux/projects', { slug: 'names', name })).json)).toEqual([
        'name',
      ]);
    expect((await admin('GET', '/flux/projects?limit=100')).text).not.toContain('"names"');
  });

  it('are set group by group, at once for the sessions there are [FX-04, FX-06, FX-62, bug 35]', async () => {
    const flux = await createFluxProject(world);
    const email = newEmail();
    const { token } = await flux.signUp(email);
    expect((await flux.verify(token)).status).toBe(200);
    const set = (settings: object) => admin('PATCH', at(flux), { settings });

    const shorter = await set({ session: { ttl_seconds: 600 } });
    expect(shorter.json).toMatchObject({
      settings: { session: { ttl_seconds: 600, renew_after_seconds: 0 }, methods: { password: true } },
    });
    world.clock.advance(601_000);
    expect(codeOf(await flux.verify(token))).toBe('session_expired');

    expect((await flux.page('/sign_in/password', { email, password: PASSWORD })).status).toBe(200);
    await set({ methods: { password: false } });
    const refused = await flux.page('/sign_in/password', { email, password: PASSWORD });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'method_disabled']);
    const stranger = newEmail();
    expect(codeOf(await flux.page('/sign_up', { email: stranger, password: PASSWORD }))).toBe(
      'method_disabled',
    );
    expect((await admin('GET', at(flux, `/users?q=${stranger}`))).json).toMatchObject({ items: [] });

    const named = await admin('PATCH', at(flux), { name: 'Other' });
    expect(named.json).toMatchObject({ name: 'Other', settings: { methods: { password: false } } });
    expect((await admin('GET', at(flux))).json).toEqual(named.json);
  });

  it.each([
    ['a life that is too short', { session: { ttl_seconds: 299 } }, ['settings.session.ttl_seconds']],
    [
      'one that is too long',
      { session: { ttl_seconds: 367 * DAY_SECONDS } },
      ['settings.session.ttl_seconds'],
    ],
    ['a text for a number', { session: { ttl_seconds: '3600' } }, ['settings.session.ttl_seconds']],
    [
      'a number beyond all',
      '{"session":{"ttl_seconds":99999999999999999999}}',
      ['settings.session.ttl_seconds'],
    ],
    ['what is no setting', { session: { ttl: 3600, x: 1 } }, ['settings.session.ttl', 'settings.session.x']],
    ['what is no group', { nothing: {} }, ['settings.nothing']],
    ['a method that is none', { methods: { telepathy: true } }, ['settings.methods.telepathy']],
    ['a text for a switch', { methods: { google: 'yes' } }, ['settings.methods.google']],
    ['null for a group', { methods: null }, ['settings.methods']],
    ['no second factor at all', { mfa: { methods: [] } }, ['settings.mfa.methods']],
    ['an address that is not safe', { redirect_urls: ['http://a.example'] }, ['settings.redirect_urls.0']],
    ['an address with a fragment', { redirect_urls: ['https://a.example/#a'] }, ['settings.redirect_urls.0']],
    ['a script', { redirect_urls: ['javascript:alert(1)'] }, ['settings.redirect_urls.0']],
    [
      'an address for an origin',
      { allowed_origins: ['https://a.example/x'] },
      ['settings.allowed_origins.0'],
    ],
    ['a colour with more in it', { branding: { color: '#fff;}' } }, ['settings.branding.color']],
    [
      'too many addresses',
      { redirect_urls: Array(101).fill('https://a.example/') },
      ['settings.redirect_urls'],
    ],
    ['a prototype', '{"constructor":{"a":1}}', ['settings.constructor']],
    [
      'two mistakes',
      { mfa: { required: 1 }, session: { idle_seconds: 1 } },
      ['settings.mfa.required', 'settings.session.idle_seconds'],
    ],
  ])('stay as they are when they are given %s, and say where', async (_, settings, paths) => {
    const flux = await createFluxProject(world);
    const before = (await admin('GET', at(flux))).json;
    const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
    const reply = await admin('PATCH', at(flux), `{"settings":${text},"name":"Not this"}`);
    expectRefused(reply, 400, 'invalid_request');
    expect(pathsOf(reply.json)).toEqual(paths);
    const { updated_at: _was, ...kept } = before as Record<string, unknown>;
    expect((await admin('GET', at(flux))).json).toMatchObject(kept);
  });

  it('take no body that is not one [N06]', async () => {
    const flux = await createFluxProject(world);
    const deep = `{"settings":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`;
    for (const body of [
      '',
      '[]',
      '7',
      'null',
      '{"settings":[]}',
      '{"settings":"x"}',
      '{"name":1}',
      '{',
      deep,
    ])
      expect([200, 400], body).toContain((await admin('PATCH', at(flux), body)).status);
    for (const body of ['{"name":"a","name":"b"}', deep, '{"settings":[]}', '[]', '7', '{'])
      expect((await admin('PATCH', at(flux), body)).status, body).toBe(400);
    expect((await admin('PATCH', at(flux), `{"name":"${'x'.repeat(70_000)}"}`)).status).toBe(413);
    expect((await admin('GET', at(flux))).json).toMatchObject({ name: 'App' });
    expect((await admin('PATCH', '/flux/projects/proj_none', { name: 'x' })).status).toBe(404);
  });

  it('take what providers know them by, and never say a secret again [M02]', async () => {
    const flux = await createFluxProject(world);
    const secret = 'GOCSPX-a-secret-of-the-provider';
    const set = (providers: unknown, more: object = {}) => admin('PATCH', at(flux), { providers, ...more });
    const google = { client_id: 'id.apps.example', has_secret: true };
    const first = await set({ google: { client_id: 'id.apps.example', client_secret: secret } });
    expect(first.json).toMatchObject({
      providers: { google },
      callback_urls: { google: `${world.baseUrl}/flux/v1/oauth/google/callback` },
    });
    const kept = await set({ google: { client_id: 'other.apps.example' } });
    expect(kept.json).toMatchObject({
      providers: { google: { ...google, client_id: 'other.apps.example' } },
    });
    const stored = await world.instance.projectProviders.find(flux.id, 'google');
    expect(stored).toMatchObject({ clientSecret: secret, clientId: 'other.apps.example' });

    const rows = await world.instance.storage.db.selectFrom('project_provider').selectAll().execute();
    const trail = await world.instance.storage.db.selectFrom('audit_record').selectAll().execute();
    for (const text of [first.text, kept.text, (await admin('GET', at(flux))).text, world.logLines.join('')])
      expect(text).not.toContain(secret);
    expect(JSON.stringify([rows, trail])).not.toContain(secret);

    const both = { name: 'Not this', settings: { mfa: { required: true } } };
    for (const [providers, paths] of [
      [{ google: {} }, ['providers.google.client_id']],
      [{ google: 7 }, ['providers.google']],
      [{ google: { client_id: 'a\u0000' } }, ['providers.google.client_id']],
      [{ google: { client_id: 'a', client_secret: '' } }, ['providers.google.client_secret']],
      [{ google: { client_id: 'a', tenant: 'common' } }, ['providers.google.tenant']],
      [{ google: { client_id: 'a', issuer: 'http://a.example' } }, ['providers.google.issuer']],
      // A kept secret must not be sent to wherever somebody next says.
      [{ google: { client_id: 'a', issuer: 'https://a.example' } }, ['providers.google.client_secret']],
      [{ github: { client_id: 'a' }, google: { client_id: '' } }, ['providers.google.client_id']],
      [{ facebook: { client_id: 'a' } }, ['providers']],
    ] as const) {
      const reply = await set(providers, both);
      expectRefused(reply, 400, 'invalid_request');
      expect(pathsOf(reply.json), JSON.stringify(providers)).toEqual(paths);
    }
    // Nothing of a change that is refused holds, the good parts neither.
    expect((await admin('GET', at(flux))).json).toMatchObject({
      ...{ name: 'App', settings: { mfa: { required: false } } },
      providers: { google: { ...google, client_id: 'other.apps.example' } },
    });
    const refused = await set({ github: { client_id: 'a' } }, { settings: { nothing: 1 } });
    expect(refused.status).toBe(400);
    const gone = await set({ google: null, microsoft: null });
    expect((gone.json as { providers: object }).providers).toEqual({});
    expect(await world.instance.projectProviders.find(flux.id, 'google')).toBeNull();
    expect((await admin('PATCH', '/flux/projects/none', { providers: { google: null } })).status).toBe(404);
  });

  it('lose nothing when many settings are changed at once', async () => {
    const flux = await createFluxProject(world);
    const methods = ['magic-link', 'passkey', 'google', 'github', 'microsoft'];
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, count) =>
        admin('PATCH', at(flux), { settings: { methods: { [methods[count % 5] ?? '']: true } } }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const { settings } = (await admin('GET', at(flux))).json as { settings: { methods: object } };
    expect(Object.values(settings.methods)).toEqual(Array(6).fill(true));
  });

  it('leave the project of the administrators to whoever may do everything [J03, bug 76]', async () => {
    const home = `/flux/projects/${world.instance.project.id}`;
    const key = { kind: 'secret', name: 'mine' };
    const made = await kit.root('POST', `${home}/keys`, key);
    const { key: { id = '' } = {} } = made.json as { key?: { id: string } };
    const tries: [string, string, unknown?][] = [
      ['PATCH', home, { settings: { methods: { google: true } } }],
      ['PATCH', home, { name: 'Mine' }],
      ['PATCH', home, { providers: { google: { client_id: 'a', issuer: 'https://evil.example' } } }],
      ['POST', `${home}/keys`, key],
      ['POST', `${home}/keys/${id}/rotate`, { grace_seconds: 60 }],
      ['DELETE', `${home}/keys/${id}`],
    ];
    const others = await kit.script({
      admin: ['users', 'sessions', 'roles', 'tokens', 'auth-projects'].map((section) => ({
        ...{ section, action: '*' },
      })),
    });
    for (const [method, path, body] of tries) {
      for (const caller of [admin, others])
        expectRefused(await caller(method, path, body), 403, 'grant_exceeds_own');
      expect([200, 204], path).toContain((await kit.root(method, path, body)).status);
    }
    // As everywhere, users and sessions of administrators take the rights on users and sessions.
    const { userId } = await world.person();
    for (const [method, path] of [
      ['GET', `${home}/users`],
      ['GET', `${home}/users/${userId}`],
      ['POST', `${home}/users/${userId}/suspend`],
      ['POST', `${home}/users/${userId}/restore`],
      ['DELETE', `${home}/users/${userId}`],
      ['GET', `${home}/users/${userId}/sessions`],
      ['POST', `${home}/users/${userId}/sessions/revoke`],
      ['POST', `${home}/sessions/revoke`],
      ['DELETE', `${home}/sessions/none`],
    ] as const)
      expectRefused(await admin(method, path), 403, 'forbidden');
    expect((await others('POST', `${home}/users/${userId}/suspend`)).status).toBe(200);
    // A lock may be put on whoever it is, and taken off nobody stronger.
    const strong = await kit.person({ admin: [{ section: '*', action: '*' }] });
    const lock = (caller: AdminApi, mfa_required: boolean) =>
      caller('PATCH', `${home}/users/${strong.userId}`, { mfa_required });
    expectRefused(await lock(admin, true), 403, 'forbidden');
    expect((await lock(others, true)).status).toBe(200);
    expectRefused(await lock(others, false), 403, 'grant_exceeds_own');
    expect((await lock(kit.root, false)).status).toBe(200);
    expect((await admin('GET', home)).json).toMatchObject({ is_default: true });
    expect(
      (await kit.root('PATCH', home, { name: 'Default', settings: { methods: { google: false } } })).status,
    ).toBe(200);
  });

  it('keep a trail of who changed what, in the project itself [M04]', async () => {
    const flux = await createFluxProject(world);
    const caller = await kit.person({ admin: [RIGHT] });
    await caller('PATCH', at(flux), { settings: { session: { ttl_seconds: 900 }, mfa: { required: true } } });
    await caller('POST', at(flux, '/keys'), { kind: 'secret', name: 'new' });
    const rows = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'actor_id', 'details'])
      .where('project_id', '=', flux.id)
      .where('actor_id', '=', caller.userId)
      .execute();
    expect(rows.map(({ event }) => event).sort()).toEqual(['project-key.created', 'project.changed']);
    const changed = rows.find(({ event }) => event === 'project.changed');
    expect(changed?.details).toContain('session,mfa');

    const trail = await admin('GET', at(flux, '/audit?event=project.changed&limit=100'));
    expect(trail.json).toMatchObject({ items: [{ actor_id: caller.userId, event: 'project.changed' }] });
    const first = (await admin('GET', at(flux, '/audit?limit=1'))).json as Listed;
    const next = at(flux, `/audit?limit=1&cursor=${first.next_cursor}`);
    expect(((await admin('GET', next)).json as Listed).items[0]?.id).not.toBe(first.items[0]?.id);
    const other = await createFluxProject(world);
    expect((await admin('GET', at(other, '/audit'))).text).not.toContain(caller.userId);
    const foreign = at(other, `/audit?cursor=${first.next_cursor}`);
    expectRefused(await admin('GET', foreign), 400, 'invalid_request');
    const home = `/flux/projects/${world.instance.project.id}/audit`;
    expectRefused(await admin('GET', home), 403, 'forbidden');
    expect((await kit.root('GET', home)).status).toBe(200);
    expect((await admin('GET', '/flux/projects/none/audit')).status).toBe(404);
  });
});
