import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodes, DIALECTS, type Nodes, until, type World, withinASecond } from '../../testing/index.ts';
import { projectSettingsSchema } from './settings.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const HOUR = 3_600_000;

describe('the settings of a project', () => {
  it('have a value each: passwords on, all else off, seven days [FX-03, FX-61]', () => {
    const settings = projectSettingsSchema.parse({});
    expect(Object.entries(settings.methods).filter(([, isOn]) => isOn)).toEqual([['password', true]]);
    expect(settings.session).toEqual({
      ttl_seconds: 604_800,
      idle_seconds: null,
      absolute_seconds: null,
      renew_after_seconds: 0,
    });
    expect(settings.mfa).toEqual({ required: false, methods: ['totp', 'sms'], owed: 'mark' });
  });

  it.each([
    [{ session: { ttl_seconds: 299 } }],
    [{ session: { ttl_seconds: 366 * 86_400 + 1 } }],
    [{ session: { ttl_seconds: 600.5 } }],
    [{ session: { ttl_seconds: '600' } }],
    [{ session: { idle_seconds: 0 } }],
    [{ methods: { sms: true } }],
    [{ methods: { password: 'yes' } }],
    [{ mfa: { methods: [] } }],
    [{ redirect_urls: ['http://example.com/back'] }],
    [{ redirect_urls: ['https://example.com/#part'] }],
    [{ redirect_urls: ['https://user:secret@example.com/'] }],
    [{ redirect_urls: ['javascript:alert(1)'] }],
    [{ redirect_urls: ['/back'] }],
    [{ allowed_origins: ['https://example.com/'] }],
    [{ allowed_origins: ['example.com'] }],
    [{ branding: { color: 'red' } }],
    // Shown in a policy, they would be more than a host.
    [{ branding: { logo_url: 'https://a;sandbox/logo.png' } }],
    [{ branding: { logo_url: 'https://*/logo.png' } }],
    [{ allowed_origins: ["https://a'self'"] }],
    [{ passkeys: { origins: [] } }],
    [{ unknown: true }],
  ])('refuse %j [FX-62]', (settings) => {
    expect(projectSettingsSchema.safeParse(settings).success).toBe(false);
  });
});

describe("the host of a project's passkeys", () => {
  it.each([
    null,
    'localhost',
    'shop.example',
    'pay.shop.example',
    'xn--shp-sna.example',
    'a.b.co.uk',
    '1.example',
  ])('may be %j', (rp_id) => {
    expect(projectSettingsSchema.parse({ passkeys: { rp_id } }).passkeys).toEqual({ rp_id });
  });

  it.each([
    'com',
    '',
    'Shop.example',
    'shop.example.',
    '.example',
    'shop..example',
    '-shop.example',
    'https://shop.example',
    'shop.example:443',
    'shop.example/a',
    'shop .example',
    'shop_1.example',
    'shöp.example',
    '127.0.0.1',
    '10.1',
    '0x7f.0x1',
    '[::1]',
    '*.example',
    `${'a.'.repeat(130)}example`,
    7,
  ])('may not be %j', (rp_id) => {
    expect(projectSettingsSchema.safeParse({ passkeys: { rp_id } }).success).toBe(false);
  });
});

