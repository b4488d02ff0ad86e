import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    password_credential: { user_id: string; hash: string; changed_at: number };
  }
}

export const passwordMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-10-password',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('password_credential')
        .addColumn('user_id', text, (column) => column.primaryKey().references('user.id').onDelete('cascade'))
        .addColumn('hash', text, (column) => column.notNull())
        .addColumn('changed_at', instant, (column) => column.notNull())
        .execute();
    },
  },
];
