import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  createAdminKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  expectRefused,
  type FluxProject,
  type World,
} from '../../testing/index.ts';

const RIGHT = { section: 'auth-projects', action: '*' };
const HOUR = 3_600_000;

interface Made {
  key: { id: string; kind: string; name: string; status: string; expires_at: string | null };
  plain_key: string;
}

describe.each(DIALECTS)("a project's keys over the admin API on %s", (dialect) => {
  let world: World;
  let admin: AdminApi;
  let flux: FluxProject;
  let keys: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    admin = await (await createAdminKit(world)).script({ admin: [RIGHT] });
    flux = await createFluxProject(world);
    keys = `/flux/projects/${flux.id}/keys`;
  });
  afterAll(() => world.close());

  const opens = async (key: string) =>
    (await world.direct.get('/flux/v1/settings', { authorization: `Bearer ${key}` })).status === 200;
  async function make(fields: object = {}): Promise<Made> {
    const reply = await admin('POST', keys, { kind: 'secret', name: 'server', ...fields });
    expect(reply.status, reply.text).toBe(200);
    return reply.json as Made;
  }
  const list = async () =>
    ((await admin('GET', keys)).json as { items: Record<string, string | null>[] }).items;
  const one = async (id: string) => (await list()).find((key) => key['id'] === id);

  it('are told once, and are then seen by their ends alone [FX-01, M02]', async () => {
    const { key, plain_key: plain } = await make();
    expect(plain).toMatch(/^flux_sk_/);
    expect(key).toMatchObject({ kind: 'secret', name: 'server', status: 'active', expires_at: null });
    expect(await opens(plain)).toBe(true);
    expect((await make({ kind: 'publishable' })).plain_key).toMatch(/^flux_pk_/);
    const listed = (await admin('GET', keys)).text;
    expect(listed).toContain(`${plain.slice(0, 12)}...${plain.slice(-4)}`);
    expect(listed).not.toContain(plain.slice(12, -4));
    expect((await list())[0]).toMatchObject({ kind: 'publishable' });
    expect(world.logLines.join('')).not.toContain(plain);
  });

  it('end when it was said, or at once when somebody ends them, and stay in the list for a while [FX-02]', async () => {
    const expires_at = new Date(world.clock.now() + HOUR).toISOString();
    const { key, plain_key: plain } = await make({ expires_at });
    expect(key.expires_at).toBe(expires_at);
    world.clock.advance(HOUR - 1);
    expect(await opens(plain)).toBe(true);
    world.clock.advance(1);
    expect(await opens(plain)).toBe(false);
    expect(await one(key.id)).toMatchObject({ status: 'expired', revoked_at: null });

    const other = await make();
    expect((await admin('DELETE', `${keys}/${other.key.id}`)).status).toBe(204);
    expect(await opens(other.plain_key)).toBe(false);
    const at = new Date(world.clock.now()).toISOString();
    expect(await one(other.key.id)).toMatchObject({ status: 'revoked', revoked_at: at });
    for (const id of [other.key.id, key.id, 'pkey_none']) {
      expectRefused(await admin('DELETE', `${keys}/${id}`), 404, 'not_found');
      expectRefused(await admin('POST', `${keys}/${id}/rotate`), 404, 'not_found');
    }
    await world.instance.clean();
    expect(await one(other.key.id)).toBeDefined();
    world.clock.advance(31 * 24 * HOUR);
    await world.instance.clean();
    expect([await one(other.key.id), await one(key.id)]).toEqual([undefined, undefined]);
  });

  it('are rotated by one of fifty, and the old one works for the grace alone', async () => {
    const { key, plain_key: old } = await make({ name: 'rotated' });
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => admin('POST', `${keys}/${key.id}/rotate`, { grace_seconds: 3_600 })),
    );
    const won = replies.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 404)).toHaveLength(49);
    const { json: next } = won[0] as { json: Made };
    expect(next.key).toMatchObject({ kind: 'secret', name: 'rotated', expires_at: null });
    expect(await one(key.id)).toMatchObject({ status: 'active', replaced_by: next.key.id });
    for (const plain of [old, next.plain_key]) expect(await opens(plain)).toBe(true);
    world.clock.advance(HOUR);
    expect([await opens(old), await opens(next.plain_key)]).toEqual([false, true]);

    const again = await admin('POST', `${keys}/${next.key.id}/rotate`);
    expect(again.status).toBe(200);
    expect([await opens(next.plain_key), await opens((again.json as Made).plain_key)]).toEqual([false, true]);
  });

  it('never work longer for being rotated', async () => {
    const expires_at = new Date(world.clock.now() + 60_000).toISOString();
    const { key, plain_key: old } = await make({ expires_at });
    await admin('POST', `${keys}/${key.id}/rotate`, { grace_seconds: 3_600 });
    expect(await one(key.id)).toMatchObject({ expires_at });
    world.clock.advance(60_000);
    expect(await opens(old)).toBe(false);
  });

  it('are not made of nonsense', async () => {
    const { key } = await make();
    const { length } = await list();
    const past = new Date(world.clock.now() - 1).toISOString();
    for (const [body, path] of [
      [{ kind: 'open' }, 'kind'],
      [{ kind: null }, 'kind'],
      [{ name: '' }, 'name'],
      [{ name: 'x'.repeat(101) }, 'name'],
      [{ name: 'x\u0000' }, 'name'],
      [{ name: ['x'] }, 'name'],
      [{ expires_at: past }, 'expires_at'],
      [{ expires_at: 'tomorrow' }, 'expires_at'],
      [{ expires_at: 7 }, 'expires_at'],
    ] as const) {
      const reply = await admin('POST', keys, { kind: 'secret', name: 'x', ...body });
      expectRefused(reply, 400, 'invalid_request');
      expect((reply.json as { errors: { path: string }[] }).errors[0]?.path).toBe(path);
    }
    for (const grace_seconds of [-1, 30 * 86_400 + 1, 0.5, '60', null, 1e300])
      expectRefused(
        await admin('POST', `${keys}/${key.id}/rotate`, { grace_seconds }),
        400,
        'invalid_request',
      );
    expect((await list()).length).toBe(length);
    expectRefused(
      await admin('POST', '/flux/projects/none/keys', { kind: 'secret', name: 'x' }),
      404,
      'not_found',
    );
    expectRefused(await admin('GET', '/flux/projects/none/keys'), 404, 'not_found');
  });

  it('are nobody else’s: under another project’s path there are none of them [FX-05, J05]', async () => {
    const other = await createFluxProject(world);
    const { key, plain_key: plain } = await make();
    const there = `/flux/projects/${other.id}/keys`;
    expectRefused(await admin('DELETE', `${there}/${key.id}`), 404, 'not_found');
    expectRefused(await admin('POST', `${there}/${key.id}/rotate`, {}), 404, 'not_found');
    expect((await admin('GET', there)).text).not.toContain(key.id);
    expect(await opens(plain)).toBe(true);
    expect(await one(key.id)).toMatchObject({ status: 'active', replaced_by: null });
  });

  it('sign with the next key when an administrator says so, and nobody is signed out [E08]', async () => {
    const { token } = await flux.signUp();
    const before = (await admin('GET', '/flux/signing-keys')).json as { items: { status: string }[] };
    expect(before.items.filter(({ status }) => status === 'signing')).toHaveLength(1);
    const rotated = (await admin('POST', '/flux/signing-keys/rotate')).json as {
      items: { id: string; status: string; signs_from: string }[];
    };
    expect(rotated.items[0]).toMatchObject({ status: 'next' });
    expect((await world.direct.get('/flux/v1/.well-known/jwks.json')).text).toContain(rotated.items[0]?.id);
    world.clock.advance(10 * 60_000);
    const after = (await admin('GET', '/flux/signing-keys')).json as typeof rotated;
    expect(after.items.map(({ status }) => status).slice(0, 2)).toEqual(['signing', 'former']);
    expect((await flux.verify(token)).status).toBe(200);
    expect(JSON.stringify(after)).not.toMatch(/sealed|"d"|private/i);
  });
});
