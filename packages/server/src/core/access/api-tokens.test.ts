import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, until, type World, withinASecond } from '../../testing/index.ts';
import { isAuthError } from '../errors.ts';
import type { Permissions } from './is-allowed.ts';
import { NO_PERMISSIONS } from './is-allowed.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const AGENT: Permissions = {
  admin: [],
  resources: [
    { namespace: 'ns', site: 'p', resource: 'agent', action: 'write' },
    { namespace: 'ns', site: 'p', resource: 'redirect', action: 'read' },
  ],
};
const DAY = 86_400_000;

let made = 0;
const newName = () => `agent-${made++}`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return isAuthError(error) ? error.code : String(error);
}

describe.each(DIALECTS)('API tokens on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  const project = () => world.instance.project.id;
  const tokens = () => world.instance.apiTokens;
  function create(wanted: Partial<Parameters<World['instance']['apiTokens']['create']>[0]> = {}) {
    const defaults = { projectId: project(), name: newName(), expiresAt: null, actor: OPERATOR };
    return tokens().create({ ...defaults, permissions: AGENT, ...wanted });
  }
  async function recordsOf(tokenId: string): Promise<string[]> {
    const rows = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'details'])
      .where('details', 'like', `%${tokenId}%`)
      .orderBy('id')
      .execute();
    return rows.map(({ event }) => event);
  }

  it('are told once, in the form of the contract, and are known by their hash alone afterwards [E09]', async () => {
    const { token, plain } = await create({ name: 'traefik-production' });
    expect(plain).toMatch(/^flecto_[A-Za-z0-9_-]{43}$/);
    expect(token.preview).toBe(`${plain.slice(0, 11)}...${plain.slice(-4)}`);
    expect(await tokens().find(plain)).toEqual({
      id: token.id,
      name: 'traefik-production',
      projectId: project(),
      permissions: AGENT,
    });
    const rows = JSON.stringify(
      await world.instance.storage.db.selectFrom('api_token').selectAll().execute(),
    );
    expect(rows).toContain(token.preview);
    expect(rows).not.toContain(plain);
    expect(rows).not.toContain(plain.slice(7));
    const listed = await tokens().read({ projectId: project(), name: 'traefik-production' });
    expect(listed).toEqual(token);
    expect(JSON.stringify(listed)).not.toContain(plain);
    expect(await recordsOf(token.id)).toEqual(['token.created']);
  });

  it('open nothing when they are cut, lengthened or differ in one letter [E10, bug 34]', async () => {
    const { plain } = await create();
    for (let length = 0; length < plain.length; length++)
      expect(await tokens().find(plain.slice(0, length))).toBeNull();
    for (const more of ['A', '=', ' ', '\n', '\0']) {
      expect(await tokens().find(plain + more)).toBeNull();
      expect(await tokens().find(more + plain)).toBeNull();
    }
    for (let at = 0; at < plain.length; at++) {
      const letter = plain[at] ?? '';
      for (const other of [letter.toUpperCase(), letter.toLowerCase(), letter === 'A' ? 'B' : 'A'])
        if (other !== letter)
          expect(await tokens().find(plain.slice(0, at) + other + plain.slice(at + 1))).toBeNull();
    }
    expect(await tokens().find(plain)).not.toBeNull();
  });

  it('expire strictly after their time, also when they are remembered [bug 10]', async () => {
    const { token, plain } = await create({ expiresAt: world.clock.now() + DAY });
    const never = await create();
    world.clock.advance(DAY);
    expect(await tokens().find(plain)).toMatchObject({ id: token.id });
    world.clock.advance(1);
    expect(await tokens().find(plain)).toBeNull();
    expect(await tokens().find(never.plain)).not.toBeNull();
    const past = await create({ expiresAt: world.clock.now() - 1 });
    expect(await tokens().find(past.plain)).toBeNull();
  });

  it.each(['', 'a b', 'a.b', 'ä', 'a'.repeat(301), "a'--", 'a\n', 'a/b', 'a\0'])(
    'are not called %j',
    async (name) => {
      expect(await codeOf(create({ name }))).toBe('name-refused');
    },
  );

  it('may be called by 300 letters, and no two by the same name', async () => {
    const name = 'N-_9'.repeat(75);
    const { token } = await create({ name });
    expect(await codeOf(create({ name }))).toBe('name-taken');
    await tokens().delete({ projectId: project(), id: token.id, actor: OPERATOR });
    expect((await create({ name })).token.id).not.toBe(token.id);
  });

  it('are made once of fifty at the same time with one name [bug 1]', async () => {
    const name = newName();
    const tries = await Promise.all(
      Array.from({ length: 50 }, () =>
        create({ name }).then(
          ({ plain }) => plain,
          (error: unknown) => (isAuthError(error) ? error.code : String(error)),
        ),
      ),
    );
    expect(tries.filter((text) => text.startsWith('flecto_'))).toHaveLength(1);
    expect(tries.filter((text) => text === 'name-taken')).toHaveLength(49);
    const roles = await world.instance.storage.db
      .selectFrom('role')
      .innerJoin('api_token', 'api_token.id', 'role.token_id')
      .select('role.id')
      .where('api_token.name', '=', name)
      .execute();
    expect(roles).toHaveLength(1);
  });

  it('take rows of the closed words alone, each once, and a hundred at most', async () => {
    const row = { namespace: 'ns', site: 'p', resource: 'redirect', action: 'read' };
    const wrong: Permissions[] = [
      { admin: [{ section: 'user', action: 'read' }], resources: [] },
      { admin: [{ section: 'users', action: 'Read' }], resources: [] },
      { admin: [{ section: '', action: '' }], resources: [] },
      { admin: [], resources: [{ ...row, resource: 'any' }] },
      { admin: [], resources: [{ ...row, action: 'delete' }] },
      { admin: [], resources: [{ ...row, namespace: 'a b' }] },
      { admin: [], resources: [{ ...row, namespace: '' }] },
      { admin: [], resources: [{ ...row, site: '**' }] },
      { admin: [], resources: [{ ...row, site: 'p*' }] },
      { admin: [], resources: [{ ...row, site: 'x'.repeat(51) }] },
      { admin: [], resources: Array.from({ length: 101 }, (_, at) => ({ ...row, site: `p${at}` })) },
    ];
    for (const permissions of wrong)
      expect(await codeOf(create({ permissions })), JSON.stringify(permissions).slice(0, 99)).toBe(
        'permissions-refused',
      );
    const star = { namespace: '*', site: 'x'.repeat(50), resource: '*', action: '*' };
    const { token } = await create({ permissions: { admin: [], resources: [row, star, { ...row }] } });
    const { permissions } = await tokens().read({ projectId: project(), id: token.id });
    expect(permissions).toEqual({ admin: [], resources: [star, row] });
  });

  it('follow a change of their rows, and their deletion, at the next use [J06, bug 30, bug 33]', async () => {
    const { token, plain } = await create();
    await until(() => world.instance.storage.channel.isProven());
    expect(await tokens().find(plain)).toMatchObject({ permissions: AGENT });
    expect(await tokens().find(plain)).toMatchObject({ permissions: AGENT });
    const change = { projectId: project(), id: token.id, actor: OPERATOR };
    world.clock.advance(5);
    const changed = await tokens().replacePermissions({ ...change, permissions: NO_PERMISSIONS });
    expect(changed).toMatchObject({ permissions: NO_PERMISSIONS, createdAt: token.createdAt });
    expect(changed.updatedAt).toBe(token.updatedAt + 5);
    expect(await tokens().find(plain)).toMatchObject({ permissions: NO_PERMISSIONS });
    await tokens().delete(change);
    expect(await tokens().find(plain)).toBeNull();
    expect(await codeOf(tokens().delete(change))).toBe('not-found');
    expect(await codeOf(tokens().replacePermissions({ ...change, permissions: AGENT }))).toBe('not-found');
    expect(await codeOf(tokens().read({ projectId: project(), id: token.id }))).toBe('not-found');
    expect(await recordsOf(token.id)).toEqual(['token.created', 'token.changed', 'token.deleted']);
    const rest = await world.instance.storage.db
      .selectFrom('role_resource_row')
      .select('role_id')
      .where('role_id', '=', `role_${token.id}`)
      .execute();
    expect(rest).toEqual([]);
  });

  it('follow a change made on another node within a second [J06, bug 30]', async () => {
    const { databaseUrl, dataDir, clock } = world;
    const other = await createWorld({ dialect, database: { databaseUrl, dataDir }, clock });
    const { token, plain } = await create();
    await until(() => world.instance.storage.channel.isProven());
    await until(() => other.instance.storage.channel.isProven());
    expect(await other.instance.apiTokens.find(plain)).toMatchObject({ permissions: AGENT });
    const change = { projectId: project(), id: token.id, actor: OPERATOR };
    await tokens().replacePermissions({ ...change, permissions: NO_PERMISSIONS });
    await withinASecond(
      async () => (await other.instance.apiTokens.find(plain))?.permissions.resources.length === 0,
    );
    await other.instance.apiTokens.delete(change);
    await withinASecond(async () => (await tokens().find(plain)) === null);
    await other.close();
  });

  it('are remembered, so that the next use asks no database', async () => {
    const { plain } = await create();
    await until(() => world.instance.storage.channel.isProven());
    // The word of its own creation may still be on its way, and is heeded.
    await until(async () => {
      const first = await tokens().find(plain);
      return first !== null && (await tokens().find(plain))?.permissions === first.permissions;
    });
  });

  it('note their last use, once a minute at most', async () => {
    const { token, plain } = await create();
    const lastUse = async () => (await tokens().read({ projectId: project(), id: token.id })).lastUsedAt;
    expect(await lastUse()).toBeNull();
    const first = world.clock.now();
    await tokens().find(plain);
    await until(async () => (await lastUse()) === first);
    world.clock.advance(59_999);
    await tokens().find(plain);
    world.clock.advance(1);
    await tokens().find(plain);
    await until(async () => (await lastUse()) === first + 60_000);
  });

  it('are given no more than their maker holds at that moment [E09, J03]', async () => {
    const { userId } = await world.person();
    const actor = { userId, sessionId: null, origin: null };
    const mine = { id: `role_user_${userId}`, user_id: userId, project_id: project(), code: null };
    const { db } = world.instance.storage;
    await db
      .insertInto('role')
      .values({ ...mine, created_at: 0, updated_at: 0 })
      .execute();
    const row = { role_id: mine.id, namespace: 'ns', site: '*', resource: '*', action: '*' };
    await db.insertInto('role_resource_row').values(row).execute();
    const admin = { admin: [{ section: 'tokens', action: 'write' }], resources: [] };
    expect(await codeOf(create({ actor, permissions: admin }))).toBe('grant-exceeds-own');
    const { token } = await create({ actor });
    const change = { projectId: project(), id: token.id, actor };
    const wider = { admin: [], resources: [{ ...row, namespace: '*' }] };
    expect(await codeOf(tokens().replacePermissions({ ...change, permissions: wider }))).toBe(
      'grant-exceeds-own',
    );
    // What a maker lost is theirs to give no longer, whatever the token in their name still holds.
    await db.deleteFrom('role_resource_row').where('role_id', '=', mine.id).execute();
    expect(await codeOf(tokens().replacePermissions({ ...change, permissions: AGENT }))).toBe(
      'grant-exceeds-own',
    );
    expect(await codeOf(create({ actor }))).toBe('grant-exceeds-own');
    expect(await tokens().read({ projectId: project(), id: token.id })).toMatchObject({
      permissions: { resources: [expect.anything(), expect.anything()] },
    });
    expect(await recordsOf(token.id)).toEqual(['token.created']);
  });
});
