import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { isAuthError } from '../errors.ts';
import { grantAdministration, permissionsOfUser } from './access-store.ts';
import { NO_PERMISSIONS, type Permissions } from './is-allowed.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const STARS: Permissions = { admin: [{ section: '*', action: '*' }], resources: [] };
const READERS: Permissions = {
  admin: [{ section: 'users', action: 'read' }],
  resources: [{ namespace: 'ns', site: '*', resource: '*', action: 'read' }],
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'done',
    (thrown: unknown) => (isAuthError(thrown) ? thrown.code : String(thrown)),
  );
}

describe.each(DIALECTS)('named roles on %s', (dialect) => {
  let world: World;
  let projectId: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    projectId = world.instance.project.id;
  });
  afterAll(() => world.close());
  /** Each test begins without roles and without anybody's rights. */
  beforeEach(async () => {
    await world.instance.storage.db.deleteFrom('role').execute();
  });

  const roles = () => world.instance.roles;
  const rights = () => world.instance.userRights;
  const heldBy = (userId: string) => permissionsOfUser(world.instance.storage.db, userId);
  const actorOf = (userId: string) => ({ userId, sessionId: null, origin: null });

  async function administrator(): Promise<string> {
    const { userId } = await world.person();
    await world.instance.storage.transaction((tx) =>
      grantAdministration(tx, { projectId, userId, now: world.clock.now() }),
    );
    return userId;
  }

  it('give their rows to members, and take them away again, at the next look [J06]', async () => {
    const { userId } = await world.person();
    const role = { projectId, code: 'readers', actor: OPERATOR };
    await roles().create({ ...role, permissions: READERS });
    await roles().addMember({ ...role, userId });
    await roles().addMember({ ...role, userId });
    expect(await heldBy(userId)).toEqual(READERS);
    expect(await roles().members({ ...role, after: null, limit: 10 })).toEqual({
      userIds: [userId],
      next: null,
    });
    await roles().replacePermissions({ ...role, permissions: NO_PERMISSIONS });
    expect(await heldBy(userId)).toEqual(NO_PERMISSIONS);
    await roles().replacePermissions({ ...role, permissions: READERS });
    await roles().removeMember({ ...role, userId });
    expect(await heldBy(userId)).toEqual(NO_PERMISSIONS);
    expect(await codeOf(roles().removeMember({ ...role, userId }))).toBe('not-found');
    await roles().addMember({ ...role, userId });
    await roles().delete(role);
    expect(await heldBy(userId)).toEqual(NO_PERMISSIONS);
    expect(await codeOf(roles().read(role))).toBe('not-found');
    expect(await codeOf(roles().addMember({ ...role, userId }))).toBe('not-found');
  });

  it('are made once of fifty at the same time with one code', async () => {
    const role = { projectId, code: 'one', actor: OPERATOR, permissions: READERS };
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(roles().create(role))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'name-taken')).toHaveLength(49);
    expect((await roles().read(role)).permissions).toEqual(READERS);
  });

  it.each(['', 'a b', 'x'.repeat(101), 'é', 'a/b', '*'])('are not called %j', async (code) => {
    const wanted = { projectId, code, actor: OPERATOR, permissions: READERS };
    expect(await codeOf(roles().create(wanted))).toBe('name-refused');
  });

  it('let nobody grow by way of a role: not by making, editing or joining one [J03, E09]', async () => {
    const { userId } = await world.person();
    const actor = actorOf(userId);
    const own = { admin: [{ section: 'roles', action: '*' }], resources: [] };
    await rights().replace({ projectId, userId, permissions: own, roles: [], actor: OPERATOR });
    await roles().create({ projectId, code: 'strong', actor: OPERATOR, permissions: STARS });
    await roles().create({ projectId, code: 'mine', actor, permissions: own });

    const attempts = [
      roles().create({ projectId, code: 'new', actor, permissions: STARS }),
      roles().create({ projectId, code: 'new', actor, permissions: READERS }),
      roles().replacePermissions({ projectId, code: 'mine', actor, permissions: READERS }),
      roles().replacePermissions({ projectId, code: 'strong', actor, permissions: STARS }),
      roles().addMember({ projectId, code: 'strong', userId, actor }),
      rights().replace({ projectId, userId, permissions: STARS, roles: [], actor }),
      rights().replace({ projectId, userId, permissions: own, roles: ['strong'], actor }),
    ];
    expect(new Set(await Promise.all(attempts.map(codeOf)))).toEqual(new Set(['grant-exceeds-own']));
    expect(await heldBy(userId)).toEqual(own);
    expect((await roles().read({ projectId, code: 'mine' })).permissions).toEqual(own);
    expect(await codeOf(roles().read({ projectId, code: 'new' }))).toBe('not-found');
    expect(
      await codeOf(rights().replace({ projectId, userId, permissions: own, roles: ['none'], actor })),
    ).toBe('not-found');
  });

  it('always leave somebody who may administer everything', async () => {
    const last = await administrator();
    const { userId: other } = await world.person();
    const none = { projectId, permissions: NO_PERMISSIONS, roles: [], actor: OPERATOR };
    const suspending = { projectId, reason: null, actor: OPERATOR };
    const { users } = world.instance;
    expect(await codeOf(rights().replace({ ...none, userId: last }))).toBe('last-administrator');
    expect(await codeOf(users.suspend({ ...suspending, id: last }))).toBe('last-administrator');
    expect(await codeOf(users.suspend({ ...suspending, id: other }))).toBe('done');

    // A role does for a second administrator, as long as its member can sign in.
    const role = { projectId, code: 'admins', actor: OPERATOR };
    await roles().create({ ...role, permissions: STARS });
    await roles().addMember({ ...role, userId: other });
    expect(await codeOf(rights().replace({ ...none, userId: last }))).toBe('last-administrator');
    await users.restore({ projectId, id: other, actor: OPERATOR });
    expect(await codeOf(rights().replace({ ...none, userId: last }))).toBe('done');
    const attempts = [
      roles().delete(role),
      roles().removeMember({ ...role, userId: other }),
      roles().replacePermissions({ ...role, permissions: READERS }),
      users.suspend({ ...suspending, id: other }),
      rights().replace({ ...none, userId: other }),
    ];
    expect(new Set(await Promise.all(attempts.map(codeOf)))).toEqual(new Set(['last-administrator']));
    expect(await heldBy(other)).toEqual(STARS);
  });

  it('lets of two administrators who unseat each other at the same time only one succeed', async () => {
    for (let round = 0; round < 5; round++) {
      await world.instance.storage.db.deleteFrom('role').execute();
      const [one, two] = [await administrator(), await administrator()];
      const unseat = (userId: string) =>
        codeOf(
          rights().replace({
            projectId,
            userId,
            permissions: NO_PERMISSIONS,
            roles: [],
            actor: OPERATOR,
          }),
        );
      const suspend = (id: string) =>
        codeOf(world.instance.users.suspend({ projectId, id, reason: null, actor: OPERATOR }));
      const outcome = await Promise.all([unseat(one), suspend(two)]);
      expect(outcome.sort()).toEqual(['done', 'last-administrator']);
    }
  });

  it('are listed by code, by a part of it in any case, page by page', async () => {
    const codes = Array.from({ length: 25 }, (_, at) => `${at % 2 ? 'Team' : 'group'}_${at}`).sort();
    for (const code of codes)
      await roles().create({ projectId, code, actor: OPERATOR, permissions: READERS });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { roles: page, next } = await roles().list({ projectId, search: '', after, limit: 10 });
      seen.push(...page.map(({ code }) => code));
      expect(page.every(({ permissions }) => permissions.resources.length === 1)).toBe(true);
      after = next;
    } while (after !== null);
    expect(seen).toEqual(codes);
    const search = async (text: string) =>
      (await roles().list({ projectId, search: text, after: null, limit: 50 })).roles.length;
    expect(await search('TEAM')).toBe(12);
    expect(await search('am_1')).toBe(6);
    expect(await search('_')).toBe(25);
    expect(await search('%')).toBe(0);
  });
});
