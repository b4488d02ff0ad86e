import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    vapid_key: {
      /** Always `own`: all nodes have one pair, or devices of the one would be strangers to the others. */
      id: string;
      private_sealed: string;
      created_at: number;
    };
  }
}

export const vapidMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-37-vapid-key',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('vapid_key')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('private_sealed', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
    },
  },
];
