import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    /** There is a row while codes may be sent to the user's phone to sign in with. */
    sms_credential: { user_id: string; enabled_at: number };
  }
}

export const smsCodeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-32-sms-credential',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('sms_credential')
        .addColumn('user_id', text, (column) => column.primaryKey().references('user.id').onDelete('cascade'))
        .addColumn('enabled_at', instant, (column) => column.notNull())
        .execute();
    },
  },
];
