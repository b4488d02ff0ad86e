import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    counter: { key: string; count: number; expires_at: number };
  }
}

export const abuseMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-05-counter',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('counter')
        .addColumn('key', text, (column) => column.primaryKey())
        .addColumn('count', integer, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('counter_by_expiry').on('counter').column('expires_at').execute();
    },
  },
];
