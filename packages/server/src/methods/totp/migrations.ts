import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    totp_credential: {
      user_id: string;
      /** The secret in base32, sealed. */
      sealed: string;
      /** Codes of this step and all before it are used up; 0 for none. */
      last_used_step: number;
      /** Null until a code has shown that the user has the secret; such a row opens nothing. */
      confirmed_at: number | null;
      created_at: number;
    };
  }
}

export const totpMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-30-totp',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('totp_credential')
        .addColumn('user_id', text, (column) => column.primaryKey().references('user.id').onDelete('cascade'))
        .addColumn('sealed', text, (column) => column.notNull())
        .addColumn('last_used_step', integer, (column) => column.notNull())
        .addColumn('confirmed_at', instant)
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
    },
  },
];
