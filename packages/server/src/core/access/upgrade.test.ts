import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrations } from '../../migrations.ts';
import { migrate, openStorage } from '../../storage/index.ts';
import { DIALECTS, freshDatabase } from '../../testing/index.ts';
import { administratorsExist, permissionsOfUser } from './access-store.ts';

/** Rights moved from users into roles here; the rows of before are those of a database in use. */
const MOVED = '2026-11-22-50-role';

describe.each(DIALECTS)('an upgrade on %s', (dialect) => {
  it('leaves administrators of before just the rights they had, and gives nobody any', async () => {
    const { databaseUrl, dataDir, drop } = await freshDatabase(dialect);
    const storage = await openStorage({
      ...{ databaseUrl, dataDir, poolSize: 2, nodeName: randomBytes(8).toString('hex') },
      onBackgroundError: () => undefined,
    });
    const { db } = storage;
    await migrate(
      storage,
      migrations.filter(({ name }) => name < MOVED),
      Date.now,
    );
    // In words of its own: the types are those of the newest tables.
    await sql`insert into project (id, slug, name, created_at) values ('p', 'default', 'Default', 1)`.execute(
      db,
    );
    for (const id of ['full', 'reader', 'nobody'])
      await sql`insert into "user" (id, project_id, status, created_at) values (${id}, 'p', 'active', 1)`.execute(
        db,
      );
    for (const [userId, section, action] of [
      ['full', '*', '*'],
      ['reader', 'users', 'read'],
      ['reader', 'audit', 'read'],
    ])
      await sql`insert into admin_row (project_id, user_id, section, action)
        values ('p', ${userId}, ${section}, ${action})`.execute(db);

    expect(await migrate(storage, migrations, Date.now)).toContain(MOVED);
    const heldBy = async (userId: string) => {
      const { admin, resources } = await permissionsOfUser(db, userId);
      return { admin: admin.map(({ section, action }) => `${section}:${action}`).sort(), resources };
    };
    expect(await heldBy('full')).toEqual({ admin: ['*:*'], resources: [] });
    expect(await heldBy('reader')).toEqual({ admin: ['audit:read', 'users:read'], resources: [] });
    expect(await heldBy('nobody')).toEqual({ admin: [], resources: [] });
    expect(await administratorsExist(db, 'p')).toBe(true);
    expect(await migrate(storage, migrations, Date.now)).toEqual([]);
    await storage.close();
    await drop();
  });
});
