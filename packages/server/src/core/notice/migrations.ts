import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    push_subscription: {
      id: string;
      user_id: string;
      /** SHA-256 of the endpoint: one browser is one device, whoever is signed in to it. */
      endpoint_hash: string;
      /** Endpoint and keys as JSON: whoever has them can send to the device. */
      sealed: string;
      user_agent: string | null;
      created_at: number;
      /** Tries in a row that failed. */
      failures: number;
    };
  }
}

export const noticeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-37-push-subscription',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('push_subscription')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('endpoint_hash', text, (column) => column.notNull().unique())
        .addColumn('sealed', text, (column) => column.notNull())
        .addColumn('user_agent', text)
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('failures', integer, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('push_subscription_by_user')
        .on('push_subscription')
        .columns(['user_id', 'created_at'])
        .execute();
    },
  },
];
