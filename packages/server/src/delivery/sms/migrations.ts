import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    sms_code: {
      reference: string;
      hash: string;
      attempts: number;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const smsMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-32-sms-code',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('sms_code')
        .addColumn('reference', text, (column) => column.primaryKey())
        .addColumn('hash', text, (column) => column.notNull())
        .addColumn('attempts', integer, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema.createIndex('sms_code_by_expiry').on('sms_code').column('expires_at').execute();
    },
  },
];
