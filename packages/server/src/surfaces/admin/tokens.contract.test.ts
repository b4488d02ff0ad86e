import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  AGENT_ROWS,
  createAdminKit,
  createWorld,
  DIALECTS,
  EVERYTHING,
  EVERYWHERE,
  expectRefused,
  type MadeToken,
  makeToken,
  newCode,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

type Token = MadeToken['token'];
type Kit = Awaited<ReturnType<typeof createAdminKit>>;
interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}

describe.each(DIALECTS)('API tokens over the admin API on %s', (dialect) => {
  let world: World;
  let root: AdminApi;
  let script: Kit['script'];
  let person: Kit['person'];
  let api: Kit['api'];
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    ({ root, script, person, api } = await createAdminKit(world));
    // Somebody is always left.
    await person({ admin: [EVERYTHING] });
  });
  afterAll(() => world.close());

  it('are shown once, then by their preview, and stand nowhere in the database (case 14) [E09, J07]', async () => {
    const { token, plain_token: plain } = await makeToken(root);
    expect(plain).toMatch(/^flecto_[A-Za-z0-9_-]{43}$/);
    expect(token).toMatchObject({
      preview: `${plain.slice(0, 11)}...${plain.slice(-4)}`,
      permissions: { admin: [], resources: AGENT_ROWS },
      expires_at: null,
      last_used_at: null,
    });
    const shown = [
      await root('GET', `/tokens/${token.id}`),
      await root('GET', '/tokens?limit=100'),
      await root('GET', '/audit?event=token.'),
      await root('PUT', `/tokens/${token.id}/permissions`, { resources: AGENT_ROWS }),
    ];
    const hash = await world.instance.storage.db
      .selectFrom('api_token')
      .select('token_hash')
      .where('id', '=', token.id)
      .executeTakeFirstOrThrow();
    for (const reply of shown) {
      expect(reply.status).toBe(200);
      expect(reply.text).toContain(token.id);
      expect(reply.text).not.toContain(plain.slice(7));
      expect(reply.text).not.toContain(hash.token_hash);
      expect(reply.headers.get('cache-control')).toBe('no-store');
    }
    expect(await dump()).not.toContain(plain.slice(7));
    expect(world.logLines.join('\n')).not.toContain(plain.slice(7));
  });

  /** Everything there is, as text; of SQLite the files themselves. */
  async function dump(): Promise<string> {
    if (dialect === 'sqlite')
      return ['', '-wal'].map((end) => readFileSync(`${world.dataDir}/fluxgate.db${end}`, 'latin1')).join('');
    const { db } = world.instance.storage;
    const tables = await db.introspection.getTables();
    const rows = await Promise.all(
      tables.map(({ name }) =>
        db
          .selectFrom(name as 'api_token')
          .selectAll()
          .execute(),
      ),
    );
    return JSON.stringify(rows);
  }

  it('are made once of fifty requests at the same time with one name [bug 1]', async () => {
    const name = newCode();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => root('POST', '/tokens', { name, permissions: {} })),
    );
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    const found = (await root('GET', `/tokens?query=${name}`)).json as Listed<Token>;
    expect(found.items.filter((token) => token.name === name)).toHaveLength(1);
  });

  it('open nothing in any other spelling [E10, bug 34]', async () => {
    const { plain_token: plain } = await makeToken(root, { admin: [EVERYTHING] });
    const statusOf = async (text: string) =>
      (await api({ authorization: `Bearer ${text}` })('GET', '/roles')).status;
    expect(await statusOf(plain)).toBe(200);
    const others = new Set([plain.toUpperCase(), plain.toLowerCase(), `${plain}A`, `${plain}=`, `A${plain}`]);
    for (let at = 0; at < plain.length; at++) {
      const letter = plain[at] ?? '';
      others.add(plain.slice(0, at)).add(plain.slice(at + 1));
      for (const flipped of [letter.toUpperCase(), letter.toLowerCase()])
        others.add(plain.slice(0, at) + flipped + plain.slice(at + 1));
    }
    others.delete(plain);
    for (const text of others) expect(await statusOf(text), text.slice(0, 12)).toBe(401);
    expect(await statusOf(plain)).toBe(200);
  });

  it('take an expiry in RFC 3339, and none for an empty one', async () => {
    const create = (expires_at: unknown) =>
      root('POST', '/tokens', { name: newCode(), permissions: {}, expires_at });
    const expiryOf = async (given: unknown) =>
      ((await create(given)).json as { token: { expires_at: string | null } }).token.expires_at;
    expect(await expiryOf('2030-01-31T12:00:00+02:00')).toBe('2030-01-31T10:00:00.000Z');
    expect(await expiryOf('2001-01-01T00:00:00Z')).toBe('2001-01-01T00:00:00.000Z');
    for (const none of ['', null, undefined]) expect(await expiryOf(none)).toBeNull();
    for (const wrong of ['tomorrow', '2030-01-31', '2030-13-01T00:00:00Z', 7, {}])
      expectRefused(await create(wrong), 400, 'invalid_request');
  });

  it('are refused with words that mean nothing, and a name that is taken or none', async () => {
    const row = AGENT_ROWS[0] ?? {};
    const { token } = await makeToken(root);
    const wrong: object[] = [
      { admin: [{ section: 'user', action: 'read' }] },
      { admin: [{ section: 'users', action: 'any' }] },
      { resources: [{ ...row, resource: 'any' }] },
      { resources: [{ ...row, project: 'a b' }] },
      { resources: [{ ...row, namespace: 'x'.repeat(51) }] },
      { resources: [{ namespace: 'ns' }] },
      { resources: Array.from({ length: 101 }, (_, at) => ({ ...row, project: `p${at}` })) },
      {
        resources: Array.from({ length: 60 }, (_, at) => ({ ...row, project: `p${at}` })),
        admin: Array.from({ length: 60 }, () => EVERYTHING),
      },
      { admin: 'all' },
    ];
    for (const permissions of wrong) {
      const text = JSON.stringify(permissions).slice(0, 80);
      const created = await root('POST', '/tokens', { name: newCode(), permissions });
      expect(created.status, text).toBe(400);
      const changed = await root('PUT', `/tokens/${token.id}/permissions`, permissions);
      expect(changed.status, text).toBe(400);
    }
    expect((await root('GET', `/tokens/${token.id}`)).json).toMatchObject({
      permissions: { resources: AGENT_ROWS },
    });
    for (const name of ['', 'a b', 'a.b', 'x'.repeat(301), 'é', 7])
      expect((await root('POST', '/tokens', { name, permissions: {} })).status).toBe(400);
    const again = await root('POST', '/tokens', { name: token.name, permissions: {} });
    expectRefused(again, 409, 'name_taken');
  });

  it('cannot be given another name, expiry or past by who replaces their permissions [J03]', async () => {
    const { token } = await makeToken(root);
    const reply = await root('PUT', `/tokens/${token.id}/permissions`, {
      ...{ name: 'other', expires_at: '2030-01-01T00:00:00Z', id: 'tok_other', token_hash: 'x' },
      admin: [{ section: 'users', action: 'read', is_administrator: true }],
    });
    expect(reply.json).toMatchObject({
      ...{ id: token.id, name: token.name, expires_at: null, preview: token.preview },
      permissions: { admin: [{ section: 'users', action: 'read' }], resources: [] },
    });
  });

  it('are found by part of a name or preview, and paged in each order, every one once [bug 71]', async () => {
    const world2 = await script({ admin: [{ section: 'tokens', action: '*' }] });
    const names = Array.from({ length: 23 }, (_, at) => `Paged_${String.fromCharCode(97 + (at % 7))}${at}`);
    for (const name of names) {
      world.clock.advance(1);
      await makeToken(root, {}, name);
    }
    async function walk(query: string): Promise<Token[]> {
      const items: Token[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const reply = await world2('GET', `/tokens?limit=5&query=PAGED_&${query}&cursor=${cursor}`);
        expect(reply.status, reply.text).toBe(200);
        const page = reply.json as Listed<Token>;
        items.push(...page.items);
        cursor = page.next_cursor === null ? null : encodeURIComponent(page.next_cursor);
      }
      return items;
    }
    const sorted = [...names].sort();
    const namesOf = (items: Token[]) => items.map(({ name }) => name);
    expect(namesOf(await walk(''))).toEqual([...names].reverse());
    expect(namesOf(await walk('sort=created&order=asc'))).toEqual(names);
    expect(namesOf(await walk('sort=name&order=asc'))).toEqual(sorted);
    expect(namesOf(await walk('sort=name&order=desc'))).toEqual([...sorted].reverse());

    const [first] = (await world2('GET', '/tokens?query=Paged_&limit=1')).json
      ? ((await world2('GET', '/tokens?query=Paged_&limit=1')).json as Listed<Token>).items
      : [];
    const byPreview = (await world2('GET', `/tokens?query=${first?.preview.slice(-4)}`))
      .json as Listed<Token>;
    expect(byPreview.items.map(({ id }) => id)).toContain(first?.id);
    for (const query of ['%25', 'Paged%25', 'Pagedx', "' or 1=1 --"])
      expect(((await world2('GET', `/tokens?query=${query}`)).json as Listed<Token>).items).toEqual([]);

    const { next_cursor: cursor } = (await world2('GET', '/tokens?limit=1')).json as Listed<Token>;
    for (const forged of [
      'x',
      Buffer.from('{"sort":"name","key":"","id":""}').toString('base64url'),
      `${cursor?.slice(0, -2)}AA`,
    ])
      expect((await world2('GET', `/tokens?cursor=${encodeURIComponent(forged)}`)).status).toBe(400);
    const inOtherOrder = `/tokens?sort=name&cursor=${encodeURIComponent(cursor ?? '')}`;
    expect((await world2('GET', inOtherOrder)).status).toBe(400);
  });

  it('open this API as long as they may, and no longer: at the next request, and at another node within a second [J06, bug 30, bug 33]', async () => {
    const { databaseUrl, dataDir, clock } = world;
    const database = { databaseUrl, dataDir };
    const other = await createWorld({ dialect, database, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const { token, plain_token: plain } = await makeToken(root, {
      admin: [{ section: 'roles', action: 'read' }],
    });
    const headers = { authorization: `Bearer ${plain}` };
    const onBoth = async () => [
      (await world.client().get('/admin/v1/roles', headers)).status,
      (await other.client().get('/admin/v1/roles', headers)).status,
    ];
    await until(async () => (await onBoth()).every((status) => status === 200));
    await root('PUT', `/tokens/${token.id}/permissions`, { admin: [{ section: 'users', action: 'read' }] });
    expect((await onBoth())[0]).toBe(403);
    await withinASecond(async () => (await onBoth())[1] === 403);
    await root('PUT', `/tokens/${token.id}/permissions`, { admin: [{ section: 'roles', action: '*' }] });
    expect((await onBoth())[0]).toBe(200);
    await withinASecond(async () => (await onBoth())[1] === 200);
    expect((await root('DELETE', `/tokens/${token.id}`)).status).toBe(204);
    expect((await onBoth())[0]).toBe(401);
    await withinASecond(async () => (await onBoth())[1] === 401);
    expectRefused(await root('DELETE', `/tokens/${token.id}`), 404, 'not_found');
    await other.close();
  });

  it('do not outlive their expiry on this API, and outlive whoever made them', async () => {
    const maker = await person({ admin: [EVERYTHING], resources: [EVERYWHERE] });
    const permissions = { admin: [{ section: 'roles', action: 'read' }] };
    const expires_at = new Date(world.clock.now() + 60_000).toISOString();
    const reply = await maker('POST', '/tokens', { name: newCode(), permissions, expires_at });
    const short = api({ authorization: `Bearer ${(reply.json as MadeToken).plain_token}` });
    const { plain_token: plain } = await makeToken(maker, permissions);
    expect((await short('GET', '/roles')).status).toBe(200);
    expect((await root('DELETE', `/users/${maker.userId}`)).status).toBe(204);
    expect((await maker('GET', '/users')).status).toBe(401);
    world.clock.advance(60_000);
    expect((await short('GET', '/roles')).status).toBe(200);
    world.clock.advance(1);
    expect((await short('GET', '/roles')).status).toBe(401);
    expect((await api({ authorization: `Bearer ${plain}` })('GET', '/roles')).status).toBe(200);
  });

  it('leave their name in the audit trail, and give none to people', async () => {
    const name = newCode();
    const acting = await script({ admin: [{ section: 'roles', action: '*' }], resources: [] }, name);
    const code = newCode();
    expect((await acting('POST', '/roles', { code, permissions: {} })).status).toBe(200);
    const trail = (await root('GET', '/audit?event=role.created&limit=1')).json as Listed<object>;
    expect(trail.items).toMatchObject([
      {
        actor_id: expect.stringMatching(/^tok_/),
        session_id: null,
        details: { role: code, actor_token: name },
      },
    ]);
  });
});
