import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    event: {
      /** Sorts by time, and by order within one process. */
      id: string;
      at: number;
      kind: 'user-changed' | 'sessions-ended' | 'session-replaced' | 'project-changed' | 'keys-rotated';
      /** Whose event it is; null for what concerns all projects, and in rows from before there was this column. */
      project_id: string | null;
      /** No reference: the event of a user's end outlives the user, for an hour. Empty where it is of no user. */
      user_id: string;
      /** JSON: `{hashes, ids}` of the sessions that ended, or `{old, new, sealed}` with the new token sealed, or `{}`. */
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
  {
    name: '2026-11-22-62-event-project',
    async up(tx, { text }) {
      await tx.schema.alterTable('event').addColumn('project_id', text).execute();
    },
  },
];
