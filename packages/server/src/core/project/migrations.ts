import type { Migration } from '../../storage/index.ts';
import type { ProviderId } from './provider-settings.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    project: {
      id: string;
      slug: string;
      name: string;
      created_at: number;
      updated_at: number;
      /** JSON; what is not in it has its default value. */
      settings: string;
    };
    project_key: {
      id: string;
      project_id: string;
      kind: 'secret' | 'publishable';
      name: string;
      key_hash: string;
      preview: string;
      created_at: number;
      /** When a key stops working that was given an end, or was rotated; null for one that goes on. */
      expires_at: number | null;
      last_used_at: number | null;
      /** When somebody ended it; null for one that nobody ended. */
      revoked_at: number | null;
      /** The key that was made in its place; null for one that was not rotated. */
      replaced_by: string | null;
    };
    project_provider: {
      project_id: string;
      provider: ProviderId;
      client_id: string;
      /** Sealed with the instance key; null until one is given. */
      client_secret: string | null;
      /** JSON; what is not in it has its default value. */
      options: string;
      updated_at: number;
    };
  }
}

export const projectMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-01-project',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('project')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('slug', text, (column) => column.notNull().unique())
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '2026-11-22-60-project-key',
    async up(tx, { text, instant }) {
      await tx.schema
        .alterTable('project')
        .addColumn('updated_at', instant, (column) => column.notNull().defaultTo(0))
        .execute();
      await tx.schema
        .alterTable('project')
        .addColumn('settings', text, (column) => column.notNull().defaultTo('{}'))
        .execute();
      await tx.schema
        .createTable('project_key')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) =>
          column.notNull().references('project.id').onDelete('cascade'),
        )
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('key_hash', text, (column) => column.notNull().unique())
        .addColumn('preview', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant)
        .addColumn('last_used_at', instant)
        .execute();
      await tx.schema
        .createIndex('project_key_by_project')
        .on('project_key')
        .columns(['project_id', 'id'])
        .execute();
    },
  },
  {
    name: '2026-11-22-84-project-key-end',
    async up(tx, { text, instant }) {
      await tx.schema.alterTable('project_key').addColumn('revoked_at', instant).execute();
      await tx.schema.alterTable('project_key').addColumn('replaced_by', text).execute();
    },
  },
  {
    name: '2026-11-22-71-project-provider',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('project_provider')
        .addColumn('project_id', text, (column) =>
          column.notNull().references('project.id').onDelete('cascade'),
        )
        .addColumn('provider', text, (column) => column.notNull())
        .addColumn('client_id', text, (column) => column.notNull())
        .addColumn('client_secret', text)
        .addColumn('options', text, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('project_provider_key', ['project_id', 'provider'])
        .execute();
    },
  },
];
