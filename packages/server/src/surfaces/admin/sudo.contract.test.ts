import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAdministration } from '../../core/access/index.ts';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  PASSWORD,
  PageClient,
  type Person,
  type RequestOptions,
  type World,
} from '../../testing/index.ts';

const QUARTER_MS = 15 * 60_000;

describe.each(DIALECTS)('sudo of administrators with second factors on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  async function administrator(): Promise<{ person: Person; page: PageClient }> {
    const person = await world.person();
    const { storage, project } = world.instance;
    await storage.transaction((tx) =>
      grantAdministration(tx, { projectId: project.id, userId: person.userId, now: world.clock.now() }),
    );
    const page = new PageClient(world.baseUrl);
    expect(await page.go('/login', { email: person.email, password: PASSWORD })).toBe('303 /account');
    return { person, page };
  }

  const call = (page: PageClient, path: string, body: unknown = {}) =>
    page.send(`/admin/v1${path}`, { method: 'POST', body, headers: { origin: world.baseUrl } });
  const methods = async (page: PageClient) =>
    ((await page.get('/admin/v1/me')).json as { sudo_methods: string[] }).sudo_methods;

  it('tells what would do, and takes a code of the app but not the password [D06, B11]', async () => {
    const { person, page } = await administrator();
    const { userId } = await world.person();
    expect(await methods(page)).toEqual(['password']);
    const app = await kit.totp(person);
    expect(await methods(page)).toEqual(['totp', 'recovery-code']);
    expect((await call(page, `/users/${userId}/suspend`)).status).toBe(403);

    expect((await call(page, '/sudo', { password: PASSWORD })).json).toMatchObject({ code: 'sudo_required' });
    const wrong = await call(page, '/sudo', { method: 'totp', code: app.wrong() });
    expect([wrong.status, wrong.json]).toMatchObject([403, { code: 'invalid_credentials' }]);
    expect((await call(page, '/sudo', { method: 'passkey', response: {} })).status).toBe(403);
    for (const body of [{ method: 'totp' }, { method: 'password', code: 'x' }, { code: app.code() }, {}])
      expect((await call(page, '/sudo', body)).status).toBe(400);
    expect((await call(page, `/users/${userId}/suspend`)).status).toBe(403);

    expect((await call(page, '/sudo', { method: 'totp', code: app.code() })).status).toBe(204);
    expect((await call(page, `/users/${userId}/suspend`)).status).toBe(200);
    world.clock.advance(QUARTER_MS);
    const [code = ''] = app.backupCodes;
    expect((await call(page, '/sudo', { method: 'recovery-code', code })).status).toBe(204);
    expect((await call(page, `/users/${userId}/restore`)).status).toBe(200);
    world.clock.advance(QUARTER_MS);
    expect((await call(page, '/sudo', { method: 'recovery-code', code })).status).toBe(403);
  });

  it('takes a code by SMS that it sent, once', async () => {
    const { person, page } = await administrator();
    const phone = await kit.sms(person, await kit.totp(person));
    const sent = await call(page, '/sudo/challenge', { method: 'sms-code' });
    expect([sent.status, sent.json]).toEqual([200, { options: null }]);
    const proof = { method: 'sms-code', code: await kit.smsCode(phone) };
    expect((await call(page, '/sudo', proof)).status).toBe(204);
    expect((await call(page, '/sudo', proof)).status).toBe(403);
  });

  it('takes a passkey that signs the challenge it gave this session, once', async () => {
    const { person, page } = await administrator();
    const device = await kit.passkey(person);
    expect(await methods(page)).toEqual(['passkey', 'recovery-code']);
    const begun = await call(page, '/sudo/challenge', { method: 'passkey' });
    const { options } = begun.json as { options: RequestOptions };
    const proof = { method: 'passkey', response: device.assert(options), challenge: options.challenge };
    const other = await administrator();
    expect((await call(other.page, '/sudo', proof)).status).toBe(403);
    expect((await call(page, '/sudo', proof)).status).toBe(204);
    expect((await call(page, '/sudo', proof)).status).toBe(403);
  });

  it('takes all factors of a user away: sessions end, the owner hears, the trail tells who [B11, M04]', async () => {
    const { person: admin, page } = await administrator();
    const person = await world.person();
    const app = await kit.totp(person);
    const path = `/users/${person.userId}/factors/remove`;
    expect((await call(page, path)).json).toMatchObject({ code: 'sudo_required' });
    expect((await person.client.get('/v1/users/@me')).status).toBe(200);

    await call(page, '/sudo', { password: PASSWORD });
    const shown = (await page.get(`/admin/v1/users/${person.userId}`)).json;
    expect(shown).toMatchObject({ factors: ['totp'] });
    expect((await call(page, path)).json).toMatchObject({ id: person.userId, factors: [] });
    expect((await person.client.get('/v1/users/@me')).status).toBe(401);
    await world.newestMail(person.email, 'factor_removed');
    const trail = await page.get(`/admin/v1/audit?user_id=${person.userId}&event=factor.removed`);
    const { items } = trail.json as { items: object[] };
    expect(items).toMatchObject([{ actor_id: admin.userId, method: 'totp' }]);

    // The password alone is enough again, and the codes of before open nothing.
    const fresh = new PageClient(world.baseUrl);
    const form = { email: person.email, password: PASSWORD };
    expect(await fresh.go('/login', form)).toBe('303 /account');
    expect(app.backupCodes).toHaveLength(10);
    expect((await call(page, `/users/${admin.userId}/factors/remove`)).status).toBe(403);
    expect((await call(page, '/users/1/factors/remove')).status).toBe(404);
  });
});
