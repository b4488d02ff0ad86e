import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    mailed_code: {
      /** Hash of ticket and purpose. */
      id: string;
      user_id: string;
      /** Where it was sent, as typed. */
      address: string;
      /** Hash of ticket and code: without the ticket, which is stored nowhere, 36^8 codes are soon tried out. Null once used. */
      code_hash: string | null;
      sent_at: number;
      expires_at: number;
      /** Wrong codes under this ticket so far; a new code does not begin again (B04). */
      wrong: number;
    };
  }
}

export const mailedCodeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-36-mailed-code',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('mailed_code')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('code_hash', text)
        .addColumn('sent_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('wrong', integer, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('mailed_code_by_user').on('mailed_code').column('user_id').execute();
      await tx.schema.createIndex('mailed_code_by_expiry').on('mailed_code').column('expires_at').execute();
    },
  },
];
