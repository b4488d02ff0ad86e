import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    event: {
      /** Sorts by time, and by order within one process. */
      id: string;
      at: number;
      kind: 'user-changed' | 'sessions-ended' | 'session-replaced';
      /** No reference: the event of a user's end outlives the user, for an hour. */
      user_id: string;
      /** JSON: `{hashes}` of the tokens that ended, or `{old, new, sealed}` with the new token sealed, or `{}`. */
      payload: string;
    };
  }
}

export const eventMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-39-event',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('event')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('at', instant, (column) => column.notNull())
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull())
        .addColumn('payload', text, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('event_by_time').on('event').column('at').execute();
    },
  },
];
