import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import type { Database } from '../../storage/index.ts';

export interface Project {
  id: string;
  slug: string;
  name: string;
}

/** The project every surface serves unless told otherwise; made on the first start, by whichever node is first. */
export async function ensureDefaultProject(db: Database, { clock, random }: Chance): Promise<Project> {
  const now = clock();
  await db
    .insertInto('project')
    .values({ id: newId('proj', now, random), slug: 'default', name: 'Default', created_at: now })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .execute();
  return await db
    .selectFrom('project')
    .select(['id', 'slug', 'name'])
    .where('slug', '=', 'default')
    .executeTakeFirstOrThrow();
}
