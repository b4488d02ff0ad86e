import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  type World,
} from '../../testing/index.ts';
import { isAuthError } from '../errors.ts';
import type { ProviderId } from './index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const SECRET = 'a secret of the provider';

describe.each(DIALECTS)('providers of a project on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
  });
  afterAll(() => world.close());

  const save = (settings: unknown, provider: ProviderId = 'google', projectId = flux.id) =>
    world.instance.projectProviders.save({ projectId, provider, settings, actor: ACTOR });
  const list = (projectId = flux.id) => world.instance.projectProviders.list(projectId);

  it('are shown without their secrets, which lie sealed [J07]', async () => {
    await save({ client_id: 'g', client_secret: SECRET });
    await save({ client_id: 'h' }, 'github');
    await save({ client_id: 'm', client_secret: SECRET, tenant: 'organizations' }, 'microsoft');
    expect(await list()).toEqual({
      google: { client_id: 'g', has_secret: true },
      github: { client_id: 'h', has_secret: false },
      microsoft: { client_id: 'm', has_secret: true, tenant: 'organizations' },
    });
    const { db } = world.instance.storage;
    const rows = [
      ...(await db.selectFrom('project_provider').selectAll().execute()),
      ...(await db.selectFrom('audit_record').selectAll().execute()),
    ];
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    expect(world.logLines.join('')).not.toContain(SECRET);
  });

  it('keep a secret that is left out, but not for another address to be sent to', async () => {
    const { projectProviders } = world.instance;
    const secretNow = async () => (await projectProviders.find(flux.id, 'google'))?.clientSecret;
    await save({ client_id: 'g', client_secret: SECRET });
    await save({ client_id: 'g2' });
    expect(await projectProviders.find(flux.id, 'google')).toEqual({
      clientId: 'g2',
      clientSecret: SECRET,
      options: {},
    });
    const elsewhere = { client_id: 'g2', issuer: 'https://id.example.com' };
    await expect(save(elsewhere)).rejects.toThrow(ZodError);
    expect(await list()).toMatchObject({ google: { client_id: 'g2', has_secret: true } });
    await save({ ...elsewhere, client_secret: 'another' });
    expect(await secretNow()).toBe('another');
    await expect(save({ client_id: 'g2' })).rejects.toThrow(ZodError);
  });

  it('are a method only while the switch is on and a secret is there [FX-03, FX-06]', async () => {
    const app = await createFluxProject(world, { settings: { methods: { google: true, github: true } } });
    const settings = async () =>
      ((await world.direct.get('/flux/v1/settings', app.asApp)).json as { methods: object }).methods;
    expect(await settings()).toMatchObject({ google: false, github: false, microsoft: false });
    await save({ client_id: 'g', client_secret: SECRET }, 'google', app.id);
    await save({ client_id: 'h' }, 'github', app.id);
    await save({ client_id: 'm', client_secret: SECRET }, 'microsoft', app.id);
    expect(await settings()).toMatchObject({ google: true, github: false, microsoft: false });
    await app.change({ methods: { google: false, microsoft: true } });
    expect(await settings()).toMatchObject({ google: false, github: false, microsoft: true });
    const of = { projectId: app.id, provider: 'microsoft', actor: ACTOR } as const;
    await world.instance.projectProviders.remove(of);
    await world.instance.projectProviders.remove(of);
    expect(await settings()).toMatchObject({ microsoft: false });
    expect(await list(flux.id)).toHaveProperty('microsoft');
  });

  it('tell those who listen to the project, and the trail', async () => {
    const app = await createFluxProject(world);
    await save({ client_id: 'g', client_secret: SECRET }, 'google', app.id);
    await world.instance.projectProviders.remove({ projectId: app.id, provider: 'google', actor: ACTOR });
    const { db } = world.instance.storage;
    const trail = await db
      .selectFrom('audit_record')
      .select(['event', 'details'])
      .where('project_id', '=', app.id)
      .where('event', 'like', 'project-provider.%')
      .orderBy('id')
      .execute();
    expect(trail).toEqual([
      { event: 'project-provider.changed', details: '{"provider":"google"}' },
      { event: 'project-provider.removed', details: '{"provider":"google"}' },
    ]);
  });

  it.each<[ProviderId, unknown]>([
    ['google', null],
    ['google', 'x'],
    ['google', {}],
    ['google', { client_id: '' }],
    ['google', { client_id: ' ' }],
    ['google', { client_id: 'x', client_secret: '' }],
    ['google', { client_id: 'x', client_secret: null }],
    ['google', { client_id: 'x', has_secret: true }],
    ['google', { client_id: 'x', tenant: 'common' }],
    ['google', { client_id: 'x', issuer: 'http://id.example.com' }],
    ['google', { client_id: 'x', issuer: 'https://id.example.com/?a=b' }],
    ['google', { client_id: 'x', issuer: 'https://id.example.com/#a' }],
    ['google', { client_id: 'x', issuer: 'https://me:pw@id.example.com/' }],
    ['google', { client_id: 'x', issuer: 'file:///etc/passwd' }],
    ['github', { client_id: 'x', web_url: 'ftp://x' }],
    ['github', { client_id: 'x', api_url: 1 }],
    ['microsoft', { client_id: 'x', tenant: '../evil' }],
    ['microsoft', { client_id: 'x', tenant: 'contoso.com' }],
    ['microsoft', { client_id: 'x', issuer: 'https://{tenantid}.example.com:x/' }],
  ])('refuse for %s %j', async (provider, settings) => {
    const before = await list();
    await expect(save(settings, provider)).rejects.toThrow(ZodError);
    expect(await list()).toEqual(before);
  });

  it('are nobody’s where there is no project', async () => {
    await expect(save({ client_id: 'x' }, 'google', 'proj_none')).rejects.toSatisfy((error) =>
      isAuthError(error, 'not-found'),
    );
  });
});
