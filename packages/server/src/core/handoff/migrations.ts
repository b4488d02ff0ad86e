import type { Migration } from '../../storage/index.ts';

/**
 * `pending`: waits for somebody to approve. `completed`: a session waits to be fetched. The others are ends, kept
 * for a while so that an app that asks once more is told from somebody who guesses.
 */
export type HandoffState = 'pending' | 'completed' | 'fetched' | 'cancelled' | 'expired';

declare module '../../storage/database.ts' {
  interface Tables {
    handoff: {
      /** SHA-256 of the code without its hyphen. */
      code_hash: string;
      project_id: string;
      state: HandoffState;
      /** Of the app that began it; the session is described by these. */
      address: string;
      source: string;
      network: string;
      user_agent: string | null;
      is_desktop: number;
      created_at: number;
      expires_at: number;
      /** Who completed it, and the session that was made. */
      user_id: string | null;
      session_id: string | null;
      /** The session's token, sealed with the instance key; only while it waits to be fetched. */
      sealed_token: string | null;
    };
  }
}

export const handoffMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-35-handoff',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('handoff')
        .addColumn('code_hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('source', text, (column) => column.notNull())
        .addColumn('network', text, (column) => column.notNull())
        .addColumn('user_agent', text)
        .addColumn('is_desktop', integer, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.references('user.id').onDelete('cascade'))
        .addColumn('session_id', text)
        .addColumn('sealed_token', text)
        .execute();
      await tx.schema
        .createIndex('handoff_by_expiry')
        .on('handoff')
        .columns(['state', 'expires_at'])
        .execute();
      await tx.schema.createIndex('handoff_by_user').on('handoff').column('user_id').execute();
    },
  },
];
