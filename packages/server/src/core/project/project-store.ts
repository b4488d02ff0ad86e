import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { type Database, prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { type ProjectSettings, projectSettingsSchema } from './settings.ts';

export interface Project {
  id: string;
  /** Letters in lower case, digits and hyphens: what people and URLs call it. */
  slug: string;
  name: string;
  settings: ProjectSettings;
  createdAt: number;
  updatedAt: number;
}

interface ProjectRow {
  id: string;
  slug: string;
  name: string;
  created_at: number;
  updated_at: number;
  settings: string;
}

export const DEFAULT_SLUG = 'default';

function projectFrom(row: ProjectRow): Project {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    settings: projectSettingsSchema.parse(JSON.parse(row.settings)),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The project every surface serves unless told otherwise; made on the first start, by whichever node is first. */
export async function ensureDefaultProject(db: Database, { clock, random }: Chance): Promise<Project> {
  const now = clock();
  await db
    .insertInto('project')
    .values({
      id: newId('proj', now, random),
      slug: DEFAULT_SLUG,
      name: 'Default',
      created_at: now,
      updated_at: now,
      settings: '{}',
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .execute();
  const row = await db
    .selectFrom('project')
    .selectAll()
    .where('slug', '=', DEFAULT_SLUG)
    .executeTakeFirstOrThrow();
  return projectFrom(row);
}

const findById = prepared((db, { id }: { id: string }) =>
  db.selectFrom('project').selectAll().where('id', '=', id),
);

export async function findProject(db: Queryable, id: string): Promise<Project | null> {
  const [row] = (await findById(db, { id })).rows;
  return row ? projectFrom(row) : null;
}

export async function findProjectBySlug(db: Queryable, slug: string): Promise<Project | null> {
  const row = await db.selectFrom('project').selectAll().where('slug', '=', slug).executeTakeFirst();
  return row ? projectFrom(row) : null;
}

/** Projects by their slugs, from the first after `after`. */
export async function listProjects(
  db: Queryable,
  { after, limit }: { after: string | null; limit: number },
): Promise<Project[]> {
  let select = db.selectFrom('project').selectAll().orderBy('slug').limit(limit);
  if (after !== null) select = select.where('slug', '>', after);
  return (await select.execute()).map(projectFrom);
}

/** False when the slug is another project's. */
export async function insertProject(tx: Transaction, project: Project): Promise<boolean> {
  const row = await tx
    .insertInto('project')
    .values({
      id: project.id,
      slug: project.slug,
      name: project.name,
      created_at: project.createdAt,
      updated_at: project.updatedAt,
      settings: JSON.stringify(project.settings),
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Holds the project's row until the transaction ends, so that of two changes the second builds on the first. */
export async function holdProject(tx: Transaction, id: string, now: number): Promise<Project | null> {
  const row = await tx
    .updateTable('project')
    .set({ updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row ? projectFrom(row) : null;
}

export async function saveProject(
  tx: Transaction,
  { id, name, settings }: Pick<Project, 'id' | 'name' | 'settings'>,
): Promise<void> {
  await tx
    .updateTable('project')
    .set({ name, settings: JSON.stringify(settings) })
    .where('id', '=', id)
    .execute();
}
