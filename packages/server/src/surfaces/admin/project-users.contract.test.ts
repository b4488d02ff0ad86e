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

interface Listed {
  items: { id: string; email: string }[];
  next_cursor: string | null;
}

describe.each(DIALECTS)("a project's users over the admin API on %s", (dialect) => {
  let world: World;
  let admin: AdminApi;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    admin = await (await createAdminKit(world)).script({ admin: [RIGHT] });
    flux = await createFluxProject(world);
  });
  afterAll(() => world.close());

  const at = (rest: string, of: FluxProject = flux) => `/flux/projects/${of.id}${rest}`;

  it('are shown with what an operator needs, and no secret', async () => {
    const email = newEmail();
    const { user } = await flux.signUp(email);
    const reply = await admin('GET', at(`/users/${user.id}`));
    expect(reply.json).toMatchObject({
      ...{ id: user.id, email, email_verified: false, status: 'active', suspended_reason: null },
      ...{ factors: [], passkeys: 0, identities: [], has_password: true, phone_hint: null },
      emails: [{ address: email, verified: false, primary: true }],
    });
    expect(reply.text).not.toMatch(/hash|argon|token/i);
    expectRefused(await admin('GET', at('/users/1')), 404, 'not_found');
    expectRefused(await admin('GET', at(`/users/${'9'.repeat(32)}`)), 404, 'not_found');
  });

  it('show whose they are elsewhere, which no API writes, and four digits of a phone number [bug 47]', async () => {
    const { user } = await flux.signUp();
    const { db } = world.instance.storage;
    const identity = { project_id: flux.id, issuer: 'https://id.example', subject: 'x1', user_id: user.id };
    await db
      .insertInto('external_identity')
      .values({ ...identity, created_at: 1_000, last_used_at: 2_000 })
      .execute();
    const [address] = await db.selectFrom('contact').selectAll().where('user_id', '=', user.id).execute();
    if (!address) throw new Error('There is no address.');
    await db
      .insertInto('contact')
      .values({
        ...{ ...address, id: `${address.id}p`, kind: 'phone', is_primary: 0, verified_at: 1 },
        ...{ address: '+4915112345678', address_normal: '+4915112345678' },
      })
      .execute();
    const reply = await admin('GET', at(`/users/${user.id}`));
    expect(reply.json).toMatchObject({
      phone_hint: '••••5678',
      identities: [
        {
          ...{ issuer: 'https://id.example', subject: 'x1' },
          ...{ created_at: '1970-01-01T00:00:01.000Z', last_used_at: '1970-01-01T00:00:02.000Z' },
        },
      ],
    });
    expect(reply.text).not.toContain('4915112');
    // Whose person at a provider they are is the provider's to say: no route writes it.
    const other = await flux.signUp();
    const claimed = { identities: [{ issuer: 'https://id.example', subject: 'x1' }] };
    await admin('PATCH', at(`/users/${other.user.id}`), { mfa_required: false, ...claimed });
    const path = `/flux/v1/users/${other.user.id}`;
    const body = { mfa_required: false, ...claimed };
    await world.direct.send(path, { method: 'PATCH', headers: flux.asApp, body });
    const rows = await db.selectFrom('external_identity').select(['user_id', 'subject']).execute();
    expect(rows).toEqual([{ user_id: user.id, subject: 'x1' }]);
  });

  it('are found by the beginning of an address, in pages, and only their own project’s [FX-05]', async () => {
    const own = await createFluxProject(world);
    const addresses = Array.from({ length: 5 }, (_, count) => `paged-${count}-${newEmail()}`);
    for (const email of addresses) await own.signUp(email);
    await flux.signUp(`paged-foreign-${newEmail()}`);
    for (const q of ['', 'paged-', ' PAGED-']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      do {
        const path = at(`/users?limit=2&q=${encodeURIComponent(q)}&cursor=${cursor}`, own);
        const page = (await admin('GET', path)).json as Listed;
        seen.push(...page.items.map(({ email }) => email));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(seen.sort(), q).toEqual(addresses);
    }
    const first = (await admin('GET', at('/users?limit=2', own))).json as Listed;
    // A place in one project's list is none in another's.
    for (const path of ['/users?limit=2&cursor=', '/users?cursor='])
      expectRefused(await admin('GET', at(`${path}${first.next_cursor}`)), 400, 'invalid_request');
    for (const query of ['limit=0', 'limit=101', 'q=%00', `q=${'x'.repeat(255)}`, 'cursor=abc'])
      expect((await admin('GET', at(`/users?${query}`))).status, query).toBe(400);
    expectRefused(await admin('GET', '/flux/projects/none/users'), 404, 'not_found');
  });

  it('are asked for a second factor one by one, by the sessions there are, too [FX-45, FX-46]', async () => {
    const { user, token } = await flux.signUp();
    const other = await flux.signUp();
    const set = (mfa_required: unknown) => admin('PATCH', at(`/users/${user.id}`), { mfa_required });
    const owes = async (of: string) =>
      ((await flux.verify(of)).json as { session: { mfa_required: boolean } }).session.mfa_required;
    expect(await owes(token)).toBe(false);
    expect((await set(true)).json).toMatchObject({ id: user.id, mfa_required: true });
    expect([await owes(token), await owes(other.token)]).toEqual([true, false]);
    for (const wrong of ['true', 1, null]) expectRefused(await set(wrong), 400, 'invalid_request');
    expect((await admin('PATCH', at(`/users/${user.id}`), {})).json).toMatchObject({ mfa_required: true });
    expect((await set(false)).json).toMatchObject({ mfa_required: false });
    expect(await owes(token)).toBe(false);
    const foreign = await createFluxProject(world);
    const path = at(`/users/${user.id}`, foreign);
    expectRefused(await admin('PATCH', path, { mfa_required: true }), 404, 'not_found');
    expectRefused(await admin('PATCH', path, {}), 404, 'not_found');
    expect(await owes(token)).toBe(false);
  });

  it('are suspended: no session, no sign-in; and are let in again [D05, bug 33]', async () => {
    const email = newEmail();
    const { user, token } = await flux.signUp(email);
    const reply = await admin('POST', at(`/users/${user.id}/suspend`), { reason: ' Spam ' });
    expect(reply.json).toMatchObject({ status: 'suspended', suspended_reason: 'Spam' });
    expect(codeOf(await flux.verify(token))).toBe('session_revoked');
    expect((await flux.page('/sign_in/password', { email, password: PASSWORD })).status).toBe(403);
    expect((await admin('POST', at(`/users/${user.id}/restore`))).json).toMatchObject({ status: 'active' });
    expect((await flux.page('/sign_in/password', { email, password: PASSWORD })).status).toBe(200);
    expect(codeOf(await flux.verify(token))).toBe('session_revoked');
  });

  it('are deleted with all that hangs on them, and the address is free again', async () => {
    const email = newEmail();
    const { user, token } = await flux.signUp(email);
    expect((await admin('DELETE', at(`/users/${user.id}`))).status).toBe(204);
    expectRefused(await admin('GET', at(`/users/${user.id}`)), 404, 'not_found');
    expectRefused(await admin('DELETE', at(`/users/${user.id}`)), 404, 'not_found');
    expect((await flux.verify(token)).status).toBe(401);
    expect((await flux.signUp(email)).user.id).not.toBe(user.id);
  });

  it('have their sessions ended: one, all of one user, all of the project [FX-65, FX-66]', async () => {
    const own = await createFluxProject(world);
    const email = newEmail();
    const first = await own.signUp(email);
    const [second, third] = [await own.signIn(email), await own.signIn(email)];
    const other = await own.signUp();
    const elsewhere = await flux.signUp();
    const isLive = async (token: string) => (await own.verify(token)).status === 200;

    const list = await admin('GET', at(`/users/${first.user.id}/sessions`, own));
    const { items } = list.json as Listed;
    expect(items).toHaveLength(3);
    expect(list.text).not.toMatch(/token|hash/i);
    expect((await admin('DELETE', at(`/sessions/${second.session.id}`, own))).status).toBe(204);
    expectRefused(await admin('DELETE', at(`/sessions/${second.session.id}`, own)), 404, 'not_found');
    expect([await isLive(first.token), await isLive(second.token)]).toEqual([true, false]);

    expect((await admin('POST', at(`/users/${first.user.id}/sessions/revoke`, own))).json).toEqual({
      ended: 2,
    });
    for (const { token } of [first, second, third]) expect(await isLive(token)).toBe(false);
    expect(await isLive(other.token)).toBe(true);

    const again = await own.signIn(email);
    expect((await admin('POST', at('/sessions/revoke', own))).json).toEqual({ ended: 2 });
    for (const { token } of [again, other]) expect(await isLive(token)).toBe(false);
    expect((await flux.verify(elsewhere.token)).status).toBe(200);
    expect((await admin('POST', at('/sessions/revoke', own))).json).toEqual({ ended: 0 });
    expect(await isLive((await own.signIn(email)).token)).toBe(true);
    expectRefused(await admin('POST', '/flux/projects/none/sessions/revoke'), 404, 'not_found');
  });

  it('and their sessions are behind a wall: under another project’s path there are none [FX-05, J05]', async () => {
    const other = await createFluxProject(world);
    const { user, session, token } = await flux.signUp();
    for (const [method, path] of [
      ['GET', `/users/${user.id}`],
      ['DELETE', `/users/${user.id}`],
      ['POST', `/users/${user.id}/suspend`],
      ['POST', `/users/${user.id}/restore`],
      ['GET', `/users/${user.id}/sessions`],
      ['POST', `/users/${user.id}/sessions/revoke`],
      ['DELETE', `/sessions/${session.id}`],
    ] as const) {
      expectRefused(await admin(method, at(path, other)), 404, 'not_found');
      expectRefused(await admin(method, `/flux/projects/none${path}`), 404, 'not_found');
    }
    expect((await admin('GET', at(`/users?q=${user.id}`, other))).json).toMatchObject({ items: [] });
    expect((await admin('POST', at('/sessions/revoke', other))).json).toEqual({ ended: 0 });
    expect((await flux.verify(token)).json).toMatchObject({ user: { id: user.id } });
  });

  it('stand in the trail of their project with what was done to them [M04]', async () => {
    const { user, session } = await flux.signUp();
    await admin('POST', at(`/users/${user.id}/suspend`), {});
    await admin('POST', at(`/users/${user.id}/restore`));
    const { session: next } = await flux.signIn(user.email);
    await admin('DELETE', at(`/sessions/${next.id}`));
    await admin('DELETE', at(`/users/${user.id}`));
    const rows = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'actor_id'])
      .where('project_id', '=', flux.id)
      .where('user_id', '=', user.id)
      .orderBy('id')
      .execute();
    const done = rows.filter(({ actor_id }) => actor_id?.startsWith('tok_')).map(({ event }) => event);
    expect(done).toEqual(['user.suspended', 'user.restored', 'session.ended', 'user.deleted']);
    expect(session.id).not.toBe(next.id);
  });
});
