import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    email_change: {
      ticket_hash: string;
      project_id: string;
      user_id: string;
      /** Tickets, proofs and the token are good in the session they were made in, and die with it. */
      session_id: string;
      /** `bounced`: the mailbox given up is known to be gone, and nobody is asked to prove it. */
      kind: 'proved' | 'bounced';
      /** Normal form of the address given up; must still be the user's at the end. Null for an account without one. */
      original: string | null;
      needs_original: number;
      /** Sealed, because the contract shows it again; null until there is one. */
      original_proof: string | null;
      /** As typed. */
      new_address: string | null;
      completed_at: number | null;
      token_hash: string | null;
      token_expires_at: number | null;
      token_used_at: number | null;
      last_step_at: number;
      expires_at: number;
    };
  }
}

export const contactChangeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-36-contact-change',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('email_change')
        .addColumn('ticket_hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('session_id', text, (column) => column.notNull())
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('original', text)
        .addColumn('needs_original', integer, (column) => column.notNull())
        .addColumn('original_proof', text)
        .addColumn('new_address', text)
        .addColumn('completed_at', instant)
        .addColumn('token_hash', text, (column) => column.unique())
        .addColumn('token_expires_at', instant)
        .addColumn('token_used_at', instant)
        .addColumn('last_step_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('email_change_by_user').on('email_change').column('user_id').execute();
      await tx.schema.createIndex('email_change_by_expiry').on('email_change').column('expires_at').execute();
    },
  },
];
