import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    step_up_ticket: {
      /** SHA-256 of the ticket, which only the browser carries. */
      hash: string;
      project_id: string;
      session_id: string;
      /** Where the browser is led afterwards. */
      redirect_url: string;
      /** The app's own, handed back as it came. */
      state: string | null;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const stepUpMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-80-step-up-ticket',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('step_up_ticket')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('session_id', text, (column) => column.notNull())
        .addColumn('redirect_url', text, (column) => column.notNull())
        .addColumn('state', text)
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema
        .createIndex('step_up_ticket_by_expiry')
        .on('step_up_ticket')
        .column('expires_at')
        .execute();
    },
  },
];
