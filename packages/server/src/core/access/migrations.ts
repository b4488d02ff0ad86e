import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    admin_row: { project_id: string; user_id: string; section: string; action: string };
  }
}

export const accessMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-09-access',
    async up(tx, { text }) {
      await tx.schema
        .createTable('admin_row')
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('section', text, (column) => column.notNull())
        .addColumn('action', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('admin_row_key', ['project_id', 'user_id', 'section', 'action'])
        .execute();
    },
  },
];
