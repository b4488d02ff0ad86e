import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    project: { id: string; slug: string; name: string; created_at: number };
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
];
