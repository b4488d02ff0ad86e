import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    password_change: {
      ticket_hash: string;
      user_id: string;
      /** Ticket and proof are good in the session they were made in, and die with it. */
      session_id: string;
      /** Normal form of the address the codes go to; must still be the user's at the end. */
      address: string;
      proof_hash: string | null;
      completed_at: number | null;
      last_step_at: number;
      expires_at: number;
    };
  }
}

export const passwordChangeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-36-password-change',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('password_change')
        .addColumn('ticket_hash', text, (column) => column.primaryKey())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('session_id', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('proof_hash', text)
        .addColumn('completed_at', instant)
        .addColumn('last_step_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('password_change_by_user')
        .on('password_change')
        .column('user_id')
        .execute();
      await tx.schema
        .createIndex('password_change_by_expiry')
        .on('password_change')
        .column('expires_at')
        .execute();
    },
  },
];