describe.each(DIALECTS)('projects and their keys on %s', (dialect) => {
  let nodes: Nodes;
  let world: World;
  let other: World;
  beforeAll(async () => {
    nodes = await createNodes(dialect);
    ({ first: world, second: other } = nodes);
  });
  afterAll(() => nodes.close());

  let made = 0;
  const project = () =>
    world.instance.projects.create({ slug: `shop-${made++}`, name: ' Shop ', actor: ACTOR });
  async function keyed(kind: 'secret' | 'publishable' = 'secret') {
    const { id } = await project();
    const { key, plain } = await world.instance.projectKeys.create({
      projectId: id,
      kind,
      name: 'server',
      actor: ACTOR,
    });
    return { projectId: id, key, plain };
  }

  it('are called by a slug that is theirs alone, fifty askers or not', async () => {
    const { projects } = world.instance;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 ? other : world).instance.projects.create({ slug: 'one', name: 'One', actor: ACTOR }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name-taken' });
    for (const slug of ['', 'A', '-a', 'a-', 'a_b', 'a'.repeat(51), 'a/b', 'ä'])
      await expect(projects.create({ slug, name: 'x', actor: ACTOR })).rejects.toMatchObject({
        code: 'name-refused',
      });
    expect((await project()).name).toBe('Shop');
    expect((await projects.list({ after: null, limit: 2 })).map(({ slug }) => slug)).toEqual([
      'default',
      'one',
    ]);
  });

  it('change within a second on every node, one setting leaving the others alone [FX-05, FX-06]', async () => {
    const [one, two] = [await project(), await project()];
    const { projects } = world.instance;
    await until(() => other.instance.storage.channel.isProven());
    expect((await other.instance.projects.find(one.id))?.settings.methods.password).toBe(true);
    const changes = [
      { methods: { password: false } },
      { methods: { passkey: true } },
      { session: { ttl_seconds: 3_600 } },
      { mfa: { required: true } },
    ];
    await Promise.all(
      changes.map((settings, at) =>
        (at % 2 ? other : world).instance.projects.change({ id: one.id, settings, actor: ACTOR }),
      ),
    );
    const { settings } = await projects.read({ id: one.id });
    await withinASecond(async () =>
      isDeepStrictEqual((await other.instance.projects.find(one.id))?.settings, settings),
    );
    expect(settings.methods).toMatchObject({ password: false, passkey: true, google: false });
    expect(settings.session).toMatchObject({ ttl_seconds: 3_600, renew_after_seconds: 0 });
    expect(settings.mfa.required).toBe(true);
    expect((await projects.read({ slug: two.slug })).settings).toEqual(projectSettingsSchema.parse({}));
  });

  it('keep their settings when a change is not right', async () => {
    const { id } = await project();
    const { projects } = world.instance;
    const before = await projects.read({ id });
    for (const settings of [{ session: { ttl_seconds: 1 } }, { methods: null }, { nothing: 1 }])
      await expect(projects.change({ id, settings: settings as object, actor: ACTOR })).rejects.toThrow();
    expect(await projects.read({ id })).toMatchObject({ settings: before.settings });
    await expect(projects.change({ id: 'proj_none', actor: ACTOR })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('are selected by a key, which tells its kind and is kept as a hash alone [FX-01, M02]', async () => {
    const { projectId, key, plain } = await keyed();
    expect(plain).toMatch(/^flux_sk_[0-9A-Za-z]{49}$/);
    expect(key.preview).toBe(`${plain.slice(0, 12)}...${plain.slice(-4)}`);
    expect(await world.instance.projectKeys.find(plain)).toEqual({ id: key.id, projectId, kind: 'secret' });
    const publishable = await keyed('publishable');
    expect(publishable.plain).toMatch(/^flux_pk_/);
    expect(await world.instance.projectKeys.find(publishable.plain)).toMatchObject({ kind: 'publishable' });
    const rows = await world.instance.storage.db.selectFrom('project_key').selectAll().execute();
    const trail = await world.instance.storage.db.selectFrom('audit_record').selectAll().execute();
    for (const secret of [plain, publishable.plain]) {
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(JSON.stringify(trail)).not.toContain(secret);
    }
  });

  it('are selected by no part of a key, and by no other spelling of it [E10, bug 34]', async () => {
    const { plain } = await keyed();
    const { projectKeys } = world.instance;
    const at = plain.search(/[a-z][A-Z]/) + 1;
    const flipped = plain.slice(0, at) + plain.charAt(at).toLowerCase() + plain.slice(at + 1);
    const others = [
      `${plain}a`,
      `${plain} `,
      ` ${plain}`,
      plain.replace('_sk_', '_pk_'),
      flipped,
      plain.toLowerCase(),
      '',
    ];
    const parts = Array.from({ length: plain.length }, (_, length) => plain.slice(0, length));
    for (const text of [...others, ...parts]) expect(await projectKeys.find(text), text).toBeNull();
    expect(await projectKeys.find(plain)).not.toBeNull();
  });

  it('are selected by the old key beside the new one for as long as was said, and no longer', async () => {
    const { projectId, key, plain } = await keyed();
    const { projectKeys } = world.instance;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        projectKeys.rotate({ projectId, id: key.id, overlapSeconds: 3_600, actor: ACTOR }),
      ),
    );
    const rotated = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(rotated).toHaveLength(1);
    const next = rotated[0]?.value.plain ?? '';
    for (const text of [plain, next]) expect(await projectKeys.find(text)).not.toBeNull();
    world.clock.advance(HOUR - 1);
    expect(await projectKeys.find(plain)).not.toBeNull();
    world.clock.advance(1);
    expect(await projectKeys.find(plain)).toBeNull();
    expect(await projectKeys.find(next)).not.toBeNull();
    expect((await projectKeys.list(projectId)).map(({ name }) => name)).toEqual(['server', 'server']);
  });

  it('are selected no more by a key that was revoked, on every node within a second [FX-02, bug 30]', async () => {
    const { projectId, key, plain } = await keyed();
    await until(() => other.instance.storage.channel.isProven());
    expect(await other.instance.projectKeys.find(plain)).not.toBeNull();
    await expect(
      world.instance.projectKeys.revoke({ projectId: 'proj_other', id: key.id, actor: ACTOR }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await world.instance.projectKeys.revoke({ projectId, id: key.id, actor: ACTOR });
    expect(await world.instance.projectKeys.find(plain)).toBeNull();
    await withinASecond(async () => (await other.instance.projectKeys.find(plain)) === null);
  });

  it('say when a key was last used, at most once a minute', async () => {
    const { projectId, plain } = await keyed();
    const { projectKeys } = world.instance;
    await projectKeys.find(plain);
    await until(async () => (await projectKeys.list(projectId))[0]?.lastUsedAt === world.clock.now());
  });
});
